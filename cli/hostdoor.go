package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/fleet"
)

// hostDoor is who is asked about workers: a master, or with --direct the
// database itself.
type hostDoor interface {
	Hosts(ctx context.Context) (wire.HostList, error)
	Host(ctx context.Context, name string) (wire.HostDetail, error)
	Switch(ctx context.Context, host, position string, request wire.SwitchRequest) (wire.SwitchReply, error)
	Zone(ctx context.Context) *time.Location
}

// masterDoor asks a master.
type masterDoor struct {
	*wire.Client
	app *app
}

// Zone is the cluster's, or UTC when nobody says it.
func (d masterDoor) Zone(ctx context.Context) *time.Location { return d.app.clock(ctx, d.Client).zone }

// hostDoorFlags say which door it is.
type hostDoorFlags struct {
	app      *app
	direct   bool
	config   string
	database string
}

func (f *hostDoorFlags) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.direct, "direct", false, "ask no master: work on the database itself, for when none answers")
	flags.StringVar(&f.config, "config", "", "with --direct: the master's configuration `FILE`, which names the database")
	flags.StringVar(&f.database, "database", "", "with --direct: MySQL data source or SQLite file, `DSN`")
}

// open runs a body with the door.
func (f *hostDoorFlags) open(ctx context.Context, body func(hostDoor) error) error {
	if !f.direct {
		if f.config != "" || f.database != "" {
			return fault.New(fault.Usage, "--config and --database name a database to work on: that is only done with --direct")
		}
		client, err := f.app.client()
		if err != nil {
			return err
		}
		return body(masterDoor{client, f.app})
	}
	where, err := f.where()
	if err != nil {
		return err
	}
	db, err := openExisting(ctx, where)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	who, err := user.Current()
	if err != nil {
		return fault.Wrap(fault.Internal, err, "the system does not say who you are: %v", err)
	}
	return body(&directDoor{db: db, by: fleet.By{Actor: store.Actor{Kind: "person", ID: who.Username}, Source: "database"}})
}

// where names the database: nothing is guessed, it might be another cluster's.
func (f *hostDoorFlags) where() (config.Database, error) {
	a := f.app
	dir, named := a.dataDir()
	switch {
	case f.config != "" && f.database != "":
		return config.Database{}, fault.New(fault.Usage, "--config and --database exclude each other")
	case f.config != "":
		cfg, err := config.LoadMaster(config.Source{File: f.config, Environ: a.environ})
		return cfg.Database, err
	case f.database != "":
		given := config.Dev{Database: config.Secret(f.database)}
		if given.HasPassword() {
			a.say("capri: everybody on this machine can read the password in --database; --config FILE hides it")
		}
		return given.Store(), nil
	case named || a.env("CAPRI_DATA_DIR") != "":
		given := config.Dev{DataDir: dir}
		return given.Store(), nil
	}
	return config.Database{}, fault.New(fault.Usage, "--direct works on which database?").
		WithHint("give --config /etc/capri/master.yaml, --database FILE, or the --data-dir of a capri dev")
}

// openExisting opens a database that has this binary's schema; nothing is made
// or migrated.
func openExisting(ctx context.Context, where config.Database) (*store.DB, error) {
	if where.Driver == config.SQLite {
		dsn, err := where.Connection()
		if err != nil {
			return nil, err
		}
		path, _ := filepath.Abs(dsn.Reveal())
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, fault.Wrap(fault.Unavailable, err, "there is no database %s", path)
		}
	}
	db, err := openDatabase(ctx, where)
	if err != nil {
		return nil, err
	}
	if err := db.CheckSchema(ctx, ""); err != nil {
		return nil, errors.Join(databaseFault(schemaFault(err)), db.Close())
	}
	return db, nil
}

// directDoor works on the database itself. The leader reads it in its next
// pass of assignment.
type directDoor struct {
	db *store.DB
	by fleet.By
}

// Hosts lists the workers.
func (d *directDoor) Hosts(ctx context.Context) (list wire.HostList, err error) {
	err = d.db.View(ctx, func(t *store.ViewTx) error {
		list, err = fleet.List(ctx, t)
		return err
	})
	return list, databaseFaultOf(err)
}

// Host reads one worker.
func (d *directDoor) Host(ctx context.Context, name string) (detail wire.HostDetail, err error) {
	err = d.db.View(ctx, func(t *store.ViewTx) error {
		detail, err = fleet.Show(ctx, t, name)
		return err
	})
	return detail, databaseFaultOf(err)
}

// Switch turns the switch of a worker.
func (d *directDoor) Switch(ctx context.Context, host, position string, request wire.SwitchRequest) (wire.SwitchReply, error) {
	reply, err := fleet.Turn(ctx, d.db, d.by, fleet.Order{Host: host, Position: position, SwitchRequest: request})
	return reply, databaseFaultOf(err)
}

// Zone is the cluster's, or UTC when nobody says it.
func (d *directDoor) Zone(ctx context.Context) *time.Location {
	if zone, err := d.db.Zone(ctx); err == nil {
		return zone
	}
	return time.UTC
}

// databaseFaultOf makes an error of the database fit to be shown.
func databaseFaultOf(err error) error {
	if err == nil {
		return nil
	}
	return databaseFault(err)
}
