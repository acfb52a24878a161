package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"
)

// Error numbers of MySQL and MariaDB.
const (
	mysqlDuplicateKey = 1062
	mysqlLockTimeout  = 1205
	mysqlDeadlock     = 1213
	mysqlChanged      = 1020 // record has changed since last read
)

func mysqlDialect() dialect {
	return dialect{
		name:      "mysql",
		clock:     "SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)",
		forUpdate: " FOR UPDATE",
		share:     " LOCK IN SHARE MODE", // MariaDB knows no FOR SHARE
		inOrder:   "STRAIGHT_JOIN",
		maxVars:   60000,
		duplicate: func(err error) bool { return mysqlCode(err) == mysqlDuplicateKey },
		retryable: func(err error) bool {
			switch mysqlCode(err) {
			case mysqlDeadlock, mysqlLockTimeout, mysqlChanged:
				return true
			}
			return errors.Is(err, driver.ErrBadConn)
		},
		values: func(cols []string, n int) string {
			first := "SELECT " + qualified("? AS ", cols, ",", func(c string) string { return c })
			return first + strings.Repeat(" UNION ALL SELECT "+placeholders(len(cols)), n-1)
		},
		updateFrom: func(table, values string, set, match []string) string {
			return "UPDATE (" + values + ") v STRAIGHT_JOIN " + table + " t ON " +
				qualified("", match, " AND ", func(c string) string { return "t." + bare(c) + " = v." + c }) +
				" SET " + qualified("", set, ", ", func(c string) string { return "t." + bare(c) + " = " + newValue("t", c) })
		},
		upsert: func(_ string, cols ...string) string {
			return " ON DUPLICATE KEY UPDATE " + qualified("", cols, ", ", func(c string) string { return c + " = VALUES(" + c + ")" })
		},
		adding: func(_, col string) string {
			return " ON DUPLICATE KEY UPDATE " + col + " = " + col + " + VALUES(" + col + ")"
		},
		ignore: func(col string) string { return " ON DUPLICATE KEY UPDATE " + col + " = " + col },
	}
}

func mysqlCode(err error) uint16 {
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return e.Number
	}
	return 0
}

// openMySQL connects and refuses servers on which the fence or the commits
// would not hold (exactly.md 24).
//
// Writers and readers have connections of their own: a writer that stops inside
// a transaction holds the fence's lock, so the server ends it after a second; a
// reader holds nothing up.
func openMySQL(ctx context.Context, cfg Config) (writer, reader *sqlx.DB, err error) {
	dsn, err := mysql.ParseDSN(cfg.DSN)
	if err != nil {
		return nil, nil, fmt.Errorf("database dsn: %w (the form is user:password@tcp(host:3306)/database)", err)
	}
	if dsn.DBName == "" {
		return nil, nil, errors.New("database dsn names no database (the form is user:password@tcp(host:3306)/database)")
	}
	dsn.ClientFoundRows = true
	dsn.InterpolateParams = true
	dsn.ParseTime = true // goose reads the lease of its migration lock as a time
	dsn.MultiStatements = false
	dsn.Collation = "utf8mb4_bin"
	dsn.Timeout = orDuration(dsn.Timeout, 5*time.Second)
	dsn.ReadTimeout = orDuration(dsn.ReadTimeout, 60*time.Second)
	dsn.WriteTimeout = orDuration(dsn.WriteTimeout, 60*time.Second)
	dsn.Logger = &mysql.NopLogger{}
	if dsn.Params == nil {
		dsn.Params = map[string]string{}
	}
	version, err := probeMySQL(ctx, dsn, cfg.AnyServer)
	if err != nil {
		return nil, nil, err
	}
	dsn.Params["time_zone"] = "'+00:00'"
	dsn.Params["innodb_lock_wait_timeout"] = "5"
	isolation, idle := "transaction_isolation", "wait_timeout" // MySQL bounds idle connections only
	if strings.Contains(version, "MariaDB") {
		isolation, idle = "tx_isolation", "idle_transaction_timeout"
	}
	limits := map[string]string{"idle_transaction_timeout": "1", "wait_timeout": "10"}
	if writer, err = cfg.pool(dsn, map[string]string{isolation: "'READ-COMMITTED'", idle: limits[idle]}); err != nil {
		return nil, nil, err
	}
	// One snapshot for a whole View, without asking for it each time.
	if reader, err = cfg.pool(dsn, map[string]string{isolation: "'REPEATABLE-READ'", idle: "60"}); err != nil {
		return nil, nil, errors.Join(err, writer.Close())
	}
	return writer, reader, nil
}

// pool opens connections on which session variables have values of their own.
func (c Config) pool(dsn *mysql.Config, variables map[string]string) (*sqlx.DB, error) {
	own := dsn.Clone()
	maps.Copy(own.Params, variables)
	connector, err := mysql.NewConnector(own)
	if err != nil {
		return nil, fmt.Errorf("database dsn: %w", err)
	}
	db := sqlx.NewDb(c.open(connector), "mysql")
	db.SetMaxOpenConns(24)
	db.SetMaxIdleConns(24)
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
func probeMySQL(ctx context.Context, dsn *mysql.Config, anyServer bool) (string, error) {
	connector, err := mysql.NewConnector(dsn.Clone())
	if err != nil {
		return "", fmt.Errorf("database dsn: %w", err)
	}
	conn, err := connector.Connect(ctx)
	if err != nil {
		return "", fmt.Errorf("connect to %s: %w", dsn.Addr, err)
	}
	if err := conn.Close(); err != nil {
		return "", fmt.Errorf("connect to %s: %w", dsn.Addr, err)
	}
	db := sqlx.NewDb(openConnector(connector), "mysql")
	defer func() { _ = db.Close() }()
	var version string
	if err := db.GetContext(ctx, &version, "SELECT VERSION()"); err != nil {
		return "", fmt.Errorf("ask the database's version: %w", err)
	}
	if anyServer {
		return version, nil
	}
	if strings.Contains(version, "TiDB") {
		return "", fmt.Errorf("TiDB (%s) has no shared row locks, so the masters' fence would not hold; use MariaDB 10.6 or MySQL 8", version)
	}
	var galera []struct {
		Name  string `db:"Variable_name"`
		Value string `db:"Value"`
	}
	if err := db.SelectContext(ctx, &galera, "SHOW VARIABLES LIKE 'wsrep_on'"); err != nil {
		return "", fmt.Errorf("ask the database for Galera: %w", err)
	}
	if len(galera) > 0 && strings.EqualFold(galera[0].Value, "ON") {
		return "", errors.New("a Galera cluster may lose commits that were acknowledged; use one primary MariaDB 10.6 or MySQL 8")
	}
	return version, nil
}
