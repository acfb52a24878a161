package storetest

import (
	"context"
	"fmt"
	"testing"
)

// Scenario is a piece of work to be disturbed. Prepare makes what it works on,
// anew for every disturbance; Run does the work and may be repeated after an
// error; Result says where it got to, without ids and times.
type Scenario struct {
	Prepare func(w *World) any
	Run     func(ctx context.Context, w *World, given any) error
	Result  func(w *World, given any) string
}

// ForEachFault runs a scenario once undisturbed and then, for every kind of
// fault, with the first, second, third … statement failing until all have
// failed once. After each, the invariants must hold, and repeating the work
// must lead to the undisturbed result; work that reported no error must have
// led there already.
func ForEachFault(t *testing.T, engine string, s Scenario) {
	t.Helper()
	faults := &Faults{}
	cfg := Fresh(t, engine)
	cfg.Wrap = faults.Wrap
	w := NewWorld(t, migrated(t, cfg))
	ctx := t.Context()
	given := s.Prepare(w)
	w.ok("undisturbed", s.Run(ctx, w, given))
	want := s.Result(w, given)
	w.ok("repeated", s.Run(ctx, w, given))
	wantEqual(t, "result when repeated", s.Result(w, given), want)
	for _, kind := range FaultKinds(t, engine) {
		d := &disturbance{World: w, scenario: s, faults: faults, want: want}
		k := 1
		for d.fails(ctx, k, kind) {
			k++
		}
		if k < 4 {
			t.Errorf("%s: got faults in %d statements, want a transaction at least", kind, k-1)
		}
	}
	Sound(t, w.DB)
}

type disturbance struct {
	*World
	scenario Scenario
	faults   *Faults
	want     string
}

// fails disturbs the k-th statement; it returns false when there are fewer.
func (d *disturbance) fails(ctx context.Context, k int, kind FaultKind) bool {
	d.t.Helper()
	given := d.scenario.Prepare(d.World)
	d.faults.Arm(k, kind)
	err := d.scenario.Run(ctx, d.World, given)
	if !d.faults.Disarm() {
		d.ok("undisturbed", err)
		return false
	}
	at := fmt.Sprintf("%s statement %d", kind, k)
	d.sound(ctx, at)
	if err == nil { // what is said to be done must have been committed: nobody repeats it
		wantEqual(d.t, at+": result of what reported no error", d.scenario.Result(d.World, given), d.want)
	}
	if again := d.scenario.Run(ctx, d.World, given); again != nil {
		d.t.Fatalf("%s: got %v, and %v when repeated, want no error", at, err, again)
	}
	wantEqual(d.t, at+": result", d.scenario.Result(d.World, given), d.want)
	return true
}

func (d *disturbance) sound(ctx context.Context, at string) {
	d.t.Helper()
	all, err := Check(ctx, d.DB)
	d.ok(at, err)
	for _, v := range all {
		d.t.Fatalf("%s: got %s, want every invariant to hold", at, v)
	}
}

// figure reads one number as no query of the product does.
func (w *World) figure(query string, args ...any) int {
	w.t.Helper()
	var n int
	w.ok(query, w.DB.Raw().QueryRowContext(w.t.Context(), query, args...).Scan(&n))
	return n
}
