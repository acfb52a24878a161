package e2e_test

import (
	"fmt"
	"strconv"

	"capricornus/common/store"
)

// exec changes the database behind everybody's back.
func (s *site) exec(db *store.DB, statement string, args ...any) {
	s.Helper()
	if _, err := db.Raw().ExecContext(s.Context(), statement, args...); err != nil {
		s.Fatalf("%s: %v", statement, err)
	}
}

// rows reads all rows of a query, each of some columns, as text.
func (s *site) rows(db *store.DB, query string, columns int) [][]string {
	s.Helper()
	rows, err := db.Raw().QueryContext(s.Context(), query)
	if err != nil {
		s.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var all [][]string
	for rows.Next() {
		row, into := make([]string, columns), make([]any, columns)
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			s.Fatalf("%s: %v", query, err)
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		s.Fatalf("%s: %v", query, err)
	}
	return all
}

// names lists all batches, also when no master answers.
func (s *site) names() []string {
	s.Helper()
	var all []string
	for _, row := range s.rows(s.open(), "SELECT t.name, w.workNo, w.type FROM capri_task_work w JOIN capri_task t ON t.id = w.taskId", 3) {
		all = append(all, fmt.Sprintf("%s/%s.%s", row[0], row[1], row[2]))
	}
	return all
}

func (s *site) count(db *store.DB) int {
	s.Helper()
	n, err := strconv.Atoi(s.rows(db, "SELECT COUNT(*) FROM capri_task_work", 1)[0][0])
	if err != nil {
		s.Fatal(err)
	}
	return n
}

// marks reads how far generation has come.
func (s *site) marks(db *store.DB) map[string]int64 {
	s.Helper()
	marks := map[string]int64{}
	for _, row := range s.rows(db, "SELECT mark, doneUntil FROM capri_generate_mark", 2) {
		until, err := strconv.ParseInt(row[1], 10, 64)
		if err != nil {
			s.Fatal(err)
		}
		marks[row[0]] = until
	}
	return marks
}
