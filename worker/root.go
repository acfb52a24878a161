package worker

import (
	"capricornus/common/fault"
)

// intact says in an error that the root is not the one this worker started
// with: deleted, emptied or replaced. Then nothing on disk proves any more what
// has begun and what has not.
func (w *Worker) intact() error {
	if w.root.Gone() {
		return fault.New(fault.Conflict, "the root %s was deleted or replaced while the worker was at work", w.root.Path()).
			WithHint("scripts that run go on; start the worker again: it begins with an empty root, and the masters take what was in the old one for lost")
	}
	id, err := w.root.ReadIdentity()
	if err != nil || id.Incarnation != w.id.Incarnation {
		return fault.New(fault.Conflict, "the root %s has lost its identity.json, or has another one, while the worker was at work", w.root.Path()).
			WithHint("scripts that run go on; start the worker again, and delete nothing in its root while it is there")
	}
	return nil
}
