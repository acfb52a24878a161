package worker

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/datapath"
	"capricornus/common/logs"
	"capricornus/common/wire"
	"capricornus/worker/keeper"
	"capricornus/worker/run"
	"capricornus/worker/run/runtest"
)

// remoteWorker runs a worker with a remote file system until stop.
func remoteWorker(t *testing.T, cfg Config, deps Deps) (stop func()) {
	t.Helper()
	deps.Log = logs.New(t.Output(), nil)
	w, err := New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("worker ended with %v", err)
		}
	}
}

// away is a host without processes, in virtual time, whose file system a test
// takes away and brings back.
type away struct {
	t    *testing.T
	m    *master
	fs   *remote
	host *runtest.Runner
	cfg  Config
	stop func()
}

// newAway has a worker whose scripts run for a minute and write /out.
func newAway(t *testing.T, root string) *away {
	t.Helper()
	a := &away{t: t, m: emptyMaster(), fs: newRemote(), cfg: Default()}
	a.cfg.Host, a.cfg.Masters, a.cfg.Token, a.cfg.Root, a.cfg.ListenLogs = "w1", []string{"http://master"}, testToken, root, ""
	a.host = runtest.New(func(ctx context.Context, _ run.Spec) int {
		select {
		case <-ctx.Done():
			return 143
		case <-time.After(time.Minute):
			a.fs.set(func() { a.fs.there["/out"] = "written" })
			return 0
		}
	})
	a.start()
	return a
}

func (a *away) start() {
	a.stop = remoteWorker(a.t, a.cfg, Deps{
		Launcher: a.host, Paths: a.fs.paths(), HTTP: &http.Client{Transport: direct{a.m.handler()}},
		Vitals: func() (wire.Vitals, error) {
			return wire.Vitals{Memory: 1 << 40, FreeMemory: 1 << 40, FreeDisk: 1 << 40}, nil
		},
	})
}

func (a *away) answers(answers bool) { a.fs.set(func() { a.fs.away = !answers }) }

func writer(workID int64) wire.Assignment {
	a := shell(workID, "")
	a.Success, a.Outputs = run.SuccessByOutput, []wire.PathCheck{{Path: "hdfs://nn/out", Ready: "exists"}}
	return a
}

// judged are the ends that the masters were told, and what was told of outages.
func (a *away) want(what string, ends, notices int) {
	a.t.Helper()
	synctest.Wait()
	var told []wire.Notice
	for _, n := range a.m.told() {
		if n.Kind == noticeUnseen {
			told = append(told, n)
		}
	}
	if got := a.m.count(wire.FactFinished); got != ends || len(told) != notices {
		a.t.Errorf("%s: got %d ends and notices %v, want %d and %d", what, got, told, ends, notices)
	}
}

// A script has succeeded while its file system was away for hours: its attempt
// stays alive, through the run timeout and another worker, and is judged once.
func TestAnAttemptIsJudgedAfterAnOutage(t *testing.T) {
	root := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a := newAway(t, root)
		job := writer(1)
		job.RunTimeout = (30 * time.Minute).Milliseconds()
		a.m.assign(job)
		pass(30 * time.Second)
		a.answers(false)
		pass(time.Minute)
		if code := a.m.fact(t, wire.FactCode, keyOf(job)); code.ExitCode == nil || *code.ExitCode != 0 {
			t.Errorf("got %+v, want what the script returned", code)
		}
		a.want("half a minute after the script", 0, 0)
		pass(2 * time.Hour)
		a.want("hours after the script", 0, 1)
		if n := a.m.told()[0]; n.Level != "important" || n.Attempt != 1 || n.Occurrence != "once" || !strings.Contains(n.Text, "etl/20261120.0#1 on w1 has ended, and its outputs cannot be looked at: look at hdfs://nn/out: hdfs://nn: the file system does not answer") {
			t.Errorf("got %+v, want the attempt and the file system named", n)
		}
		if free := a.m.free(); !a.m.holds(keyOf(job)) || free != a.cfg.Slots-1 {
			t.Errorf("got it held %v and %d places free, want it held in its slot", a.m.holds(keyOf(job)), free)
		}
		a.stop()
		pass(time.Hour)
		a.start()
		pass(time.Hour)
		a.want("after another worker took it up", 0, 2) // the masters tell no notice twice
		a.answers(true)
		pass(15 * time.Second)
		a.want("when the file system was back", 1, 2)
		fact := a.m.fact(t, wire.FactFinished, keyOf(job))
		if fact.OutputReady == nil || !*fact.OutputReady || fact.TimedOut || fact.Infra || fact.ResultCode != 0 {
			t.Errorf("got %+v, want its outputs ready", fact)
		}
		if n := a.m.count(wire.FactStarted); n != 1 {
			t.Errorf("got %d starts, want 1", n)
		}
		a.stop()
	})
}

