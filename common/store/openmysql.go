package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"
)

// poolSize bounds each of the two pools: a master opens twice as many connections.
const poolSize = 24

// What a session may hold up.
const (
	rowLockSeconds = "5"
	writerIdle     = "1"  // seconds of idle_transaction_timeout: a stopped writer holds the fence's lock
	writerWait     = "10" // seconds of wait_timeout, where there is no idle_transaction_timeout (MySQL)
	writerHalf     = "5"  // seconds a writer may stop in the middle of a statement, or of its result
	readerIdle     = "60"
)

// openMySQL connects and refuses servers on which the fence or the commits
// would not hold (exactly.md 24).
//
// Writers and readers have connections of their own: a writer that stops inside
// a transaction holds the fence's lock, so the server ends it after a second; a
// reader holds nothing up.
func openMySQL(ctx context.Context, cfg Config) (writer, reader *sqlx.DB, err error) {
	dsn, err := parseDSN(cfg.DSN)
	if err != nil {
		return nil, nil, err
	}
	server, err := probeMySQL(ctx, dsn)
	if err != nil {
		return nil, nil, err
	}
	if reason := server.refusal(); reason != "" && !cfg.AnyServer {
		return nil, nil, fmt.Errorf("%s (database.any_server takes it all the same)", reason)
	}
	dsn.Params["time_zone"] = "'+00:00'"
	dsn.Params["innodb_lock_wait_timeout"] = rowLockSeconds
	isolation, idle, limit := "transaction_isolation", "wait_timeout", writerWait // MySQL bounds idle connections only
	if server.isMariaDB() {
		isolation, idle, limit = "tx_isolation", "idle_transaction_timeout", writerIdle
	}
	if writer, err = cfg.pool(dsn, map[string]string{
		isolation: "'READ-COMMITTED'", idle: limit, "net_read_timeout": writerHalf, "net_write_timeout": writerHalf,
	}); err != nil {
		return nil, nil, err
	}
	// One snapshot for a whole View, without asking for it each time.
	if reader, err = cfg.pool(dsn, map[string]string{isolation: "'REPEATABLE-READ'", idle: readerIdle}); err != nil {
		return nil, nil, errors.Join(err, writer.Close())
	}
	return writer, reader, nil
}

func parseDSN(text string) (*mysql.Config, error) {
	dsn, err := mysql.ParseDSN(text)
	if err != nil {
		return nil, fmt.Errorf("database dsn: %w (the form is user:password@tcp(host:3306)/database)", err)
	}
	if dsn.DBName == "" {
		return nil, errors.New("database dsn names no database (the form is user:password@tcp(host:3306)/database)")
	}
	dsn.ClientFoundRows = true
	dsn.InterpolateParams = true
	dsn.ParseTime = true // goose reads the lease of its migration lock as a time
	dsn.MultiStatements = false
	dsn.RejectReadOnly = false // it hides what the server said; see ErrReadOnly
	dsn.Collation = "utf8mb4_bin"
	dsn.Timeout = orDuration(dsn.Timeout, 5*time.Second)
	dsn.ReadTimeout = orDuration(dsn.ReadTimeout, 60*time.Second)
	dsn.WriteTimeout = orDuration(dsn.WriteTimeout, 60*time.Second)
	dsn.Logger = &mysql.NopLogger{}
	dsn.DialFunc = dialLine
	if dsn.Params == nil {
		dsn.Params = map[string]string{}
	}
	return dsn, nil
}

// pool opens connections on which session variables have values of their own.
func (c Config) pool(dsn *mysql.Config, variables map[string]string) (*sqlx.DB, error) {
	own := dsn.Clone()
	maps.Copy(own.Params, variables)
	connector, err := mysql.NewConnector(own)
	if err != nil {
		return nil, fmt.Errorf("database dsn: %w", err)
	}
	db := sqlx.NewDb(c.open(boundConnector{connector}), "mysql")
	db.SetMaxOpenConns(poolSize)
	db.SetMaxIdleConns(poolSize)
	db.SetConnMaxIdleTime(5 * time.Second) // before a short wait_timeout ends them
	db.SetConnMaxLifetime(3 * time.Minute)
	return db, nil
}

func orDuration(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// probeMySQL asks the server what it is, over a connection of its own.
func probeMySQL(ctx context.Context, dsn *mysql.Config) (server, error) {
	connector, err := mysql.NewConnector(dsn.Clone())
	if err != nil {
		return server{}, fmt.Errorf("database dsn: %w", err)
	}
	conn, err := connector.Connect(ctx)
	if err != nil {
		return server{}, fmt.Errorf("connect to %s: %w", dsn.Addr, err)
	}
	if err := conn.Close(); err != nil {
		return server{}, fmt.Errorf("connect to %s: %w", dsn.Addr, err)
	}
	db := sqlx.NewDb(openConnector(connector), "mysql")
	defer func() { _ = db.Close() }()
	return askServer(ctx, db)
}
