package place

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Policies of choosing among workers that fit.
const (
	HealthFirst = "health-first"
	Random      = "random"
	RoundRobin  = "round-robin"
)

// Need is what a batch asks of a worker.
type Need struct {
	Group  string
	Labels map[string]string
	Memory int64
	Policy string
}

// Worker is a worker as a pass sees it; Used and Reserved grow as the pass assigns.
type Worker struct {
	Host        string
	Incarnation string
	Group       string
	Labels      map[string]string
	Alive       bool
	Stopped     bool
	Slots       int
	Memory      int64
	Load        float64 // per core
	LoadLimit   float64 // from which it gets nothing new; 0: none
	Used        int     // assigned and running batches
	Reserved    int64   // their memory
	lastPicked  int     // for round-robin: the order of the last assignment in this pass
}

// Funnel counts how many workers were left after each condition: the evidence
// behind "no worker fits".
type Funnel struct {
	Known, Alive, On, Group, Labels, Memory, Load, Slots, Allowed int
	OnlyExcluded                                                  bool // some fit but are excluded for this batch
	Full                                                          bool // some would fit if they had a free slot
}

// String writes the funnel as one sentence.
func (f Funnel) String() string {
	if f.Known == 0 {
		return "no worker has ever reported"
	}
	steps := []string{
		fmt.Sprintf("%d known", f.Known), fmt.Sprintf("%d alive", f.Alive), fmt.Sprintf("%d switched on", f.On),
		fmt.Sprintf("%d of the group", f.Group), fmt.Sprintf("%d with the labels", f.Labels), fmt.Sprintf("%d with the memory", f.Memory),
		fmt.Sprintf("%d below the load limit", f.Load), fmt.Sprintf("%d with a free slot", f.Slots), fmt.Sprintf("%d not excluded", f.Allowed),
	}
	return strings.Join(steps, " > ")
}

// Fit chooses a worker for a need, or none; it is pure but for the policy
// "random". Every condition is domain.md §6.7.
func Fit(n Need, workers []*Worker, excluded map[string]bool) (*Worker, Funnel) {
	f := Funnel{Known: len(workers)}
	var fits []*Worker
	for _, w := range workers {
		if f.pass(n, w, excluded[w.Host]) {
			fits = append(fits, w)
		}
	}
	if len(fits) == 0 {
		return nil, f
	}
	switch n.Policy {
	case Random:
		return fits[rand.IntN(len(fits))], f //nolint:gosec // a choice, not a secret
	case RoundRobin:
		return slices.MinFunc(fits, func(a, b *Worker) int {
			return cmp.Or(cmp.Compare(a.lastPicked, b.lastPicked), cmp.Compare(a.Used, b.Used), cmp.Compare(a.Host, b.Host))
		}), f
	}
	return slices.MinFunc(fits, func(a, b *Worker) int {
		return cmp.Or(cmp.Compare(a.strain(), b.strain()), cmp.Compare(a.Host, b.Host))
	}), f
}

// Obstacle is the first condition that keeps a worker from a batch, in the
// order in which they are asked.
type Obstacle int

// The obstacles; Fits is none.
const (
	Silent Obstacle = iota
	Off
	OtherGroup
	OtherLabels
	LittleMemory
	Overloaded
	NoSlot
	Excluded
	Fits
)

// Obstacle says what keeps the worker from a batch that needs n.
func (w *Worker) Obstacle(n Need, excluded bool) Obstacle {
	switch {
	case !w.Alive:
		return Silent
	case w.Stopped:
		return Off
	case w.Group != n.Group:
		return OtherGroup
	case !carries(w.Labels, n.Labels):
		return OtherLabels
	case w.Memory-w.Reserved < n.Memory:
		return LittleMemory
	case w.overloaded():
		return Overloaded
	case w.Used >= w.Slots:
		return NoSlot
	case excluded:
		return Excluded
	}
	return Fits
}

// pass counts the conditions a worker meets and tells whether it meets all.
func (f *Funnel) pass(n Need, w *Worker, excluded bool) bool {
	obstacle := w.Obstacle(n, excluded)
	f.Full = f.Full || obstacle == NoSlot
	f.OnlyExcluded = f.OnlyExcluded || obstacle == Excluded
	met := []*int{&f.Alive, &f.On, &f.Group, &f.Labels, &f.Memory, &f.Load, &f.Slots, &f.Allowed}
	for _, count := range met[:obstacle] {
		*count++
	}
	return obstacle == Fits
}

func carries(have, want map[string]string) bool {
	for k, v := range want {
		if have[k] != v {
			return false
		}
	}
	return true
}

// strain is how far a worker is from idle: the fuller of slots and memory, and its load.
func (w *Worker) strain() float64 {
	slots := float64(w.Used) / float64(max(w.Slots, 1))
	memory := float64(w.Reserved) / float64(max(w.Memory, 1))
	return max(slots, memory) + w.Load/4
}

func (w *Worker) overloaded() bool { return w.LoadLimit > 0 && w.Load >= w.LoadLimit }

// free is how many more batches a worker that takes any at all has slots for.
func (w *Worker) free() int {
	if !w.Alive || w.Stopped || w.overloaded() {
		return 0
	}
	return max(w.Slots-w.Used, 0)
}
