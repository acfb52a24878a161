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
	conn, err := c.Driver().Open(c.dsn)
	if err != nil {
		return nil, err
	}
	return keeping(conn)
}

// Driver returns the SQLite driver.
func (sqliteConnector) Driver() driver.Driver { return &sqlite.Driver{} }

func openConnector(c driver.Connector) *sql.DB { return sql.OpenDB(c) }
