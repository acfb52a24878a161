// Package condition is the expressions that say whether an answer is a success:
// parsed when a task is saved, evaluated by the worker that got the answer, both
// with the same names and limits. It is pure: an expression sees the answer and
// nothing else, neither the clock nor the environment.
package condition

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

const (
	maxText  = 2000 // bytes of an expression
	maxNodes = 500  // of its tree
	maxShown = 80   // runes of a value in a reason
	maxNamed = 5    // values in a reason
)

// Answer is what an expression may ask about.
type Answer struct {
	Status  int               `expr:"status"`
	Headers map[string]string `expr:"headers"` // names in lower case
	Body    string            `expr:"body"`
	JSON    any               `expr:"json"` // the body decoded; nil when it is not JSON
}

// Condition is an expression that is true or false of an answer. It may be used
// by one goroutine at a time.
type Condition struct {
	text    string
	program *vm.Program
	named   []string // what the expression looks at, as written: json.state
}

// Parse checks an expression and compiles it.
func Parse(text string) (*Condition, error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("it has %d bytes; at most %d are allowed", len(text), maxText)
	}
	program, err := compile(text, expr.AsBool(), expr.WarnOnAny())
	if err != nil {
		return nil, plain(err)
	}
	tree, err := parser.Parse(text)
	if err != nil {
		return nil, plain(err)
	}
	seen := &looker{}
	ast.Walk(&tree.Node, seen)
	return &Condition{text: text, program: program, named: seen.outermost()}, nil
}

// compile knows the names of Answer. What could not be repeated, or could take
// memory before anybody counts it, is not there.
func compile(text string, more ...expr.Option) (*vm.Program, error) {
	options := []expr.Option{
		expr.Env(Answer{}), expr.MaxNodes(maxNodes), expr.DisableBuiltin("now"), expr.DisableBuiltin("repeat"),
	}
	return expr.Compile(text, append(options, more...)...)
}

// UnmetError is why an expression does not hold, in a sentence.
type UnmetError struct{ Reason string }

// Error implements error.
func (u *UnmetError) Error() string { return u.Reason }

// Check returns nil when the condition holds, and an UnmetError that names the values
// it looked at when it does not or cannot be answered.
func (c *Condition) Check(a Answer) error {
	value, err := expr.Run(c.program, a)
	if err != nil {
		reason := plain(err).Error()
		if a.JSON == nil && slices.ContainsFunc(c.named, func(n string) bool { return strings.HasPrefix(n, "json") }) {
			reason = "the body is not JSON"
		}
		return &UnmetError{fmt.Sprintf("the condition %s cannot be answered: %s", c.text, reason)}
	}
	if value == true {
		return nil
	}
	return &UnmetError{c.values(a) + "the condition " + c.text + " does not hold"}
}

// values says what the expression saw: `json.state is "running": `.
func (c *Condition) values(a Answer) string {
	var parts []string
	for _, name := range c.named[:min(len(c.named), maxNamed)] {
		program, err := compile(name)
		if err != nil {
			continue
		}
		if value, err := expr.Run(program, a); err == nil {
			parts = append(parts, name+" is "+shown(value))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + ": "
}

func shown(value any) string {
	text := fmt.Sprint(value)
	switch v := value.(type) {
	case nil:
		return "missing"
	case string:
		text = v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		return "a list of " + strconv.Itoa(len(v))
	case map[string]any, map[string]string:
		return "a map"
	}
	if runes := []rune(text); len(runes) > maxShown {
		text = string(runes[:maxShown]) + "…"
	}
	if _, isText := value.(string); isText {
		return strconv.Quote(text)
	}
	return text
}

// plain drops the picture of the expression that the library draws below its
// messages.
func plain(err error) error {
	located, ok := errors.AsType[*file.Error](err)
	if !ok {
		return err
	}
	return errors.New(located.Message)
}

// looker collects the names and fields of them that an expression reads.
type looker struct {
	found  []string
	inside map[string]bool // parts of longer ones
}

// Visit implements ast.Visitor; what is inside comes first.
func (l *looker) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		l.add(n.Value)
	case *ast.MemberNode:
		if field, constant := n.Property.(*ast.StringNode); constant && field.Value != "" && slices.Contains(l.found, n.Node.String()) {
			l.hide(n.Node.String())
			l.add(n.String())
		}
	}
}

func (l *looker) add(name string) {
	if !slices.Contains(l.found, name) {
		l.found = append(l.found, name)
	}
}

func (l *looker) hide(name string) {
	if l.inside == nil {
		l.inside = map[string]bool{}
	}
	l.inside[name] = true
}

func (l *looker) outermost() []string {
	return slices.DeleteFunc(l.found, func(name string) bool { return l.inside[name] })
}
