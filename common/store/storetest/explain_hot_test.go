package storetest

import (
	"context"
	"slices"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// hotQueries are the queries that run all the time or over all that is open.
func hotQueries(l large) []hotQuery {
	view := func(name string, fn func(ctx context.Context, v *store.ViewTx) error) hotQuery {
		return hotQuery{name, func(ctx context.Context) error {
			return l.DB.View(ctx, func(v *store.ViewTx) error { return fn(ctx, v) })
		}}
	}
	list := func(name string, f store.BatchFilter) hotQuery {
		f.Limit = 50
		return view("Batches by "+name, func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.Batches(ctx, f)
			return err
		})
	}
	running, done, failed := batch.Running, batch.Done, batch.Failed
	keys := []store.ParentKey{{TaskID: l.tasks[3], WorkNo: "20150078"}, {TaskID: l.tasks[4], WorkNo: "20150079"}}
	out := []hotQuery{
		list("nothing", store.BatchFilter{}),
		list("position", store.BatchFilter{Before: store.BatchKey{ScheduleTime: 2_000_000, ID: l.first}}),
		list("task", store.BatchFilter{Task: "task_1"}),
		list("project", store.BatchFilter{Project: "web"}),
		list("state", store.BatchFilter{State: &running}),
		list("done", store.BatchFilter{State: &done}),
		list("finish", store.BatchFilter{Finish: &failed}),
		list("host", store.BatchFilter{Host: "w2"}),
		list("host and state", store.BatchFilter{Host: "w2", State: &running}),
		list("operation", store.BatchFilter{OperationID: 3}),
		list("time", store.BatchFilter{From: 1_000_000, To: 1_100_000}),
		list("late", store.BatchFilter{Late: true}),
		list("latest", store.BatchFilter{Latest: true}),
		view("Ready", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.Ready(ctx, store.FirstReady(), 500)
			return err
		}),
		view("AssignedWorks", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.AssignedWorks(ctx, 500)
			return err
		}),
		view("Misfortunes", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.Misfortunes(ctx, []int64{l.first, l.first + 1}, 5)
			return err
		}),
		view("OnHost", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.OnHost(ctx, "w1", batch.Assigned, 50)
			return err
		}),
		view("Usages", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.Usages(ctx)
			return err
		}),
		view("UnmetPaths", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.UnmetPaths(ctx, store.UnmetPath{Path: "/in/a"}, 500)
			return err
		}),
		view("ReadyParents", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.ReadyParents(ctx, 500)
			return err
		}),
		view("ReadyThirds", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.ReadyThirds(ctx, 500)
			return err
		}),
		view("ReadyLasts", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.ReadyLasts(ctx, 500)
			return err
		}),
		view("ReadersOf", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.ReadersOf(ctx, []int64{l.first, l.first + 1})
			return err
		}),
		view("What new batches lack", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.UnmetPathsOf(ctx, l.open); err != nil {
				return err
			}
			_, err := v.ReadyLastsFor(ctx, l.open)
			return err
		}),
		view("BatchByRef", func(ctx context.Context, v *store.ViewTx) error {
			name, err := v.HeadsByID(ctx, l.tasks[:1])
			if err == nil {
				_, err = v.BatchByRef(ctx, batch.Ref{Task: name[0].Name, WorkNo: "20150003", Run: batch.AnyRun})
			}
			return err
		}),
		view("BatchesByID", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.BatchesByID(ctx, l.open)
			return err
		}),
		view("Existing and CountingBatches", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.Existing(ctx, keys); err != nil {
				return err
			}
			_, err := v.CountingBatches(ctx, keys)
			return err
		}),
		view("Definitions", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.Definitions(ctx, []store.VersionKey{{TaskID: l.tasks[0], Version: 1}})
			return err
		}),
		view("DependsOf", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.DependsOf(ctx, l.open[:3])
			return err
		}),
		view("Events and Instances", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.Events(ctx, l.first); err != nil {
				return err
			}
			_, err := v.Instances(ctx, l.first)
			return err
		}),
		view("Operations", func(ctx context.Context, v *store.ViewTx) error {
			if _, err := v.OperationProgress(ctx, 3); err != nil {
				return err
			}
			if _, err := v.PendingOperations(ctx); err != nil {
				return err
			}
			if _, err := v.Cancelling(ctx, 50); err != nil {
				return err
			}
			if _, err := v.EndedOperations(ctx); err != nil {
				return err
			}
			if _, err := v.ItemVersions(ctx, 3); err != nil {
				return err
			}
			if _, err := v.ItemsCreating(ctx, 3, l.tasks[:5]); err != nil {
				return err
			}
			_, err := v.ItemsToMake(ctx, 3, 50)
			return err
		}),
		view("Announced", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.Announced(ctx, []store.ThirdKey{{Code: "pay", DataNo: "1"}})
			return err
		}),
		view("TokenByHash", func(ctx context.Context, v *store.ViewTx) error {
			_, err := v.TokenByHash(ctx, "0")
			if err == nil {
				return nil
			}
			return ignoreMissing(err)
		}),
	}
	return append(append(out, hotWrites(l, keys)...), slices.Concat(watchQueries(l), commandQueries(l), whyQueries(l), rootQueries(l), guardQueries(l), logQueries(l), viewsQueries(l), peopleQueries(l), figureQueries(l), alertPeopleQueries(l), noticeSendQueries(l), reportQueries(l), rosterQueries(l), silenceQueries(l), noticeQueries(l))...)
}

