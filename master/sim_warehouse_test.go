package master_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// warehouse is what a seed is made of: a calendar and tasks, drawn at random.
type warehouse struct {
	seed  int
	rng   *rand.Rand
	zone  string
	begin time.Time
	tasks []*simTask
	long  time.Duration // of an outage of all masters; 0: none
	keep  int           // days that ended batches are kept; 0: all
}

// simTask is a task as its file will say.
type simTask struct {
	name, project, period, cron string
	enabled                     bool
	validFrom, validTo          string
	priority, earliest          int // earliest: minutes, 0 none
	maxRunning, retries         int
	memory                      int // GiB
	input, third                bool
	reads                       string // a task of the same period whose output is an input
	byOutput, writes            bool
	far, readsFar               bool     // its own paths, and what it reads, are on the far file system
	parents                     []string // as written in the file
	length                      time.Duration
	depend, output              int    // timeouts, minutes, 0 none
	fence                       bool   // when its worker is lost
	quality                     string // what follows the silence of the quality service; "" without the gate
	after                       int    // that many minutes later
	expect                      int    // seconds, 0 none
}

func newWarehouse(seed int) *warehouse {
	w := &warehouse{seed: seed, rng: rand.New(rand.NewPCG(uint64(seed), 35))}
	w.zone = pick(w.rng, "UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo")
	zone, err := time.LoadLocation(w.zone)
	if err != nil {
		panic(err)
	}
	// Near the ends of weeks and months, and the changes of clocks.
	day := pick(w.rng, "2026-10-23", "2026-10-31", "2026-11-28", "2026-03-07", "2026-03-28", "2026-12-31", "2026-04-04", "2026-09-05", "2026-11-20")
	w.begin, err = time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil {
		panic(err)
	}
	w.begin = w.begin.Add(time.Duration(w.rng.IntN(24*60))*time.Minute + 17*time.Second)
	kinds := []string{"hour", "day", "day", "cron", "week", "month", "manual", pick(w.rng, "hour", "day", "cron")}
	w.rng.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
	for i, kind := range kinds {
		w.tasks = append(w.tasks, w.task(fmt.Sprintf("%s_%d", kind, i), kind))
	}
	switch {
	case seed%40 == 0:
		w.outlast()
	case seed%7 == 3:
		w.keep = 2
	}
	return w
}

// outlast makes the masters be away for up to 35 days, and tasks so short that
// what they miss can be made up for.
func (w *warehouse) outlast() {
	w.long = 10*24*time.Hour + w.length(25*24*time.Hour)
	for _, t := range w.tasks {
		t.length, t.maxRunning = w.length(time.Minute), 4
	}
}

func pick[T any](rng *rand.Rand, from ...T) T { return from[rng.IntN(len(from))] }

// chance is true in one of n cases.
func (w *warehouse) chance(n int) bool { return w.rng.IntN(n) == 0 }

func (w *warehouse) task(name, kind string) *simTask {
	t := &simTask{
		name: name, project: pick(w.rng, "alpha", "beta"), period: kind, enabled: !w.chance(20), priority: w.rng.IntN(10),
		maxRunning: 1 + w.rng.IntN(3), retries: w.rng.IntN(4), memory: pick(w.rng, 0, 0, 1, 20), length: w.length(40 * time.Minute),
	}
	if kind == "cron" {
		t.cron = pick(w.rng, "0 */4 * * *", "13 */2 * * *", "30 5/47 */3 * * *", "CRON_TZ=Asia/Kolkata 45 3,15,21 * * *", "0 1,2,3 * * *")
		t.length = w.length(20 * time.Minute)
	}
	t.far = w.dice(2, "far %s", name) == 0
	t.input, t.third = w.chance(3), w.chance(4)
	t.byOutput = w.chance(4)
	t.writes = t.byOutput || w.chance(3)
	if kind != "manual" && w.chance(5) {
		t.earliest = 1 + w.rng.IntN(90)
	}
	if w.chance(6) {
		t.validFrom = w.begin.Add(w.length(30 * time.Hour)).Format("2006-01-02T15:04")
	}
	if t.validFrom == "" && w.chance(6) {
		t.validTo = w.begin.Add(w.length(40 * time.Hour)).Format("2006-01-02T15:04")
	}
	if kind != "manual" && w.chance(8) {
		t.parents = append(t.parents, fmt.Sprintf("{task: %s, offset: -1}", name))
	}
	for _, p := range w.tasks {
		w.relate(t, p)
	}
	w.watched(t)
	return t
}

// watched draws what watches over a task and its batches.
func (w *warehouse) watched(t *simTask) {
	if t.period != "manual" && w.chance(2) {
		t.depend = 20 + w.rng.IntN(240)
	}
	if t.period != "manual" && w.chance(2) {
		t.output = max(t.depend, t.earliest) + 20 + w.rng.IntN(300)
	}
	t.fence = w.chance(3)
	if w.chance(6) {
		t.length = time.Hour + w.length(4*time.Hour) // longer than leases, as these workers have them
	}
	if w.chance(5) {
		t.quality, t.after = pick(w.rng, "wait", "pass", "alert"), 20+w.rng.IntN(100)
	}
	if w.chance(3) {
		t.expect = 60 + w.rng.IntN(3600)
	}
}

