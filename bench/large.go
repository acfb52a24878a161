package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"capricornus/common/store"
	"capricornus/common/wire"
)

// What scripts/bench-large.sh loads history for: hourly, daily and monthly
// tasks in projects. scripts/bench-large.sql knows the beginnings of the names.
const (
	largeProjects = 20
	largeHourly   = 320
	largeDaily    = 1400
	largeMonthly  = 280
)

// large is a master over a database with a long history.
type large struct {
	*cluster
	only    string
	verbose bool
	random  *rand.Rand
	slow    []timed // lists, by their worst
}

// runLarge prepares such a database, or measures how a master answers over it.
func runLarge(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("large prepare, or large measure?")
	}
	flags := flag.NewFlagSet("large", flag.ContinueOnError)
	only := flags.String("only", "", "measure only what has this in its name: list, one, graph, rate, load")
	verbose := flags.Bool("v", false, "print every list")
	batches := flags.Int("batches", 1500, "empty batches of each run under load")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	dsn := os.Getenv("LARGE_DSN")
	if dsn == "" {
		return errors.New("LARGE_DSN is not set: run make bench-large, which loads a database")
	}
	c, err := startCluster(ctx, largeEngine(dsn))
	if err != nil {
		return err
	}
	if args[0] == "prepare" {
		return firstError(largeTasks(ctx, c), c.stop())
	}
	l := &large{cluster: c, only: *only, verbose: *verbose, random: rand.New(rand.NewPCG(1, 2))} //nolint:gosec // the same in every run
	return firstError(l.measure(ctx, *batches), c.stop())
}

// largeEngine opens a database that stays.
func largeEngine(dsn string) engine {
	return engine{name: "mariadb", open: func(ctx context.Context) (*store.DB, func(), error) {
		db, err := migrated(ctx, store.Config{Driver: "mysql", DSN: dsn})
		return db, func() {}, err
	}}
}

// largeTasks applies the tasks. They are valid for the past only, so that the
// master that measures makes nothing new.
func largeTasks(ctx context.Context, c *cluster) error {
	var text strings.Builder
	for i := range largeProjects {
		fmt.Fprintf(&text, "apiVersion: capri/v1\nkind: Project\nmetadata: {name: %s}\n---\n", largeProject(i))
	}
	today := time.Now().UTC().Format("2006-01-02")
	for _, of := range []struct {
		letter, period string
		n              int
	}{{"h", "hour", largeHourly}, {"d", "day", largeDaily}, {"m", "month", largeMonthly}} {
		for k := 1; k <= of.n; k++ {
			parents := ""
			if of.letter != "m" {
				parents = fmt.Sprintf("{task: large_h_%04d}", k%largeHourly+1)
			}
			if of.letter == "h" {
				parents = strings.Replace(parents, "}", ", offset: -1}", 1)
			}
			fmt.Fprintf(&text, `apiVersion: capri/v1
kind: Task
metadata: {name: large_%s_%04d, title: "%s report %d", project: %s, owner: admin}
spec:
  period: %s
  valid: {from: 2015-01-01, to: %s}
  priority: %d
  parents: [%s]
  run: {type: shell, script: ":"}
---
`, of.letter, k, of.period, k, largeProject(k), of.period, today, k%10, parents)
		}
	}
	return c.apply(ctx, strings.TrimSuffix(text.String(), "---\n"))
}

func largeProject(i int) string { return fmt.Sprintf("large_p%02d", i%largeProjects) }

// measure runs what was asked for, each part over the same master.
func (l *large) measure(ctx context.Context, batches int) error {
	fmt.Fprintf(os.Stdout, "%-66s %9s %9s\n", "what", "p50 ms", "p99 ms")
	for _, part := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"one", l.ones},
		{"graph", l.graphs},
		{"rate", l.rates},
		{"list", l.lists},
		{"load", func(ctx context.Context) error { return l.underLoad(ctx, batches) }},
	} {
		if !strings.Contains(part.name, l.only) {
			continue
		}
		if err := part.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}

// sample picks n batches evenly from the newest days.
func (l *large) sample(ctx context.Context, n int) ([]wire.Batch, error) {
	day := 24 * time.Hour
	newest := time.Now().UTC().Truncate(day)
	var out []wire.Batch
	for len(out) < n {
		at := newest.Add(-time.Duration(l.random.Int64N(int64(20 * day))))
		var page wire.BatchList
		if err := l.read(ctx, "/api/v1/batches?latest=true&limit=500&state=success&to="+at.Format(time.RFC3339), &page); err != nil {
			return nil, err
		}
		if len(page.Items) == 0 {
			return nil, errors.New("there is no history")
		}
		for range 50 {
			out = append(out, page.Items[l.random.IntN(len(page.Items))])
		}
	}
	return out[:n], nil
}
