package store

import (
	"database/sql/driver"
	"errors"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// Error numbers of MySQL and MariaDB.
const (
	mysqlDuplicateKey = 1062
	mysqlLockTimeout  = 1205
	mysqlDeadlock     = 1213
	mysqlChanged      = 1020 // record has changed since last read

	mysqlReadOnlyOption = 1290 // what SET GLOBAL read_only prevents
	mysqlReadOnlyTx     = 1792
	mysqlReadOnlyMode   = 1836 // innodb_read_only

	mysqlSchemaDenied = 1044
	mysqlTableDenied  = 1142
	mysqlColumnDenied = 1143

	mysqlShutdown     = 1053
	mysqlCommitFailed = 1180 // error during COMMIT
	mysqlInterrupted  = 1317
	mysqlKilled       = 1927 // the connection was killed
)

func mysqlDialect() dialect {
	return dialect{
		name:      "mysql",
		version:   "SELECT VERSION()",
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
		readOnly: func(err error) bool {
			switch mysqlCode(err) {
			case mysqlReadOnlyOption, mysqlReadOnlyTx, mysqlReadOnlyMode:
				return true
			}
			return false
		},
		unclear: func(err error) bool {
			switch mysqlCode(err) {
			case 0, mysqlShutdown, mysqlCommitFailed, mysqlInterrupted, mysqlKilled: // 0: the server said nothing
				return true
			}
			return false
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
		ignore:   func(col string) string { return " ON DUPLICATE KEY UPDATE " + col + " = " + col },
		byIndex:  func(index string) string { return " FORCE INDEX (" + index + ")" },
		jsonText: func(col string) string { return "JSON_UNQUOTE(JSON_EXTRACT(" + col + ", ?))" },
	}
}

func mysqlCode(err error) uint16 {
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return e.Number
	}
	return 0
}
