package master_test

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing/synctest"
	"time"

	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
	"capricornus/worker/run"
)

// event is something that befalls the cluster.
type event struct {
	at   time.Time
	what string
	do   func()
}

// span is a time something was in force.
type span struct {
	from, to time.Time
	source   string // of a hold
}

// version is a definition as it was saved.
type version struct {
	saved time.Time
	def   *task.Task
}

// story is one seed's run: the cluster, what befalls it, and what was done, by
// which the end is judged.
type story struct {
	*cluster
	w      *warehouse
	data   string
	calm   time.Time // when the faults end
	events []event

	saved     map[string][]version
	executed  map[string]int // batches made by hand, by task
	announced map[store.ThirdKey]time.Time
	held      map[string][]span // by task, project or batch
	outage    bool              // nobody leads, on purpose
	farAway   []span            // of the far file system

	operations []applied
	journals   map[int64][]store.Event // read at the end, by batch
	killed     map[string]bool         // batches a person has killed
	passed     map[string]time.Time    // when the quality gate opened for a batch
	switches   map[string][]turned     // by worker, in order

	mu      sync.Mutex
	pending []verdictOf // answers of the quality service on their way
}

func newStory(c *cluster, w *warehouse, length time.Duration) *story {
	s := &story{
		cluster: c, w: w, data: c.dir + "/data", calm: time.Now().Add(length),
		saved: map[string][]version{}, executed: map[string]int{}, announced: map[store.ThirdKey]time.Time{}, held: map[string][]span{},
		killed: map[string]bool{}, passed: map[string]time.Time{},
	}
	c.book.plan = s.plan
	c.quality.reply = s.judges
	return s
}

// plan is what an attempt does: how long it takes, whether it fails.
func (s *story) plan(spec run.Spec) acts {
	act := acts{length: time.Second, writes: true}
	if i := slices.IndexFunc(s.w.tasks, func(t *simTask) bool { return t.name == spec.Task }); i >= 0 {
		most := max(int(s.w.tasks[i].length/time.Second), 1)
		act.length += time.Duration(s.w.dice(most, "length %s", spec.Code())) * time.Second
	}
	doomed := s.w.dice(150, "doomed %s/%s", spec.Task, spec.WorkNo) == 0
	if doomed || s.w.dice(12, "fails %s", spec.Code()) == 0 {
		act.code, act.writes = 1, false
	}
	if spec.Success == run.SuccessByOutput && s.w.dice(10, "confused %s", spec.Code()) == 0 {
		act.code = 1 - act.code // the exit code says nothing about the outputs
	}
	return act
}

// gone tells whether retention may have taken away what was of an instant.
func (s *story) gone(at time.Time) bool {
	return s.w.keep > 0 && at.Before(time.Now().AddDate(0, 0, -s.w.keep))
}

// stepEvery is how often feeds are looked at; checkEvery how often the rows are.
const (
	stepEvery  = 10 * time.Minute
	checkEvery = 12 // steps
	// collectEvery is how often a run that is to be repeated exactly collects
	// garbage: at instants of its own, when all else stands still.
	collectEvery = 36
)

func (s *story) run() {
	s.startMaster("m2")
	for _, name := range []string{"w1", "w2", "w3"} {
		s.addWorker(name)
	}
	s.pass(13 * time.Second)
	s.apply()
	s.draw()
	if s.w.keep > 0 {
		s.puts(store.SettingRecoverDays, "1")
		s.puts(store.SettingKeepBatch, strconv.Itoa(s.w.keep))
	}
	for n := 1; time.Now().Before(s.calm); n++ {
		s.until(time.Now().Add(stepEvery))
		s.step(n%checkEvery == 0)
		if *simSeed != 0 && n%collectEvery == 0 {
			runtime.GC() // exact runs have no other
		}
	}
	s.settle()
	s.judge()
}

// until lets time go by up to an instant, with what befalls the cluster meanwhile.
func (s *story) until(to time.Time) {
	for len(s.events) > 0 && !s.events[0].at.After(to) {
		e := s.events[0]
		s.events = s.events[1:]
		s.pass(max(time.Until(e.at), 0))
		s.log.Info("event", logs.Reason, e.what)
		e.do()
		synctest.Wait()
	}
	s.pass(max(time.Until(to), 0))
}

