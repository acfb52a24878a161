package main_test

import (
	"fmt"
	"go/ast"
	"maps"
	"regexp"
	"strconv"
	"strings"
)

// effect is what statements do to one table.
type effect struct {
	adds    bool
	deletes bool
	columns map[string]bool // changed in rows that are there
}

// effects are what statements do, by table.
type effects map[string]*effect

func (e effects) of(table string) *effect {
	if e[table] == nil {
		e[table] = &effect{columns: map[string]bool{}}
	}
	return e[table]
}

func (e effects) join(other effects) {
	for table, o := range other {
		mine := e.of(table)
		mine.adds, mine.deletes = mine.adds || o.adds, mine.deletes || o.deletes
		maps.Copy(mine.columns, o.columns)
	}
}

// sqlReader finds out what the functions of common/store write, from their text.
type sqlReader struct {
	texts    map[string]string          // constants of the package
	funcs    map[string][]*ast.FuncDecl // by name, whatever the receiver: the faces of a transaction share names and work
	unclear  []string                   // statements that it cannot read
	reaches  map[string]effects         // by function, with everything it calls
	visiting map[string]bool
}

func newSQLReader(sources []*source) *sqlReader {
	r := &sqlReader{texts: map[string]string{}, funcs: map[string][]*ast.FuncDecl{}, reaches: map[string]effects{}, visiting: map[string]bool{}}
	for _, s := range sources {
		if s.dir != "common/store" || s.test || s.path == "common/store/measure.go" { // which is for measuring only
			continue
		}
		for _, decl := range s.file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				r.funcs[d.Name.Name] = append(r.funcs[d.Name.Name], d)
			case *ast.GenDecl:
				r.constants(d)
			}
		}
	}
	return r
}

func (r *sqlReader) constants(d *ast.GenDecl) {
	for _, spec := range d.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		for i, name := range v.Names {
			if i < len(v.Values) {
				if value := r.text(v.Values[i], nil); value != "" {
					r.texts[name.Name] = value
				}
			}
		}
	}
}

// unknown stands in a statement for what is not in the source.
const unknown = "¿"

// text is the value of an expression as far as the source tells it.
func (r *sqlReader) text(x ast.Expr, in *ast.FuncDecl) string {
	switch x := x.(type) {
	case *ast.BasicLit:
		value, err := strconv.Unquote(x.Value)
		if err == nil {
			return value
		}
	case *ast.BinaryExpr:
		return r.text(x.X, in) + r.text(x.Y, in)
	case *ast.ParenExpr:
		return r.text(x.X, in)
	case *ast.Ident:
		if value, known := r.texts[x.Name]; known {
			return value
		}
		if value := assigned(in, x.Name); value != nil {
			return r.text(value, nil)
		}
	case *ast.CallExpr:
		if name := called(x); name == "qualified" && len(x.Args) > 1 {
			return strings.Join(r.list(x.Args[1], in), ", ")
		}
	}
	return unknown
}

// list is the value of a list of column names.
func (r *sqlReader) list(x ast.Expr, in *ast.FuncDecl) []string {
	switch x := x.(type) {
	case *ast.CompositeLit:
		out := make([]string, 0, len(x.Elts))
		for _, e := range x.Elts {
			out = append(out, r.text(e, in))
		}
		return out
	case *ast.Ident:
		return r.list(assigned(in, x.Name), in)
	case *ast.SliceExpr:
		return cut(r.list(x.X, in), x)
	case *ast.CallExpr:
		return r.callList(x, in)
	}
	return []string{unknown}
}

func cut(all []string, x *ast.SliceExpr) []string {
	bound := func(e ast.Expr, otherwise int) int {
		lit, ok := e.(*ast.BasicLit)
		if !ok {
			return otherwise
		}
		n, _ := strconv.Atoi(lit.Value)
		return n
	}
	low, high := bound(x.Low, 0), bound(x.High, len(all))
	if low > high || high > len(all) {
		return []string{unknown}
	}
	return all[low:high]
}

func (r *sqlReader) callList(x *ast.CallExpr, in *ast.FuncDecl) []string {
	switch name := called(x); {
	case name == "append" || name == "Concat":
		var out []string
		for i, arg := range x.Args {
			if name == "append" && i > 0 && x.Ellipsis == 0 {
				out = append(out, r.text(arg, in))
				continue
			}
			out = append(out, r.list(arg, in)...)
		}
		return out
	case name == "Fields":
		return strings.Fields(r.text(x.Args[0], in))
	case len(r.funcs[name]) == 1 && len(x.Args) == 0: // a list by itself: moveSet()
		body := r.funcs[name][0].Body.List
		if ret, ok := body[len(body)-1].(*ast.ReturnStmt); ok && len(ret.Results) == 1 {
			return r.list(ret.Results[0], r.funcs[name][0])
		}
	}
	return []string{unknown}
}

