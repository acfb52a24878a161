package store

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"modernc.org/sqlite"
)

// sqliteConnector makes a driver.Connector of a DSN, so that both engines are
// opened, and wrapped by tests, in the same way.
type sqliteConnector struct{ dsn string }

// Connect opens one connection.
func (c sqliteConnector) Connect(context.Context) (driver.Conn, error) {
	return c.Driver().Open(c.dsn)
}

// Driver returns the SQLite driver.
func (sqliteConnector) Driver() driver.Driver { return &sqlite.Driver{} }

func openConnector(c driver.Connector) *sql.DB { return sql.OpenDB(c) }
