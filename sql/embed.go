// Package schema holds the migrations: twin files for MySQL/MariaDB and
// SQLite, append only. Every statement is safe to find done, because MySQL
// commits each DDL statement by itself.
package schema

import "embed"

// MySQL holds the migrations of MySQL and MariaDB under mysql/.
//
//go:embed mysql/*.sql
var MySQL embed.FS

// SQLite holds the twin migrations under sqlite/.
//
//go:embed sqlite/*.sql
var SQLite embed.FS