func ignoreMissing(err error) error {
	if err == store.ErrNotFound { //nolint:errorlint // it comes unwrapped
		return nil
	}
	return err
}

func hotWrites(l large, keys []store.ParentKey) []hotQuery {
	lead := func(name string, fn func(ctx context.Context, t *store.LeaderTx) error) hotQuery {
		return hotQuery{name, func(ctx context.Context) error {
			return l.Lead.Tx(ctx, "test", func(t *store.LeaderTx) error { return fn(ctx, t) })
		}}
	}
	return []hotQuery{
		lead("MeetParents", func(ctx context.Context, t *store.LeaderTx) error {
			_, err := t.MeetParents(ctx, []store.ParentKey{{TaskID: l.tasks[7], WorkNo: "20150078"}, {TaskID: l.tasks[8], WorkNo: "20150075"}})
			return err
		}),
		lead("MeetLasts", func(ctx context.Context, t *store.LeaderTx) error {
			_, err := t.MeetLasts(ctx, l.tasks[:3])
			return err
		}),
		lead("SetPaths", func(ctx context.Context, t *store.LeaderTx) error {
			_, err := t.SetPaths(ctx, []store.PathState{
				{Path: "/in/20150079", Ready: "exists", Met: true}, {Path: "/in/20150078", Ready: "exists", Error: "away"},
			})
			return err
		}),
		lead("MeetThirds", func(ctx context.Context, t *store.LeaderTx) error {
			_, err := t.MeetThirds(ctx, []store.ThirdKey{{Code: "pay", DataNo: "20150079"}})
			return err
		}),
		lead("InsertBatches of a rerun", func(ctx context.Context, t *store.LeaderTx) error {
			return t.InsertBatches(ctx, []store.NewBatch{
				{ID: 900_000_001, TaskID: l.tasks[1], WorkNo: "20150001", Type: 1, Origin: batch.ByRerun, ProjectID: l.Project},
				{ID: 900_000_002, TaskID: l.tasks[2], WorkNo: "20150001", Type: 1, Origin: batch.ByRerun, ProjectID: l.Project},
			})
		}),
		lead("AwaitParents", func(ctx context.Context, t *store.LeaderTx) error {
			_, err := t.AwaitParents(ctx, map[int64][]store.ParentKey{l.open[50]: keys, l.open[51]: keys}, "test")
			return err
		}),
		lead("What a cancelled operation has waiting", func(ctx context.Context, t *store.LeaderTx) error {
			if _, err := t.LockUnstarted(ctx, 3, 50); err != nil {
				return err
			}
			return t.ItemsUnmade(ctx, 3, l.open[:3])
		}),
		lead("SetGates", func(ctx context.Context, t *store.LeaderTx) error {
			return t.SetGates(ctx, []store.Gate{{ID: l.open[50], Code: "hold"}, {ID: l.open[51], Code: "hold"}})
		}),
		{"a batch's life", func(context.Context) error {
			ids := []int64{900_000_001, 900_000_002}
			for _, step := range []func() error{
				func() error { return l.Assign(Host, ids...) },
				func() error { return l.Start(ids...) },
				func() error { return l.Finish(0, ids...) },
			} {
				if err := step(); err != nil {
					return err
				}
			}
			return nil
		}},
		{"What is checked and written at a start", func(ctx context.Context) error {
			return l.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(t *store.WorkTx) error {
				if _, err := t.BrokenParents(ctx, []int64{l.first, l.first + 1}); err != nil {
					return err
				}
				if _, err := t.GoneThirds(ctx, []int64{l.first, l.first + 1}); err != nil {
					return err
				}
				if _, err := t.Granted(ctx, []store.Grant{{UserID: 1, Account: "hadoop"}}); err != nil {
					return err
				}
				if err := t.UnmeetPath(ctx, "/in/20150079"); err != nil {
					return err
				}
				if err := t.UnmeetThirds(ctx, []store.ThirdKey{{Code: "pay", DataNo: "20150079"}}, "test"); err != nil {
					return err
				}
				return t.UnmeetParents(ctx, keys, "test")
			})
		}},
		{"What a running attempt tells", func(ctx context.Context) error {
			return l.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(t *store.WorkTx) error {
				if _, err := t.UserCodes(ctx, []string{"a/20150079.0#1", "a/20150079.0#2"}); err != nil {
					return err
				}
				if err := t.JudgeUserCodes(ctx, []string{"a/20150079.0#1"}); err != nil {
					return err
				}
				if _, err := t.Unraised(ctx, []store.Alert{{Kind: store.AlertHDFSHung, Object: "w1", Occurrence: "7.9"}}); err != nil {
					return err
				}
				return t.RaisePeaks(ctx, []store.Peak{{WorkID: l.first, Attempt: 1, Memory: 1}})
			})
		}},
	}
}
