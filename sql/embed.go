// Package schema holds the migrations: twin files for MySQL/MariaDB and
// SQLite, append only. On MariaDB every statement is safe to find done, because
// each DDL statement commits by itself; on SQLite a file is one transaction.
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
