package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/period"
	"capricornus/common/wire"
	"capricornus/examples/weblog"
)

// ownLog names a real access log that takes the place of the generated one.
const ownLog = "WEBLOG_LOG"

// pendingFile stands in the data directory from its first start until the
// demo's cold start is complete, however often that is cut short.
const pendingFile = "coldstart.pending"

// logSeed makes the generated log the same everywhere.
const logSeed = 1

// demo applies the example tasks, cold-starts the last two days of a new
// database, and keeps the generated log growing until ctx ends.
func (d *devCluster) demo(ctx context.Context, client *wire.Client) error {
	if d.cfg.Demo != config.DemoWeblog {
		return nil
	}
	log, own := d.app.environ(ownLog)
	feed := &logFeed{path: filepath.Join(d.dir, "weblog", "access.log"), now: d.app.now}
	if !own {
		log = feed.path
		if err := feed.catchUp(); err != nil {
			return err
		}
	}
	house, far, err := d.house(log)
	if err != nil {
		return err
	}
	feed.uploaded = func(ctx context.Context) error { return far.upload(ctx, log) }
	if d.fresh && !own {
		if err := replaceFile(filepath.Join(d.dir, pendingFile), devNode); err != nil {
			return err
		}
	}
	err = feed.uploaded(ctx)
	if err == nil {
		err = d.applyDemo(ctx, client, house, own)
	}
	if ctx.Err() != nil {
		return nil //nolint:nilerr // stopped before the demo was there: the next start applies it
	}
	if err != nil {
		d.log.Error("demo not applied", logs.Error(err))
	}
	if own {
		return nil
	}
	return feed.follow(ctx)
}

func (d *devCluster) applyDemo(ctx context.Context, client *wire.Client, house weblog.House, own bool) error {
	files, err := weblog.Files(house)
	if err != nil {
		return err
	}
	req := wire.ApplyRequest{Note: "example of capri dev"}
	for _, f := range files {
		req.Files = append(req.Files, wire.File{Name: f.Name, Text: f.Text})
	}
	if err := untilReady(ctx, client); err != nil {
		return err
	}
	reply, err := client.Apply(ctx, req)
	if err != nil {
		return err
	}
	if !reply.Applied {
		return fmt.Errorf("the example's task files were refused: %v", reply.Findings)
	}
	pending := filepath.Join(d.dir, pendingFile)
	if _, err := os.Stat(pending); err != nil || own {
		return nil //nolint:nilerr // done, or never wanted
	}
	if err := d.coldStartDemo(ctx, client); err != nil {
		return err
	}
	return os.Remove(pending)
}

// untilReady waits until a leader is there; it looks every 20 ms.
func untilReady(ctx context.Context, client *wire.Client) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if status, err := client.Status(ctx); err == nil && status.Leader != "" {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// coldStartDemo makes the batches of the last two days, and the week and month
// over them: finer periods first, so that coarser ones find their parents.
func (d *devCluster) coldStartDemo(ctx context.Context, client *wire.Client) error {
	zone, err := d.db.Zone(ctx)
	if err != nil {
		return err
	}
	now := d.app.now()
	for _, part := range []struct {
		kind period.Kind
		back time.Duration
	}{{period.Hour, 48 * time.Hour}, {period.Day, 48 * time.Hour}, {period.Week, 7 * 24 * time.Hour}, {period.Month, 31 * 24 * time.Hour}} {
		cycle, err := period.NewCycle(part.kind, "", zone)
		if err != nil {
			return err
		}
		slots := cycle.Due(now.Add(-part.back), now, 1000)
		if len(slots) == 0 {
			continue
		}
		if err := coldStartRange(ctx, client, part.kind.String(), slots[0].WorkNo, slots[len(slots)-1].WorkNo); err != nil {
			return fmt.Errorf("cold start of %s batches: %w", part.kind, err)
		}
	}
	return nil
}

func coldStartRange(ctx context.Context, client *wire.Client, kind, from, to string) error {
	for {
		plan, err := client.Plan(ctx, wire.PlanRequest{Kind: "coldstart", Period: kind, From: from, To: to, Mode: "missing", Reason: "example of capri dev"})
		if err != nil || plan.Counts.Create == 0 {
			return err
		}
		_, err = client.ApplyPlan(ctx, plan)
		if fault.CodeOf(err) != fault.PlanStale {
			return err
		}
	}
}
