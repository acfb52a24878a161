package store

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"
)

// server is what a server of the MySQL family says about itself.
type server struct {
	version   string
	variables map[string]string // global ones, those that exist
}

// askServer reads the version and what gives clusters of several writers away.
func askServer(ctx context.Context, db *sqlx.DB) (server, error) {
	s := server{}
	if err := db.GetContext(ctx, &s.version, "SELECT VERSION()"); err != nil {
		return s, fmt.Errorf("ask the database's version: %w", err)
	}
	var err error
	s.variables, err = variablesOf(ctx, db, `SHOW GLOBAL VARIABLES WHERE Variable_name IN
('version_comment', 'wsrep_on', 'group_replication_group_name', 'group_replication_single_primary_mode')`)
	return s, err
}

// variablesOf reads variables: of names that a server does not have there is no row.
func variablesOf(ctx context.Context, db sqlx.QueryerContext, query string) (map[string]string, error) {
	var rows []struct {
		Name  string `db:"Variable_name"`
		Value string `db:"Value"`
	}
	if err := sqlx.SelectContext(ctx, db, &rows, query); err != nil {
		return nil, fmt.Errorf("ask the database for its variables: %w", err)
	}
	out := make(map[string]string, len(rows))
	for _, r := range rows {
		out[strings.ToLower(r.Name)] = r.Value
	}
	return out, nil
}

func (s server) isMariaDB() bool { return strings.Contains(s.version, "MariaDB") }

// strangers speak MySQL's protocol and are not MySQL: their version numbers
// say nothing, and what the fence needs they do not have, or nobody has tried.
var strangers = []struct{ mark, why string }{ //nolint:gochecknoglobals // a table
	{"TiDB", "has no shared row locks, so the masters' fence would not hold"},
	{"Vitess", "ends transactions by itself and splits them over shards, so the masters' fence would not hold"},
	{"Dolt", "has no row locks, so the masters' fence would not hold"},
	{"SingleStore", "has no shared row locks, so the masters' fence would not hold"},
	{"OceanBase", "is not known to keep the locks that the masters' fence needs"},
	{"TDDL", "is not known to keep the locks that the masters' fence needs"}, // PolarDB-X
	{"StarRocks", "is no database of transactions"},
	{"Doris", "is no database of transactions"},
}

const serversTaken = "use MariaDB 10.6 or newer, or MySQL 8.0 or newer"

// leading finds the numbers that a version begins with. MariaDB behind old
// protocols puts 5.5.5- before its own.
var leading = regexp.MustCompile(`^(?:5\.5\.5-)?(\d+)\.(\d+)`)

// refusal says why masters do not take this server (exactly.md 24), in one
// sentence; empty: they do. Percona Server and Amazon Aurora are taken by their
// MySQL version: they have one writer, its row locks and durable commits.
func (s server) refusal() string {
	for _, stranger := range strangers {
		if strings.Contains(s.version, stranger.mark) || strings.Contains(s.variables["version_comment"], stranger.mark) {
			return fmt.Sprintf("%s (%s) %s; %s", stranger.mark, s.version, stranger.why, serversTaken)
		}
	}
	if isOn(s.variables["wsrep_on"]) {
		return "a Galera cluster may lose commits that were acknowledged, and its nodes do not see each other's locks; use one primary: MariaDB 10.6 or newer, or MySQL 8.0 or newer"
	}
	if s.variables["group_replication_group_name"] != "" && !isOn(s.variables["group_replication_single_primary_mode"]) {
		return "a MySQL group with several primaries does not see the locks of the others, so the masters' fence would not hold; set group_replication_single_primary_mode"
	}
	return s.tooOld()
}

func (s server) tooOld() string {
	numbers := leading.FindStringSubmatch(s.version)
	if numbers == nil {
		return fmt.Sprintf("the database calls itself %q, which is not known; %s", s.version, serversTaken)
	}
	// digits alone
	major, _ := strconv.Atoi(numbers[1])
	minor, _ := strconv.Atoi(numbers[2])
	least, have := [2]int{8, 0}, [2]int{major, minor}
	name := "MySQL"
	if s.isMariaDB() {
		name, least = "MariaDB", [2]int{10, 6}
	}
	if have[0] > least[0] || have[0] == least[0] && have[1] >= least[1] {
		return ""
	}
	return fmt.Sprintf("%s %s is too old: nobody has tried the masters' fence on it; %s", name, s.version, serversTaken)
}

func isOn(value string) bool { return strings.EqualFold(value, "ON") || value == "1" }
