package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"syscall"

	"capricornus/common/config"
	"capricornus/common/datapath/hdfs"
	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/store"
	"capricornus/common/trace"
	"capricornus/master"
	"capricornus/master/election"
	"capricornus/master/notice/channel"
)

// runMaster runs a master until ctx ends.
func runMaster(ctx context.Context, cfg config.Master, log *slog.Logger) error {
	proof, err := readProof(cfg, log)
	if err != nil {
		return err
	}
	listener, err := listenOn(ctx, cfg.Listen)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	db, err := openDatabase(ctx, cfg.Database)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if err := db.CheckSchema(ctx, cfg.Timezone); err != nil {
		return schemaFault(err)
	}
	spans, err := tracer(ctx, cfg.Trace, "capri-master", cfg.Node)
	if err != nil {
		return err
	}
	defer spans.Close()
	m, err := composeMaster(ctx, cfg, proof, ground{db, spans, log})
	if err != nil {
		return err
	}
	warnOfRisks(cfg, log)
	log.Info("master listens", logs.Address, listener.Addr().String(), logs.Node, cfg.Node)
	err = observed(ctx, func(ctx context.Context) error { return m.Operate(ctx, proof.secure(listener)) }, m.Metrics().Registry, cfg.Metrics, log)
	if errors.Is(err, election.ErrRemoved) {
		return fault.Wrap(fault.Conflict, err, "master %s was removed from the cluster", cfg.Node).
			WithHint("switch its service off; or start it with raft.join: true and take it in again by capri cluster join")
	}
	return err
}

// ground is what a master stands on.
type ground struct {
	db    *store.DB
	spans *trace.Tracer
	log   *slog.Logger
}

func composeMaster(ctx context.Context, cfg config.Master, proof proof, on ground) (*master.Master, error) {
	conf := election.Config{
		Node: cfg.Node, Advertise: cfg.Advertise, Dir: cfg.Raft.Dir, Peers: cfg.Raft.Peers,
		Adopt: cfg.Adopt, Join: cfg.Raft.Join, TLS: proof.members,
	}
	if len(cfg.Raft.Peers) > 0 || cfg.Raft.Join {
		conf.Listen = cfg.Raft.Listen
	}
	terms, err := election.New(conf, master.Claimer{DB: on.db}, on.log)
	if err != nil {
		return nil, err
	}
	listed, err := readJobs(cfg.Jobs.File)
	if err != nil {
		return nil, err
	}
	login, err := loginConfig(cfg)
	if err != nil {
		return nil, err
	}
	paths, err := hdfs.NewChecker(hdfsConfig(&cfg.HDFS))
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "HDFS cannot be used as it is configured: %v", err)
	}
	signal, err := channel.NewSignal(cfg.Alerts.Heartbeat)
	if err != nil {
		return nil, err
	}
	senders, err := channel.Open(cfg.Alerts)
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "people cannot be told as it is configured: %v", err)
	}
	return master.New(ctx, master.Config{
		Senders:   senders,
		Heartbeat: heartbeat(cfg.Alerts.Heartbeat, signal),
		Paths:     paths, Node: cfg.Node, Advertise: cfg.Advertise, Members: terms, Peers: proof.peers,
		Version: ownVersion().Version, QualityURL: cfg.Quality.URL, Large: cfg.Profile == config.ProfileLarge, Trace: on.spans, CallRate: cfg.Limits.CallsPerSecond, Jobs: listed, Login: login,
	}, on.db, terms, on.log)
}

// heartbeat is how a master calls an outside monitor; nil: there is none.
func heartbeat(cfg config.Heartbeat, signal *channel.Signal) master.Heartbeat {
	if signal == nil {
		return master.Heartbeat{}
	}
	return master.Heartbeat{Every: cfg.Every, Call: signal.Call}
}

// listenOn opens a listener, with one sentence when it cannot.
func listenOn(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	inUse := func(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }
	listener, err := untilReleased(ctx, func() (net.Listener, error) { return config.Listen(ctx, "tcp", address) }, inUse)
	if inUse(err) {
		return nil, fault.Wrap(fault.Conflict, err, "%s is taken by another program", address).WithHint("choose another with --listen")
	}
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "cannot listen on %s: %v", address, err)
	}
	return listener, nil
}

// databaseFault says in one sentence that the database cannot be used.
func databaseFault(err error) error {
	if fault.CodeOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(fault.Unavailable, err, "the database cannot be used: %v", err)
}

// credentials makes the tokens a new database starts with: the
// administrator's and the workers'. It returns none when there are some.
func credentials(ctx context.Context, db *store.DB) (admin, worker string, err error) {
	var admins []store.User
	n := 0
	err = db.View(ctx, func(t *store.ViewTx) error {
		if n, err = t.CountTokens(ctx); err != nil {
			return err
		}
		admins, err = t.Users(ctx)
		return err
	})
	if err != nil || n > 0 {
		return "", "", err
	}
	for _, u := range admins {
		if u.Name == "admin" {
			admin, worker, err = mintTokens(ctx, db, u.ID)
			return admin, worker, err
		}
	}
	return "", "", errors.New("the database has no user admin")
}

func mintTokens(ctx context.Context, db *store.DB, adminID int64) (admin, worker string, err error) {
	ids, err := db.IDs(ctx, 3)
	if err != nil {
		return "", "", err
	}
	admin, worker = newToken(), newToken()
	err = db.Operate(ctx, store.Actor{Kind: "migrate", ID: "migrate"}, func(t *store.OperateTx) error {
		if err := t.PutToken(ctx, store.Token{ID: ids[0], Hash: hashToken(admin), Name: "first administrator", UserID: adminID, Role: "superadmin"}); err != nil {
			return err
		}
		if err := t.PutToken(ctx, store.Token{ID: ids[1], Hash: hashToken(worker), Name: "workers", UserID: adminID, Role: "worker"}); err != nil {
			return err
		}
		return t.Audit(ctx, store.Audit{ID: ids[2], Action: "token.add", Object: "first administrator, workers", Source: "local", Detail: "{}"})
	})
	if err != nil {
		return "", "", fmt.Errorf("make the first tokens: %w", err)
	}
	return admin, worker, nil
}