// A person ends the waiting; the lease of a fence task has nothing to end.
func TestAKillEndsAnAttemptThatCannotBeJudged(t *testing.T) {
	root := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a := newAway(t, root)
		killed, fenced := writer(1), writer(2)
		killed.OnWorkerLost, fenced.OnWorkerLost = fencePolicy, fencePolicy
		a.m.assign(killed, fenced)
		pass(30 * time.Second)
		a.answers(false)
		pass(time.Minute)
		a.m.update(func() { a.m.down = true })
		pass(a.cfg.Lease + 10*time.Minute)
		a.m.update(func() { a.m.down = false })
		pass(time.Minute)
		a.want("after the lease", 0, 2)
		a.m.update(func() { a.m.kills = []wire.Kill{{WorkID: 1, Attempt: 1, Reason: "killed by ann"}} })
		pass(time.Second)
		a.want("after the kill", 1, 2)
		if fact := a.m.fact(t, wire.FactFinished, keyOf(killed)); !fact.Killed || fact.Infra || fact.Reason != "killed by ann" || fact.OutputReady != nil {
			t.Errorf("got %+v, want it killed by ann", fact)
		}
		a.answers(true)
		pass(15 * time.Second)
		if fact := a.m.fact(t, wire.FactFinished, keyOf(fenced)); fact.Killed || fact.Infra || fact.OutputReady == nil || !*fact.OutputReady || fact.EndedAt-fact.StartedAt > 61_000 {
			t.Errorf("got %+v, want it judged by its outputs, after a run of a minute", fact)
		}
		a.stop()
	})
}

// A worker whose file system is away gives those batches back that need it, and
// runs the others.
func TestAWorkerWithoutItsFileSystemDoesTheRest(t *testing.T) {
	root := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a := newAway(t, root)
		a.answers(false)
		reader := shell(2, "")
		reader.Inputs = []wire.PathCheck{{Path: "hdfs://nn/in", Ready: "_SUCCESS"}}
		a.m.assign(writer(1), reader, shell(3, ""))
		pass(2 * time.Minute)
		for _, job := range []wire.Assignment{writer(1), reader} {
			if fact := a.m.fact(t, wire.FactUnready, keyOf(job)); !fact.Unknown || !slices.Equal(fact.Unmet, job.Inputs) {
				t.Errorf("got %+v, want it given back as unknown", fact)
			}
		}
		if fact := a.m.fact(t, wire.FactFinished, wire.Held{WorkID: 3, Attempt: 1}); fact.ResultCode != 0 {
			t.Errorf("got %+v, want the one without paths to have run", fact)
		}
		if started, free := a.m.count(wire.FactStarted), a.m.free(); started != 1 || free != a.cfg.Slots {
			t.Errorf("got %d starts and %d places free, want 1 and all %d", started, free, a.cfg.Slots)
		}
		a.stop()
	})
}

// Without a worker the keeper looks on, and no less patiently.
func TestKeeperJudgesWhenTheFileSystemIsBack(t *testing.T) {
	m, fs := newMaster(t), newRemote()
	cfg := testConfig(t, m)
	cfg.KeeperCommand = nil
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	stop := remoteWorker(t, cfg, Deps{Paths: fs.paths(), HTTP: client})
	job := writer(1)
	job.Script = waitForGo
	m.assign(job)
	m.fact(t, wire.FactStarted, keyOf(job))
	awaitFile(t, cfg.Root+"/attempts/1-1/work")
	fs.set(func() { fs.away = true })
	release(t, cfg, 1)
	m.fact(t, wire.FactCode, keyOf(job))
	stop()
	looked := fs.looked()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		done <- keeper.Run(ctx, cfg.Root, keeper.Deps{Log: logs.New(t.Output(), nil), HTTP: client, Paths: fs.paths()})
	}()
	awaitThat(t, "looks of the keeper", func() bool { return fs.looked() > looked+1 })
	if n := m.count(wire.FactFinished); n != 0 {
		t.Errorf("got %d ends while nobody could look, want none", n)
	}
	fs.set(func() { fs.away, fs.there["/out"] = false, datapath.Identity("written") })
	if fact := m.fact(t, wire.FactFinished, keyOf(job)); fact.OutputReady == nil || !*fact.OutputReady || fact.ResultCode != 0 {
		t.Errorf("got %+v, want its outputs ready", fact)
	}
	if err := <-done; err != nil {
		t.Errorf("keeper ended with %v", err)
	}
}
