package storetest

import "time"

// clockSlack is how far the stamps of two masters may be apart: each has its
// own clock, corrected by what it last found out about the database's.
const clockSlack = 5 * time.Second

// fence is the row of capri_master_epoch.
type fence struct {
	Epoch  int64  `db:"epoch"`
	Holder string `db:"holder"`
	Since  int64  `db:"since"` // UTC milliseconds, taken when the term before had ended
}

// led is a row that a leader writes under its epoch.
type led struct {
	Object string `db:"object"`
	Epoch  int64  `db:"epoch"`
}

const pictureLed = `SELECT name AS object, epoch FROM capri_service_run ORDER BY name`

const pictureMasters = `SELECT id AS object, epoch FROM capri_master_node WHERE epoch > 0 ORDER BY id`

// judgeTerms: I7 across batches, as far as the rows can prove it. Stamps are
// taken when a transaction begins, so what an old leader commits late from a
// transaction it began in time does not show here: the journals show that.
func judgeTerms(p *picture, v *verdict) {
	for i := range p.works {
		if w := &p.works[i]; w.Epoch > p.fence.Epoch {
			v.batch("I7", w.ID, "has epoch %d, the database is at %d", w.Epoch, p.fence.Epoch)
		}
	}
	for _, s := range p.services {
		if s.Epoch > p.fence.Epoch {
			v.add("I7", "service "+s.Object, "ran in epoch %d, the database is at %d", s.Epoch, p.fence.Epoch)
		}
	}
	for _, m := range p.masters {
		if m.Epoch > p.fence.Epoch || m.Epoch == p.fence.Epoch && m.Object != p.fence.Holder {
			v.add("I7", "master "+m.Object, "says that it leads epoch %d, the database is at %d, which is %s's", m.Epoch, p.fence.Epoch, p.fence.Holder)
		}
	}
	judgeStamps(p, v)
}

// judgeStamps: a term's decisions are stamped neither before it began nor after the next one did.
func judgeStamps(p *picture, v *verdict) {
	slack := clockSlack.Milliseconds()
	for id, events := range p.events {
		for _, e := range events {
			switch {
			case e.Epoch == 0: // a worker's or a person's
			case e.Epoch < p.fence.Epoch && e.At > p.fence.Since+slack:
				v.batch("I7", id, "event %d was written by epoch %d at %d, epoch %d had begun at %d", e.Seq, e.Epoch, e.At, p.fence.Epoch, p.fence.Since)
			case e.Epoch == p.fence.Epoch && e.At < p.fence.Since-slack:
				v.batch("I7", id, "event %d was written by epoch %d at %d, before it began at %d", e.Seq, e.Epoch, e.At, p.fence.Since)
			}
		}
	}
}
