package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	schema "capricornus/sql"
)

// SettingZone is the key of the cluster's time zone: set at the first migration, never changed.
const SettingZone = "timezone"

// SchemaStatus says how the database's schema stands to this binary's.
type SchemaStatus struct {
	Current int64 // version of the database, 0 for an empty one
	Target  int64 // version this binary needs
}

// Migrate brings the schema up to date; several processes may call it at once.
// zone becomes the cluster's time zone if none is set; another one than the
// one set is refused (exactly.md 7). It returns how many steps were applied.
func (db *DB) Migrate(ctx context.Context, zone string) (int, error) {
	provider, err := db.provider()
	if err != nil {
		return 0, err
	}
	if err := db.keepFence(ctx); err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	applied, err := db.up(ctx, provider)
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	if err := db.settle(ctx, zone); err != nil {
		return applied, err
	}
	return applied, nil
}

// upTries bounds how often a step is begun again that another process has made
// in the meantime: SQLite has no lock over several transactions.
const upTries = 10

func (db *DB) up(ctx context.Context, provider *goose.Provider) (int, error) {
	for try := 1; ; try++ {
		applied, err := provider.Up(ctx)
		if err == nil || db.d.name == "mysql" || try == upTries || ctx.Err() != nil {
			return len(applied), err
		}
	}
}

func (db *DB) provider() (*goose.Provider, error) {
	var (
		files fs.FS
		err   error
		opts  = []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
		kind  = goose.DialectSQLite3
	)
	if db.d.name == "mysql" {
		kind = goose.DialectMySQL
		locker, err := lock.NewMySQLTableLocker(lock.WithTableLockTimeout(time.Second, 120))
		if err != nil {
			return nil, fmt.Errorf("migration lock: %w", err)
		}
		opts = append(opts, goose.WithLocker(locker))
		files, err = fs.Sub(schema.MySQL, "mysql")
		if err != nil {
			return nil, fmt.Errorf("migrations: %w", err)
		}
		return goose.NewProvider(kind, db.write.DB, files, opts...)
	}
	if files, err = fs.Sub(schema.SQLite, "sqlite"); err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return goose.NewProvider(kind, db.write.DB, files, opts...)
}

// settle writes what a new database starts with: zone, settings, the admin.
func (db *DB) settle(ctx context.Context, zone string) error {
	if _, err := time.LoadLocation(zone); err != nil || zone == "" {
		return fmt.Errorf("time zone %q is unknown: write a name such as Asia/Shanghai or UTC", zone)
	}
	id, err := db.ID(ctx)
	if err != nil {
		return err
	}
	return db.Operate(ctx, Actor{Kind: "migrate"}, func(t *OperateTx) error {
		for _, s := range defaultSettings(zone) {
			if err := t.insert(ctx, "capri_dic_data", "dicKey, dicValue, meaning, changedBy, changedAt",
				[][]any{{s.key, s.value, s.meaning, "migration", t.now}}, t.d.ignore("dicKey")); err != nil {
				return err
			}
		}
		if err := t.insert(ctx, "capri_user", "id, name, title, departmentId, role, phone, mail, isEnabled, createdAt",
			[][]any{{id, "admin", "Administrator", 0, "superadmin", "", "", 1, t.now}}, t.d.ignore("name")); err != nil {
			return err
		}
		return checkZone(ctx, &t.tx, zone)
	})
}

func checkZone(ctx context.Context, t *tx, zone string) error {
	var have string
	if err := t.get(ctx, &have, "SELECT dicValue FROM capri_dic_data WHERE dicKey = ?", SettingZone); err != nil {
		return fmt.Errorf("read the cluster's time zone: %w", err)
	}
	if have != zone {
		return fmt.Errorf("this database keeps the time zone %s and %s was asked for: every work number depends on it, so it cannot change; start with timezone %s: %w", have, zone, have, ErrSchema)
	}
	return nil
}

// CheckSchema refuses an older or newer schema than this binary's, a database
// whose fence is gone (ErrFence) and, when zone is not empty, another time zone.
func (db *DB) CheckSchema(ctx context.Context, zone string) error {
	s, err := db.Schema(ctx)
	if err != nil {
		return err
	}
	if s.Current < s.Target {
		return fmt.Errorf("the database's schema is version %d and this binary needs %d: run capri migrate up: %w", s.Current, s.Target, ErrSchema)
	}
	if s.Current > s.Target {
		return fmt.Errorf("the database's schema is version %d, newer than this binary's %d: install the newer binary: %w", s.Current, s.Target, ErrSchema)
	}
	return db.View(ctx, func(t *ViewTx) error {
		if _, err := t.fence(ctx); err != nil || zone == "" {
			return err
		}
		return checkZone(ctx, &t.tx, zone)
	})
}

// Schema reads the versions without changing anything.
func (db *DB) Schema(ctx context.Context) (SchemaStatus, error) {
	files, err := schema.SQLite.ReadDir("sqlite")
	if err != nil {
		return SchemaStatus{}, fmt.Errorf("migrations: %w", err)
	}
	s := SchemaStatus{Target: int64(len(files))}
	var current sql.NullInt64
	err = db.read.GetContext(ctx, &current, "SELECT MAX(version_id) FROM goose_db_version WHERE is_applied = 1")
	switch {
	case err == nil:
		s.Current = current.Int64
	case isMissingTable(err):
	default:
		return s, fmt.Errorf("read the schema's version: %w", err)
	}
	return s, nil
}

func isMissingTable(err error) bool {
	if mysqlCode(err) == 1146 {
		return true
	}
	// SQLite reports a missing table as the generic error code 1 and only its text says which.
	return sqliteCode(err) == 1 && strings.Contains(err.Error(), "no such table")
}

// Zone reads the cluster's time zone.
func (db *DB) Zone(ctx context.Context) (*time.Location, error) {
	var name string
	err := db.View(ctx, func(t *ViewTx) error {
		return t.get(ctx, &name, "SELECT dicValue FROM capri_dic_data WHERE dicKey = ?", SettingZone)
	})
	if err != nil {
		return nil, fmt.Errorf("read the cluster's time zone: %w", err)
	}
	zone, err := time.LoadLocation(name)
	return zone, errors.Join(err)
}
