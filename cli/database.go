package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/common/store"
)

// databaseCommand is what scripts/backup.sh and scripts/restore.sh need to know
// and cannot find out by themselves. People call the scripts.
func databaseCommand(a *app) *cobra.Command {
	cmd := group("database", "Help for the scripts that back up and restore",
		databaseShowCommand(a), databaseClientCommand(a), databaseCopyCommand(a), databaseRestoredCommand(a))
	cmd.Hidden = true
	return cmd
}

func databaseShowCommand(a *app) *cobra.Command {
	return a.migration("show", "Print what the database is, as NAME=VALUE", showDatabase)
}

// stillFresh is how long after its last word a master counts as one that runs.
const stillFresh = 30 * time.Second

func showDatabase(ctx context.Context, a *app, cfg config.Master) error {
	dsn, err := cfg.Database.Connection()
	if err != nil {
		return err
	}
	name := dsn.Reveal()
	if cfg.Database.Driver == config.MySQL {
		if _, name, err = store.ClientOptions(name); err != nil {
			return fault.Wrap(fault.Invalid, err, "%s", err)
		}
	}
	db, err := openDatabase(ctx, cfg.Database)
	if err != nil {
		return err
	}
	defer db.Close()
	schema, err := db.Schema(ctx)
	if err != nil {
		return databaseFault(err)
	}
	a.print("engine=%s", db.Engine())
	a.print("name=%s", name)
	a.print("schema=%d", schema.Current)
	if schema.Current != schema.Target {
		return nil // who runs on another schema is not known
	}
	running, err := freshMasters(ctx, db)
	a.print("masters=%s", strings.Join(running, " "))
	return databaseFaultOf(err)
}

// freshMasters are those that have said within half a minute that they run, by
// the database's clock.
func freshMasters(ctx context.Context, db *store.DB) (running []string, err error) {
	if _, err := db.SyncClock(ctx); err != nil {
		return nil, err
	}
	err = db.View(ctx, func(t *store.ViewTx) error {
		all, err := t.Masters(ctx)
		for _, m := range all {
			if db.Now().Sub(time.UnixMilli(m.LastSeen)) < stillFresh {
				running = append(running, m.ID)
			}
		}
		return err
	})
	return running, err
}

func databaseClientCommand(a *app) *cobra.Command {
	return a.migration("client", "Print the data source as an option file of the server's own programs", func(_ context.Context, a *app, cfg config.Master) error {
		dsn, err := cfg.Database.Connection()
		if err != nil {
			return err
		}
		options, _, err := store.ClientOptions(dsn.Reveal())
		if err != nil {
			return fault.Wrap(fault.Invalid, err, "%s", err)
		}
		a.print("%s", strings.TrimSuffix(options, "\n"))
		return nil
	})
}

func databaseCopyCommand(a *app) *cobra.Command {
	var to string
	cmd := a.migration("copy", "Write a consistent copy of a SQLite database to a new file", func(ctx context.Context, _ *app, cfg config.Master) error {
		if to == "" {
			return fault.New(fault.Usage, "--to is wanted: the new file")
		}
		db, err := openExisting(ctx, cfg.Database)
		if err != nil {
			return err
		}
		defer db.Close()
		if err := db.CopyTo(ctx, to); err != nil {
			return fault.Wrap(fault.Conflict, err, "%s", err)
		}
		return nil
	})
	cmd.Flags().StringVar(&to, "to", "", "`FILE` to write")
	return cmd
}

// restoredGap is how many ids a restored database leaves out: more than were
// given away in the days or weeks since its backup.
const restoredGap = 1_000_000_000

func databaseRestoredCommand(a *app) *cobra.Command {
	return a.migration("restored", "Leave out the ids that were given away after the backup", func(ctx context.Context, _ *app, cfg config.Master) error {
		db, err := openDatabase(ctx, cfg.Database)
		if err != nil {
			return err
		}
		defer db.Close()
		return databaseFaultOf(db.Restored(ctx, restoredGap))
	})
}