// relate makes an earlier task a parent, or not.
func (w *warehouse) relate(t, p *simTask) {
	if p.writes && p.period == t.period && t.reads == "" && w.chance(2) {
		t.reads, t.readsFar = p.name, p.far
		return
	}
	if !w.chance(3) {
		return
	}
	if p.period == "manual" {
		t.parents = append(t.parents, fmt.Sprintf("{task: %s, last: true}", p.name))
		return
	}
	t.parents = append(t.parents, fmt.Sprintf(pick(w.rng, "{task: %s}", "{task: %s}", "{task: %s, offset: -1}", "{task: %s, range: [-2, 0]}", "{task: %s, last: true}"), p.name))
}

func (w *warehouse) length(most time.Duration) time.Duration {
	return time.Duration(w.rng.Int64N(int64(most))).Truncate(time.Second)
}

// file is the task file as the definitions stand; data is where paths lead.
func (w *warehouse) file(data string) string {
	var b strings.Builder
	for _, p := range []string{"alpha", "beta"} {
		fmt.Fprintf(&b, "apiVersion: capri/v1\nkind: Project\nmetadata: {name: %s, owner: admin}\n---\n", p)
	}
	for _, t := range w.tasks {
		t.write(&b, data)
	}
	return b.String()
}

func (t *simTask) write(b *strings.Builder, data string) {
	fmt.Fprintf(b, "apiVersion: capri/v1\nkind: Task\nmetadata: {name: %s, project: %s, owner: admin}\nspec:\n  period: %s\n", t.name, t.project, t.period)
	if t.cron != "" {
		fmt.Fprintf(b, "  cron: %q\n", t.cron)
	}
	fmt.Fprintf(b, "  enabled: %v\n  priority: %d\n  maxRunning: %d\n", t.enabled, t.priority, t.maxRunning)
	fmt.Fprintf(b, "  retry: {times: %d, interval: 1m}\n  run: {type: shell, script: \"true\"}\n", t.retries)
	if t.validFrom != "" {
		fmt.Fprintf(b, "  valid: {from: %q}\n", t.validFrom)
	}
	if t.validTo != "" {
		fmt.Fprintf(b, "  valid: {to: %q}\n", t.validTo)
	}
	if t.earliest > 0 {
		fmt.Fprintf(b, "  earliest: %d\n", t.earliest)
	}
	if t.memory > 0 {
		fmt.Fprintf(b, "  workers: {memory: %dGi}\n", t.memory)
	}
	if len(t.parents) > 0 {
		fmt.Fprintf(b, "  parents: [%s]\n", strings.Join(t.parents, ", "))
	}
	if t.third {
		fmt.Fprintf(b, "  thirdParties: [{code: %s, key: \"{{ work_no }}\"}]\n", t.name)
	}
	t.writeWatch(b)
	t.writePaths(b, data)
	b.WriteString("---\n")
}

func (t *simTask) writeWatch(b *strings.Builder) {
	var limits []string
	if t.depend > 0 {
		limits = append(limits, fmt.Sprintf("depend: %d", t.depend))
	}
	if t.output > 0 {
		limits = append(limits, fmt.Sprintf("output: %d", t.output))
	}
	if len(limits) > 0 {
		fmt.Fprintf(b, "  timeouts: {%s}\n", strings.Join(limits, ", "))
	}
	if t.fence {
		b.WriteString("  onWorkerLost: fence\n")
	}
	if t.quality != "" {
		fmt.Fprintf(b, "  quality: {enabled: true, onSilence: %s, after: %dm}\n", t.quality, t.after)
	}
	if t.expect > 0 {
		fmt.Fprintf(b, "  expectSeconds: %d\n", t.expect)
	}
}

func (t *simTask) writePaths(b *strings.Builder, data string) {
	var inputs []string
	if t.input {
		inputs = append(inputs, fmt.Sprintf("{path: \"%s/in/%s/{{ work_no }}\"}", on(t.far, data), t.name))
	}
	if t.reads != "" {
		inputs = append(inputs, fmt.Sprintf("{path: \"%s/out/%s/{{ work_no }}\"}", on(t.readsFar, data), t.reads))
	}
	if len(inputs) > 0 {
		fmt.Fprintf(b, "  inputs: [%s]\n", strings.Join(inputs, ", "))
	}
	if t.writes {
		fmt.Fprintf(b, "  outputs: [{path: \"%s/out/%s/{{ work_no }}\"}]\n", on(t.far, data), t.name)
	}
	if t.byOutput {
		b.WriteString("  success: output-path\n")
	}
}

// on is the directory of this host as a path of one of the two file systems.
func on(remote bool, data string) string {
	if remote {
		return farName + data
	}
	return "file://" + data
}
