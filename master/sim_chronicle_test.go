package master_test

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// chronicle is everything a simulated cluster has left behind, as text: each
// row of each table, and each attempt as its fake script saw it. Two runs of
// one seed agree in every byte of it.
func (c *cluster) chronicle() string {
	c.t.Helper()
	var b strings.Builder
	for _, l := range c.book.all() {
		fmt.Fprintf(&b, "%s on %s %s..%s %v\n", l.spec.Code(), l.host, l.start.UTC().Format(time.RFC3339Nano), l.end.UTC().Format(time.RFC3339Nano), l.good)
	}
	for _, table := range c.column("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'capri%' ORDER BY name") {
		rows := c.dump(table)
		slices.Sort(rows)
		for _, row := range rows {
			fmt.Fprintf(&b, "%s %s\n", table, strings.ReplaceAll(row, c.dir, "DIR"))
		}
	}
	return b.String()
}

// dump lists the rows of a table, but for hashes of paths, as the data lie in
// another place in each run, for the identities of output files, which hold the
// file system's own numbers and clock, and for the one column that the engine
// itself fills from the real clock (capri_user_code_log.create_time, as the seed has it).
func (c *cluster) dump(table string) []string {
	c.t.Helper()
	rows, err := c.db.Raw().QueryContext(c.t.Context(), "SELECT * FROM "+table)
	c.must(err)
	defer rows.Close()
	cols, err := rows.Columns()
	c.must(err)
	values, to := make([]any, len(cols)), make([]any, len(cols))
	for i := range values {
		to[i] = &values[i]
	}
	var out []string
	for rows.Next() {
		c.must(rows.Scan(to...))
		var b strings.Builder
		for i, v := range values {
			switch cols[i] {
			case "pathHash", "outputsBefore", "create_time":
				continue
			default:
			}
			if text, ok := v.([]byte); ok {
				v = string(text)
			}
			fmt.Fprintf(&b, "%s=%v ", cols[i], v)
		}
		out = append(out, b.String())
	}
	c.must(rows.Err())
	return out
}

// column reads a query's only column.
func (c *cluster) column(query string, args ...any) []string {
	c.t.Helper()
	rows, err := c.db.Raw().QueryContext(c.t.Context(), query, args...)
	c.must(err)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var v string
		c.must(rows.Scan(&v))
		out = append(out, v)
	}
	c.must(rows.Err())
	return out
}
