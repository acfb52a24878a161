package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/user"
	"time"

	"capricornus/common/datapath"
	"capricornus/common/datapath/dfs"
	"capricornus/common/datapath/hdfs"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/master/gate"
	"capricornus/master/plan"
)

const (
	hdfsTables = 2000 // directories
	hdfsRaw    = 2000 // calls, one after the other
)

// benchHDFS looks at two paths of each task on a real namenode, all of them
// waited for. Half of the partitions are there without _SUCCESS. The raw part is
// one call after the other on one connection.
func benchHDFS(ctx context.Context, e engine, o options) error {
	address := os.Getenv("TEST_HDFS")
	if address == "" {
		return errors.New("TEST_HDFS is not set: run make bench, which starts an HDFS")
	}
	db, lead, drop, err := e.led(ctx)
	if err != nil {
		return err
	}
	defer drop()
	base := fmt.Sprintf("/bench-%d-%s", os.Getpid(), e.name)
	slot, err := waitForHDFS(ctx, db, lead, base, o.tasks)
	if err != nil {
		return err
	}
	shell := dfs.New(dfs.Config{Namenodes: []string{address}, User: superuser(), Timeout: time.Minute}, dfs.Streams{Out: io.Discard, Err: os.Stderr})
	defer shell.Close()
	defer shell.Run(context.WithoutCancel(ctx), []string{"-rm", "-r", "-f", "hdfs://" + base})
	if err := makePartitions(ctx, shell, base, slot, o.tasks); err != nil {
		return err
	}
	fs, err := hdfs.New(hdfs.Config{Namenodes: []string{address}, Timeout: 10 * time.Second, Clients: 16, User: superuser()})
	if err != nil {
		return err
	}
	defer func() { _ = fs.Close() }()
	raw, err := oneByOne(ctx, fs, base)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "%-10s %-34s %12.0f/s\n", e.name, "namenode, calls one by one", hdfsRaw/raw.Seconds())
	fmt.Fprintf(os.Stdout, "%-10s %-34s %12d in %d directories\n", e.name, "distinct paths waited for", 2*o.tasks, hdfsTables)
	return lookAtHDFS(ctx, e, db, lead, fs)
}

// waitForHDFS makes a batch of each task, with two paths that are not ready.
func waitForHDFS(ctx context.Context, db *store.DB, lead *store.Lead, base string, tasks int) (period.Slot, error) {
	defs := make([]*task.Task, tasks)
	for i := range defs {
		defs[i] = definition(i)
		defs[i].Spec.Parents = nil
		defs[i].Spec.Inputs = []task.Input{
			{Path: partition(base, 2*i, "{{ biz yyyyMMddHH }}"), Ready: "_SUCCESS"},
			{Path: partition(base, 2*i+1, "{{ biz yyyyMMddHH }}"), Ready: "_SUCCESS"},
		}
	}
	if err := saveDefinitions(ctx, db, defs); err != nil {
		return period.Slot{}, err
	}
	cycle, err := period.NewCycle(period.Hour, "", time.UTC)
	if err != nil {
		return period.Slot{}, err
	}
	now := time.Now()
	slots := cycle.Due(now.Add(-2*time.Hour), now, 10)
	slot := slots[len(slots)-1]
	planner := plan.New(db, store.NewDefinitions(db, 2*tasks), time.UTC, plan.Notify{Generated: func([]int64) {}, Operation: func() {}}, discard())
	_, err = generateSlot(ctx, planner, lead, slot, tasks)
	return slot, err
}

// partition is path number n of all: ten of them share a table's directory when
// there are 20,000.
func partition(base string, n int, hour string) string {
	return fmt.Sprintf("hdfs://%s/t%04d/n%05d-%s", base, n%hdfsTables, n, hour)
}

// makePartitions makes every other partition, a few hundred with one command.
func makePartitions(ctx context.Context, shell *dfs.Shell, base string, slot period.Slot, tasks int) error {
	args := []string{"-mkdir", "-p"}
	for n := 0; n < 2*tasks; n += 2 {
		args = append(args, partition(base, n, slot.BizStart.Format("2006010215")))
		if len(args) > 500 || n+2 >= 2*tasks {
			if code := shell.Run(ctx, args); code != 0 {
				return errors.New("partitions are not made")
			}
			args = args[:2]
		}
	}
	return nil
}

// superuser is who started the HDFS.
func superuser() string {
	me, err := user.Current()
	if err != nil {
		return "root"
	}
	return me.Username
}

// counted is a file system that counts its calls.
type counted interface{ Calls() int64 }

// oneByOne is how long single calls take.
func oneByOne(ctx context.Context, fs datapath.FileSystem, base string) (time.Duration, error) {
	begin := time.Now()
	for n := range hdfsRaw {
		if _, err := fs.Look(ctx, &url.URL{Scheme: "hdfs", Path: fmt.Sprintf("%s/t%04d/none", base, n%hdfsTables)}, datapath.ReadyExists); err != nil {
			return 0, err
		}
	}
	return time.Since(begin), nil
}

// lookAtHDFS is passes of the gate over all that is waited for.
func lookAtHDFS(ctx context.Context, e engine, db *store.DB, lead *store.Lead, fs datapath.FileSystem) error {
	calls, counts := fs.(counted)
	if !counts {
		return errors.New("the file system does not count its calls")
	}
	g := gate.New(db, datapath.New(datapath.Options{HDFS: fs}), func() {}, discard())
	for _, what := range []string{"first", "second", "third"} {
		g.LookAtPaths()
		before, begin := calls.Calls(), time.Now()
		if _, err := g.Paths(ctx, lead); err != nil {
			return err
		}
		fmt.Fprintf(os.Stdout, "%-10s %-34s %11.2f s %8d calls\n", e.name, what+" pass over the paths", time.Since(begin).Seconds(), calls.Calls()-before)
	}
	return nil
}
