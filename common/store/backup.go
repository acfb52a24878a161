package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
)

// maxID is the largest id: what JSON's readers can hold exactly.
const maxID = 1 << 53

// CopyTo writes a consistent copy of a SQLite database to a new file, while
// others read and write it.
func (db *DB) CopyTo(ctx context.Context, file string) error {
	if db.Engine() != "sqlite" {
		return errors.New("copy database: only SQLite's is one file; dump another one with its own tools")
	}
	if _, err := db.write.ExecContext(ctx, "VACUUM INTO ?", file); err != nil {
		return fmt.Errorf("copy database to %s: %w", file, err)
	}
	return nil
}

// restoredTerms is by how much a restored epoch is raised: more terms than there
// were since the backup.
const restoredTerms = 1_000_000

// Restored readies a database that was restored: n ids are left out, because
// those after the backup were given away already and are known to workers; and
// the epoch is raised beyond that of every term since the backup, so that a
// leader of before which was only paused is fenced. Masters must not run.
func (db *DB) Restored(ctx context.Context, n int64) error {
	err := db.run(ctx, db.write, nil, Actor{}, func(t tx) error {
		changed, err := t.exec(ctx, "UPDATE capri_sequence SET nextId = nextId + ? WHERE id = 1 AND nextId < ?", n, maxID-n)
		if err == nil && changed != 1 {
			err = errors.New("there are not so many ids left")
		}
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, "UPDATE capri_master_epoch SET epoch = epoch + ? WHERE id = 1", restoredTerms)
		return err
	})
	if err != nil {
		return fmt.Errorf("ready the restored database: %w", err)
	}
	return nil
}

// ClientOptions writes a data source as an option file of the programs that come
// with MariaDB and MySQL, and names the database apart: not all of them take
// it from a file. Time limits of the data source are not in it. What the
// programs call their TLS differs: they pass over what they do not know.
func ClientOptions(dsn string) (options, database string, err error) {
	cfg, err := parseDSN(dsn)
	if err != nil {
		return "", "", err
	}
	var b strings.Builder
	b.WriteString("[client]\n")
	line := func(key, value string) {
		fmt.Fprintf(&b, "%s = \"%s\"\n", key, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value))
	}
	line("user", cfg.User)
	line("password", cfg.Passwd)
	switch cfg.TLSConfig {
	case "", "false", "preferred":
	case "skip-verify":
		b.WriteString("loose-ssl\n")
		line("loose-ssl-mode", "REQUIRED")
	default:
		b.WriteString("loose-ssl\nloose-ssl-verify-server-cert\n")
		line("loose-ssl-mode", "VERIFY_IDENTITY")
	}
	if cfg.Net == "unix" {
		line("socket", cfg.Addr)
		return b.String(), cfg.DBName, nil
	}
	host, port, err := net.SplitHostPort(cfg.Addr)
	if err != nil {
		return "", "", fmt.Errorf("database dsn: %q is not host:port", cfg.Addr)
	}
	line("host", host)
	line("port", port)
	line("protocol", "tcp")
	return b.String(), cfg.DBName, nil
}
