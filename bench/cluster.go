package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master"
	"capricornus/master/election"
	"capricornus/worker"
)

// cluster is one master and one worker in this process, over loopback HTTP,
// with real raft, real processes and durable commits.
type cluster struct {
	db     *store.DB
	dir    string
	client *wire.Client
	stop   func() error
}

const (
	adminToken  = "bench-admin-token"
	workerToken = "bench-worker-token"
	benchSlots  = 64
)

func startCluster(ctx context.Context, e engine, change ...func(*master.Config)) (*cluster, error) {
	db, drop, err := e.open(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "capri-bench-")
	if err != nil {
		return nil, err
	}
	if err := tokens(ctx, db); err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	base := "http://" + listener.Addr().String()
	terms, err := election.New(election.Config{Node: "bench", Advertise: base, Dir: filepath.Join(dir, "raft"), Adopt: true}, master.Claimer{DB: db}, discard())
	if err != nil {
		return nil, err
	}
	config := master.Config{Node: "bench", Version: "bench", Advertise: base, Members: terms}
	for _, c := range change {
		c(&config)
	}
	m, err := master.New(ctx, config, db, terms, discard())
	if err != nil {
		return nil, err
	}
	cfg := worker.Default()
	cfg.Host, cfg.Masters, cfg.Token, cfg.Root, cfg.Slots = workerName(), []string{base}, workerToken, filepath.Join(dir, "w1"), benchSlots
	cfg.OwnUser = true
	w, err := worker.New(cfg, worker.Deps{Log: discard()})
	if err != nil {
		return nil, err
	}
	inner, cancel := context.WithCancel(ctx)
	g, inner := errgroup.WithContext(inner)
	g.Go(func() error { return m.Operate(inner, listener) })
	g.Go(func() error { return w.Run(inner) })
	c := &cluster{db: db, dir: dir, client: &wire.Client{Base: base, Token: adminToken, HTTP: wire.NewHTTP(nil)}}
	c.stop = func() error {
		cancel()
		err := g.Wait()
		_ = db.Close()
		drop()
		_ = os.RemoveAll(dir)
		return err
	}
	return c, c.ready(ctx)
}

func tokens(ctx context.Context, db *store.DB) error {
	ids, err := db.IDs(ctx, 2)
	if err != nil {
		return err
	}
	return db.Operate(ctx, store.Actor{Kind: "bench"}, func(t *store.OperateTx) error {
		users, err := t.Users(ctx)
		if err != nil {
			return err
		}
		for i, k := range []struct{ secret, role string }{{adminToken, "superadmin"}, {workerToken, "worker"}} {
			sum := sha256.Sum256([]byte(k.secret))
			if err := t.PutToken(ctx, store.Token{ID: ids[i], Hash: hex.EncodeToString(sum[:]), Name: k.role, UserID: users[0].ID, Role: k.role}); err != nil && !errors.Is(err, store.ErrExists) { // a database that stays has them
				return err
			}
		}
		return nil
	})
}

// ready waits for a leader and a live worker.
func (c *cluster) ready(ctx context.Context) error {
	return until(ctx, func() (bool, error) {
		status, err := c.client.Status(ctx)
		if err != nil || status.Leader == "" {
			return false, nil //nolint:nilerr // not up yet
		}
		hosts, err := c.client.Hosts(ctx)
		ours := slices.IndexFunc(hosts.Items, func(h wire.Host) bool { return h.Host == workerName() })
		return err == nil && ours >= 0 && hosts.Items[ours].Alive, nil
	})
}

func until(ctx context.Context, done func() (bool, error)) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func (c *cluster) apply(ctx context.Context, text string) error {
	reply, err := c.client.Apply(ctx, wire.ApplyRequest{Files: []wire.File{{Name: "bench.yaml", Text: text}}})
	if err != nil {
		return err
	}
	if !reply.Applied {
		return fmt.Errorf("task files refused: %v", reply.Findings)
	}
	return nil
}

func (c *cluster) coldStart(ctx context.Context, from, to string, tasks ...string) error {
	plan, err := c.client.Plan(ctx, wire.PlanRequest{Kind: "coldstart", Period: "hour", From: from, To: to, Tasks: tasks})
	if err != nil {
		return err
	}
	_, err = c.client.ApplyPlan(ctx, plan)
	return err
}

// workerName is another one in each process: a database that stays still knows
// the worker of the last run, and takes no second one of its name.
func workerName() string { return fmt.Sprintf("w%d", os.Getpid()) }
