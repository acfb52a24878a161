package cli

import (
	"context"
	"errors"
	"strconv"

	"github.com/spf13/cobra"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/common/store"
)

func migrateCommand(a *app) *cobra.Command {
	return group("migrate", "Bring the database of a cluster up to this version", migrateUpCommand(a), migrateStatusCommand(a))
}

func migrateUpCommand(a *app) *cobra.Command {
	return a.migration("up", "Migrate the database; it remembers the cluster's time zone", migrateUp)
}

func migrateStatusCommand(a *app) *cobra.Command {
	return a.migration("status", "Show which migrations the database has", migrateStatus)
}

// migration makes a command that works on the database of a master's
// configuration.
func (a *app) migration(use, short string, body func(context.Context, *app, config.Master) error) *cobra.Command {
	defaults := config.DefaultMaster()
	cmd := &cobra.Command{Use: use + " --config FILE", Short: short, Args: arguments(0, 0)}
	flags := a.daemonFlags(cmd, defaults.Keys())
	cmd.RunE = a.do(func(ctx context.Context, _ []string) error {
		cfg, err := config.LoadMaster(flags.source())
		if err != nil {
			return err
		}
		return body(ctx, a, cfg)
	})
	return cmd
}

// migrated is what `migrate` prints.
type migrated struct {
	Engine  string `json:"engine"`
	Version int64  `json:"version"`
	Target  int64  `json:"target"`
	Zone    string `json:"zone,omitempty"`
	Applied int    `json:"applied"`
}

func migrateUp(ctx context.Context, a *app, cfg config.Master) error {
	db, err := openDatabase(ctx, cfg.Database)
	if err != nil {
		return err
	}
	defer db.Close()
	before, err := describeSchema(ctx, db)
	if err != nil {
		return err
	}
	applied, err := db.Migrate(ctx, firstOf(cfg.Timezone, before.Zone, config.HostZone()))
	if err != nil {
		return schemaFault(err)
	}
	after, err := describeSchema(ctx, db)
	if err != nil {
		return err
	}
	after.Applied = applied
	admin, workers, err := credentials(ctx, db)
	if err != nil {
		return err
	}
	if admin != "" {
		a.say("The database is new. These are its first tokens; they are shown this once:")
		a.say("  administrator  %s", admin)
		a.say("  workers        %s", workers)
	}
	return a.showSchema(after)
}

func migrateStatus(ctx context.Context, a *app, cfg config.Master) error {
	db, err := openDatabase(ctx, cfg.Database)
	if err != nil {
		return err
	}
	defer db.Close()
	status, err := describeSchema(ctx, db)
	if err != nil {
		return err
	}
	if err := a.showSchema(status); err != nil {
		return err
	}
	if status.Version != status.Target {
		return &outcome{code: exitConflict, text: "the database is not at this binary's version: run capri migrate up"}
	}
	return nil
}

func openDatabase(ctx context.Context, where config.Database) (*store.DB, error) {
	dsn, err := where.Connection()
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, store.Config{Driver: where.Driver, DSN: dsn.Reveal(), AnyServer: where.AnyServer})
	if err != nil {
		return nil, databaseFault(err)
	}
	return db, nil
}

func describeSchema(ctx context.Context, db *store.DB) (migrated, error) {
	schema, err := db.Schema(ctx)
	if err != nil {
		return migrated{}, err
	}
	status := migrated{Engine: db.Engine(), Version: schema.Current, Target: schema.Target}
	if schema.Current == 0 {
		return status, nil
	}
	if zone, err := db.Zone(ctx); err == nil {
		status.Zone = zone.String()
	}
	return status, nil
}

func (a *app) showSchema(s migrated) error {
	return a.show(s, []string{strconv.FormatInt(s.Version, 10)}, func() {
		a.fields("Engine", s.Engine, "Version", s.Version, "Needed", s.Target, "Zone", s.Zone, "Applied", s.Applied)
	})
}

// schemaFault makes a refusal of the store fit to be shown.
func schemaFault(err error) error {
	if errors.Is(err, store.ErrSchema) {
		return fault.Wrap(fault.Conflict, err, "%s", err)
	}
	return err
}

func firstOf(words ...string) string {
	for _, word := range words {
		if word != "" {
			return word
		}
	}
	return ""
}
