package storetest

import (
	"context"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// commandQueries are those of commands: what they choose, and how operations stand.
func commandQueries(l large) []hotQuery {
	view := func(name string, fn func(ctx context.Context, v *store.ViewTx) error) hotQuery {
		return hotQuery{name, func(ctx context.Context) error {
			return l.DB.View(ctx, func(v *store.ViewTx) error { return fn(ctx, v) })
		}}
	}
	choose := func(name string, f store.TargetFilter) hotQuery {
		f.Limit = 101
		return view("Targets by "+name, func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.Targets(ctx, f)
			return err
		})
	}
	running, failed := batch.Running, batch.Failed
	return []hotQuery{
		choose("tasks", store.TargetFilter{Tasks: l.tasks[:5], Open: true}),
		choose("tasks and range", store.TargetFilter{Tasks: l.tasks[:5], Period: 1, From: "20150001", To: "20150003"}),
		choose("operation", store.TargetFilter{Operation: 3}),
		choose("host", store.TargetFilter{Host: "w1", Open: true}),
		choose("openness", store.TargetFilter{Open: true}),
		choose("state", store.TargetFilter{State: &running}),
		choose("result", store.TargetFilter{Finish: &failed}),
		view("TargetsOf", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.TargetsOf(ctx, []store.NamedRun{{ParentKey: store.ParentKey{TaskID: l.tasks[3], WorkNo: "20150003"}, Run: batch.AnyRun}})
			return err
		}),
		view("Progresses and ItemCounts", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.Progresses(ctx, []int64{3, 4, 5}); err != nil {
				return err
			}
			if _, err := v.ItemCounts(ctx, []int64{3, 4, 5}); err != nil {
				return err
			}
			_, err := v.ItemsToChange(ctx, 3, 50)
			return err
		}),
		view("Items", func(ctx context.Context, v *store.ViewTx) error {
			for _, f := range []store.ItemFilter{{}, {Decision: "create"}, {State: &running}, {Decision: "fail", Finish: &failed}} {
				f.Operation, f.After, f.Limit = 3, 10, 50
				if _, err := v.Items(ctx, f); err != nil {
					return err
				}
			}
			return nil
		}),
		view("Kills and holds", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.KillHosts(ctx); err != nil {
				return err
			}
			for _, f := range []store.HoldFilter{{Source: store.SourceBreaker}, {Kind: store.HoldTask}, {Kind: store.HoldBatch, Object: l.open[0]}} {
				f.Limit = 50
				if _, err := v.HoldsAfter(ctx, f); err != nil {
					return err
				}
			}
			if _, err := v.MootHolds(ctx, 50); err != nil {
				return err
			}
			_, err := v.HoldsOf(ctx, store.HoldBatch, l.open)
			return err
		}),
	}
}