// add puts an event into the order of time.
func (s *story) add(at time.Time, do func(), format string, args ...any) {
	e := event{at: at, do: do, what: fmt.Sprintf(format, args...)}
	i, _ := slices.BinarySearchFunc(s.events, e, func(a, b event) int { return a.at.Compare(b.at) })
	s.events = slices.Insert(s.events, i, e)
}

// step does what the world around does by itself, and checks the rows.
func (s *story) step(check bool) {
	s.t.Helper()
	s.feed()
	s.delivers()
	for _, host := range slices.Sorted(maps.Keys(s.machines)) {
		s.revive(host)
	}
	if _, _, leads := s.terms.Leader(); !leads && !s.outage {
		s.reelect()
	}
	for _, problem := range s.book.told() {
		s.t.Errorf("journal: %s", problem)
	}
	if check {
		storetest.Sound(s.t, s.db)
		s.asksWhy()
	}
	if s.t.Failed() {
		s.t.FailNow()
	}
}

// asksWhy asks of some waiting batches why they are, in the middle of
// everything: there always is an answer.
func (s *story) asksWhy() {
	s.t.Helper()
	client := s.person()
	for n := range 4 {
		ref := s.chosen("w.state = 0", s.w.dice(60, "why %d %d", n, time.Now().Unix()))
		if client == nil || ref == nil {
			return
		}
		why, err := client.Why(s.t.Context(), *ref)
		s.must(err)
		// Only what is about to be assigned waits for nothing.
		if ready := s.batch(ref.String()).Unmet == 0; why.Summary == "" || !ready && !slices.ContainsFunc(why.Gates, isShut) {
			s.t.Errorf("at %s got no reason why %s waits: %q, gates %+v", time.Now().UTC().Format(time.DateTime), ref, why.Summary, why.Gates)
		}
	}
}

// reelect gives the lead to a master that runs.
func (s *story) reelect() {
	for _, name := range []string{"m1", "m2"} {
		if s.nodes[name] != nil {
			s.must(s.terms.Elect(name))
			return
		}
	}
}

// person is a client of a master that runs, of the one that leads or not; nil
// when none does.
func (s *story) person() *wire.Client {
	for _, name := range []string{"m2", "m1"} {
		if s.nodes[name] != nil {
			return &wire.Client{Base: "http://" + name, Token: s.admin.Token, HTTP: s.admin.HTTP}
		}
	}
	return nil
}

// apply saves the tasks as they stand now, and remembers the versions.
func (s *story) apply() {
	s.t.Helper()
	client := s.person()
	if client == nil {
		return
	}
	text, at := s.w.file(s.data), time.Now()
	reply, err := client.Apply(s.t.Context(), wire.ApplyRequest{Files: []wire.File{{Name: "seed.yaml", Text: text}}})
	s.must(err)
	if !reply.Applied {
		s.t.Fatalf("got findings %v of\n%s", reply.Findings, text)
	}
	if !time.Now().Equal(at) {
		s.t.Fatalf("saving took %s of virtual time, want none", time.Since(at))
	}
	docs, _ := task.Parse("seed.yaml", []byte(text))
	defs := map[string]*task.Task{}
	for _, d := range docs {
		if d.Task != nil {
			defs[d.Name()] = d.Task
		}
	}
	for _, item := range reply.Items {
		if item.Kind != task.KindTask || item.Action == "unchanged" {
			continue
		}
		s.saved[item.Name] = append(s.saved[item.Name], version{saved: at.Truncate(time.Millisecond), def: defs[item.Name]})
		if item.Version != len(s.saved[item.Name]) {
			s.t.Fatalf("got version %d of %s, want %d", item.Version, item.Name, len(s.saved[item.Name]))
		}
	}
}

// execute runs a task by hand; an unfinished batch may refuse it.
func (s *story) execute(name string) {
	client := s.person()
	if client == nil {
		return
	}
	_, err := client.RunTask(s.t.Context(), name)
	if fault.CodeOf(err) == fault.Conflict { // unfinished, or disabled
		return
	}
	s.must(err)
	s.executed[name]++
}

func (s *story) announce(key store.ThirdKey) {
	client := s.person()
	if client == nil {
		return
	}
	err := client.Announce(s.t.Context(), wire.ThirdPartyRequest{Code: key.Code, Key: key.DataNo})
	s.must(err)
	if s.announced[key].IsZero() {
		s.announced[key] = time.Now()
	}
}
