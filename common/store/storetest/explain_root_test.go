package storetest

import (
	"context"

	"capricornus/common/store"
)

// rootQueries are those that find what alerts come from, and what is over: they
// run every few seconds while something is open.
func rootQueries(l large) []hotQuery {
	view := func(name string, fn func(ctx context.Context, v *store.ViewTx) error) hotQuery {
		return hotQuery{name, func(ctx context.Context) error {
			return l.DB.View(ctx, func(v *store.ViewTx) error { return fn(ctx, v) })
		}}
	}
	keys := []store.ParentKey{{TaskID: l.tasks[3], WorkNo: "20150003"}, {TaskID: l.tasks[4], WorkNo: "20150004"}, {TaskID: l.tasks[5]}}
	return []hotQuery{
		view("NodesByID", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.NodesByID(ctx, l.open)
			return err
		}),
		view("TaskIDs", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.TaskIDs(ctx, []string{"task_1", "task_2"})
			return err
		}),
		view("AwaitedPaths", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.AwaitedPaths(ctx, []int64{store.PathHash("/in/20150078"), store.PathHash("/in/20150003")})
			return err
		}),
		view("AwaitedThirds", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.AwaitedThirds(ctx, []store.ThirdKey{{Code: "pay", DataNo: "20150078"}, {Code: "pay", DataNo: "20150003"}})
			return err
		}),
		view("AwaitedParents", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.AwaitedParents(ctx, keys)
			return err
		}),
		view("LastWords", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.LastWords(ctx, []store.AlertObject{{Kind: store.AlertWorkerBack, Object: "w1"}, {Kind: "pass-old", Object: "depend"}})
			return err
		}),
		view("Sent", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.Sent(ctx, []store.SentBy{{Channel: "sms", Since: 1_000_000}, {Channel: "webhook", Recipient: "hook:room", Since: 1_000_000}})
			return err
		}),
	}
}