// called is the name of the function or method a call is of.
func called(x *ast.CallExpr) string {
	switch f := x.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// assigned is what a name of a function is set to first.
func assigned(in *ast.FuncDecl, name string) ast.Expr {
	var out ast.Expr
	if in == nil {
		return nil
	}
	ast.Inspect(in, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || out != nil || len(a.Lhs) != len(a.Rhs) {
			return out == nil
		}
		for i, left := range a.Lhs {
			if id, ok := left.(*ast.Ident); ok && id.Name == name {
				out = a.Rhs[i]
			}
		}
		return out == nil
	})
	return out
}

// writes is what a function does to tables, with everything it calls.
func (r *sqlReader) writes(name string) effects {
	if done, known := r.reaches[name]; known {
		return done
	}
	out := effects{}
	if r.visiting[name] {
		return out
	}
	r.visiting[name] = true
	for _, f := range r.funcs[name] {
		if f.Body == nil {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			switch to := called(call); {
			case to == "exec" && len(call.Args) > 1:
				r.statement(call.Args[1], f, out)
			case to == "insert" && len(call.Args) == 5:
				r.insert(call, f, out)
			case len(r.funcs[to]) > 0 && to != name:
				out.join(r.writes(to))
				if i := tableParameter(r.funcs[to][0]); i >= 0 && i < len(call.Args) {
					out.of(r.text(call.Args[i], f)).deletes = true
				}
			}
			return true
		})
	}
	r.visiting[name] = false
	r.reaches[name] = out
	return out
}

func (r *sqlReader) insert(call *ast.CallExpr, in *ast.FuncDecl, out effects) {
	table := r.text(call.Args[1], in)
	if !strings.HasPrefix(table, "capri_") {
		r.unclear = append(r.unclear, fmt.Sprintf("an INSERT in %s", in.Name.Name))
		return
	}
	e := out.of(table)
	e.adds = true
	tail, ok := call.Args[4].(*ast.CallExpr)
	if !ok {
		return
	}
	switch called(tail) {
	case "upsert":
		for _, col := range tail.Args[1:] {
			e.columns[r.text(col, in)] = true
		}
	case "adding":
		e.columns[r.text(tail.Args[1], in)] = true
	}
}

var (
	updates = regexp.MustCompile(`(?s)^UPDATE (capri_\w+) SET (.*?)\s(?:WHERE\s|$)`)
	deletes = regexp.MustCompile(`^DELETE FROM (capri_\w+|` + unknown + `)`)
	tables  = regexp.MustCompile(`\bcapri_\w+`)
)

// statement reads an UPDATE or a DELETE.
func (r *sqlReader) statement(query ast.Expr, in *ast.FuncDecl, out effects) {
	if id, ok := query.(*ast.Ident); ok && r.texts[id.Name] == "" {
		if made := assigned(in, id.Name); made != nil {
			query = made
		}
	}
	if call, ok := query.(*ast.CallExpr); ok && called(call) == "updateFrom" {
		for _, col := range r.list(call.Args[2], in) {
			out.of(r.text(call.Args[0], in)).columns[strings.TrimPrefix(col, "top_")] = true // written where it is more
		}
		return
	}
	text := r.text(query, in)
	if m := updates.FindStringSubmatch(text + " "); m != nil {
		for _, col := range setColumns(m[2]) {
			out.of(m[1]).columns[col] = true
		}
		return
	}
	if m := deletes.FindStringSubmatch(text); m != nil {
		for _, table := range r.deleted(m[1], in) {
			out.of(table).deletes = true
		}
		return
	}
	if !strings.HasPrefix(text, "SELECT") && !strings.HasPrefix(text, "INSERT INTO "+unknown) {
		r.unclear = append(r.unclear, fmt.Sprintf("%q in %s", text, in.Name.Name))
	}
}

// tableParameter is the place of the parameter in which a function is told from
// which table to delete, or -1.
func tableParameter(f *ast.FuncDecl) int {
	i := 0
	for _, p := range f.Type.Params.List {
		for _, name := range p.Names {
			if name.Name == "table" && f.Name.Name != "insert" {
				return i
			}
			i++
		}
	}
	return -1
}

// deleted are the tables of a DELETE; one that goes over several names them in
// its function, or is told by its callers.
func (r *sqlReader) deleted(table string, in *ast.FuncDecl) []string {
	if table != unknown {
		return []string{table}
	}
	if tableParameter(in) >= 0 {
		return nil
	}
	var out []string
	ast.Inspect(in, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok {
			out = append(out, tables.FindAllString(lit.Value, -1)...)
		}
		return true
	})
	if len(out) == 0 {
		r.unclear = append(r.unclear, "a DELETE in "+in.Name.Name)
	}
	return out
}

// setColumns are the columns that "a = ?, b = CASE … END" sets.
func setColumns(set string) []string {
	var out []string
	depth, begin := 0, 0
	take := func(part string) {
		name, _, _ := strings.Cut(part, "=")
		out = append(out, strings.TrimSpace(name))
	}
	for i, c := range set {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				take(set[begin:i])
				begin = i + 1
			}
		}
	}
	take(set[begin:])
	return out
}
