package master

import (
	"slices"

	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/gate"
	"capricornus/master/guard"
	"capricornus/master/place"
	"capricornus/master/plan"
)

// tell passes on what has happened here (exactly.md 27): to this master's own
// duties while it leads, else to the leader, if there is one. A term begins
// with a look at everything, so what falls between two terms is not missed.
func (m *Master) tell(n wire.News) {
	if m.term.Load() != nil {
		m.hear(n)
		return
	}
	m.courier.post(n)
}

// hear takes news in, from here and from other masters. Duties that look at
// what they are told about look at everything when they are only named. Those
// that this version does not have are passed over.
func (m *Master) hear(n wire.News) {
	m.live.Wake()
	m.intake.Ring(n.Hosts)
	m.intake.Returned(n.Returned)
	wake := append(slices.Clone(n.Duties), m.hint(n)...)
	if slices.Contains(n.Duties, gate.DutyDepend) {
		m.gate.Announced()
	}
	if slices.Contains(n.Duties, gate.DutyPaths) {
		m.gate.LookAtPaths()
	}
	known := m.engine.Names()
	slices.Sort(wake)
	for _, name := range slices.Compact(wake) {
		if slices.Contains(known, name) {
			m.engine.Wake(name)
		}
	}
}

// hint tells the gate what to look at and returns the duties that will.
func (m *Master) hint(n wire.News) (wake []string) {
	if len(n.Made) > 0 { // they may be ready at once, or wait for what is there already
		m.gate.Made(n.Made)
		wake = append(wake, gate.DutyDepend, gate.DutyPaths)
	}
	if len(n.Finished)+len(n.Parents) > 0 { // outputs of parents may be somebody's inputs
		keys := make([]store.ParentKey, 0, len(n.Parents))
		for _, k := range n.Parents {
			keys = append(keys, store.ParentKey{TaskID: k.Task, WorkNo: k.WorkNo})
		}
		m.gate.Finished(n.Finished, keys)
		wake = append(wake, gate.DutyDepend, gate.DutyPaths)
	}
	if n.Announced {
		m.gate.Announced()
		wake = append(wake, gate.DutyDepend)
	}
	if len(n.Doubted) > 0 {
		m.gate.Doubted(n.Doubted)
		wake = append(wake, gate.DutyPaths)
	}
	if len(n.Met) > 0 {
		m.quality.Met(n.Met)
		wake = append(wake, gate.DutyQuality)
	}
	return wake
}

// assignable: a slot, a retry, a batch that came back, a switch or an answer.
func (m *Master) assignable() { m.tell(wire.News{Duties: []string{place.DutyAssign}}) }

// applied: tasks were saved, there may be something to generate.
func (m *Master) applied() { m.tell(wire.News{Duties: []string{plan.DutyGenerate}}) }

// ordered: an operation has batches to make.
func (m *Master) ordered() { m.tell(wire.News{Duties: []string{plan.DutyCreate}}) }

// repair: workers were lost, came back or were declared dead.
func (m *Master) repair() { m.tell(wire.News{Duties: []string{guard.DutyRepair}}) }

// rung: there is something for these workers.
func (m *Master) rung(hosts []string) { m.tell(wire.News{Hosts: hosts}) }

func (m *Master) returned(hosts []string) { m.tell(wire.News{Returned: hosts}) }

// generated: there are new batches; without ids, so many that all are looked at.
func (m *Master) generated(ids []int64) {
	n := wire.News{Duties: []string{place.DutyAssign}, Made: ids}
	if len(ids) == 0 {
		n.Duties = append(n.Duties, gate.DutyDepend, gate.DutyPaths)
	}
	m.tell(n)
}

// announced: the announcement itself has met the dependencies it names, so what
// waited for it alone is to be assigned and the gate has nothing to release.
func (m *Master) announced() {
	m.tell(wire.News{Duties: []string{place.DutyAssign}, Announced: true})
}

// finished: parents have succeeded.
func (m *Master) finished(ids []int64, keys []store.ParentKey) {
	n := wire.News{Finished: ids}
	for _, k := range keys {
		n.Parents = append(n.Parents, wire.ParentKey{Task: k.TaskID, WorkNo: k.WorkNo})
	}
	m.tell(n)
}

// doubted: what a worker could not look at may be there all the same.
func (m *Master) doubted(ids []int64) { m.tell(wire.News{Doubted: ids}) }

// beforeQuality: the data-quality service is to be asked about these batches.
func (m *Master) beforeQuality(ids []int64) { m.tell(wire.News{Met: ids}) }

// newsLimit is how many ids of one kind news name: beyond, the duties look at
// everything.
const newsLimit = 1000

// merged puts news together, each thing once.
func merged(a, b wire.News) wire.News {
	out := wire.News{
		Duties: union(a.Duties, b.Duties), Hosts: union(a.Hosts, b.Hosts), Returned: union(a.Returned, b.Returned),
		Made: union(a.Made, b.Made), Finished: union(a.Finished, b.Finished), Doubted: union(a.Doubted, b.Doubted), Met: union(a.Met, b.Met),
		Parents: append(slices.Clone(a.Parents), b.Parents...), Announced: a.Announced || b.Announced,
	}
	whole := func(over bool, duties ...string) bool {
		if over {
			out.Duties = union(out.Duties, duties)
		}
		return over
	}
	if whole(len(out.Made) > newsLimit, gate.DutyDepend, gate.DutyPaths) {
		out.Made = nil
	}
	if whole(max(len(out.Finished), len(out.Parents)) > newsLimit, gate.DutyDepend, gate.DutyPaths) {
		out.Finished, out.Parents = nil, nil
	}
	if whole(len(out.Doubted) > newsLimit, gate.DutyPaths) {
		out.Doubted = nil
	}
	if whole(len(out.Met) > newsLimit, gate.DutyQuality) {
		out.Met = nil
	}
	return out
}

// union is what is in a or b, in order; nil when nothing is.
func union[T interface{ ~string | ~int64 }](a, b []T) []T {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
