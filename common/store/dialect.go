package store

import "strings"

// dialect is everything in which the two engines differ.
type dialect struct {
	name      string
	version   string // asks for the server's version
	clock     string // asks for the engine's time in microseconds since 1970
	forUpdate string // suffix of a locking read
	share     string // suffix of a shared locking read
	inOrder   string // a join that reads its left side first, whatever the statistics say
	duplicate func(error) bool
	retryable func(error) bool // of a transaction of which nothing is there any more
	readOnly  func(error) bool // the server takes no writes
	unclear   func(error) bool // an error of a commit that may have taken place
	// values makes a derived table of n rows with the named columns.
	values func(cols []string, n int) string
	// updateFrom makes an UPDATE of table from such a list: set and match name
	// columns of both. The list's column was_x is what x was before; top_x is
	// written to x only where it is more than what is there.
	updateFrom func(table, values string, set, match []string) string
	// upsert makes the tail of an INSERT that overwrites cols when key is taken.
	upsert func(key string, cols ...string) string
	// adding makes the tail of an INSERT that adds to col when key is taken.
	adding func(key, col string) string
	// ignore makes the tail of an INSERT that does nothing when a unique key is
	// taken; col is any plain column of the table.
	ignore func(col string) string
	// byIndex makes a query read a table by one of its indexes, whatever the
	// statistics say.
	byIndex func(index string) string
	// jsonText is the text at a path, a parameter, of a column that holds JSON.
	jsonText func(col string) string
	// maxRows bounds the rows of one statement of the given width.
	maxVars int
}

// rowsPerStatement bounds a multi-row statement by the engine's limit of
// variables and by what was measured to be fast.
func (d dialect) rowsPerStatement(width int) int {
	return min(max(d.maxVars/width, 1), 500)
}

// statementBytes bounds the text of one statement: MariaDB takes 16 MB at most.
const statementBytes = 4 << 20

// statements cuts rows of equal width into pieces that fit one statement each.
func (d dialect) statements(rows [][]any) func(yield func([][]any) bool) {
	return func(yield func([][]any) bool) {
		for len(rows) > 0 {
			n, size := 0, 0
			for n < len(rows) && n < d.rowsPerStatement(len(rows[0])) && (n == 0 || size+textBytes(rows[n]) <= statementBytes) {
				size += textBytes(rows[n])
				n++
			}
			if !yield(rows[:n]) {
				return
			}
			rows = rows[n:]
		}
	}
}

func textBytes(row []any) int {
	n := 0
	for _, v := range row {
		if s, ok := v.(string); ok {
			n += len(s)
		}
	}
	return n
}

func placeholders(n int) string {
	if n == 0 {
		return "NULL" // x IN (NULL) holds for no row
	}
	return strings.Repeat("?,", n-1) + "?"
}

// tuples makes n groups of width placeholders for a multi-row INSERT.
func tuples(width, n int) string {
	one := "(" + placeholders(width) + ")"
	return strings.Repeat(one+",", n-1) + one
}

func qualified(prefix string, cols []string, sep string, form func(col string) string) string {
	parts := make([]string, len(cols))
	for i, c := range cols {
		parts[i] = prefix + form(c)
	}
	return strings.Join(parts, sep)
}

// bare turns the list columns was_x and top_x into the table's column x.
func bare(col string) string {
	return strings.TrimPrefix(strings.TrimPrefix(col, "was_"), "top_")
}

// newValue is what a list column of v gives to its column of table.
func newValue(table, col string) string {
	if !strings.HasPrefix(col, "top_") {
		return "v." + col
	}
	old := table + "." + bare(col)
	return "CASE WHEN v." + col + " > " + old + " THEN v." + col + " ELSE " + old + " END"
}
