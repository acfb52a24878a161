package intake

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

// desk is a flush that waits for a word and remembers what it was given.
type desk struct {
	mu      sync.Mutex
	flushes [][]int
	word    chan error
}

func newDesk() *desk { return &desk{word: make(chan error)} }

// flush answers each item with its double.
func (d *desk) flush(_ context.Context, items []int) ([]int, error) {
	d.mu.Lock()
	d.flushes = append(d.flushes, slices.Clone(items))
	d.mu.Unlock()
	if err := <-d.word; err != nil {
		return nil, err
	}
	out := make([]int, len(items))
	for i, n := range items {
		out[i] = 2 * n
	}
	return out, nil
}

type outcome struct {
	results []int
	err     error
}

// ask hands items in from a goroutine of its own.
func ask(ctx context.Context, g *group[int, int], items ...int) <-chan outcome {
	out := make(chan outcome, 1)
	go func() {
		results, err := g.do(ctx, items)
		out <- outcome{results, err}
	}()
	synctest.Wait()
	return out
}

func TestGroupGathersWhileAFlushIsInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		g := newGroup(d.flush)
		first := ask(t.Context(), g, 1)
		second, third := ask(t.Context(), g, 2, 3), ask(t.Context(), g, 4)
		d.word <- nil
		d.word <- nil
		for _, c := range []struct {
			got  outcome
			want []int
		}{{<-first, []int{2}}, {<-second, []int{4, 6}}, {<-third, []int{8}}} {
			if c.got.err != nil || !slices.Equal(c.got.results, c.want) {
				t.Errorf("got %v, want each caller its own results, %v", c.got, c.want)
			}
		}
		if len(d.flushes) != 2 || !slices.Equal(d.flushes[1], []int{2, 3, 4}) {
			t.Errorf("got %v, want the second flush to hold what had gathered", d.flushes)
		}
		later := ask(t.Context(), g, 5)
		d.word <- nil
		if got := <-later; !slices.Equal(got.results, []int{10}) {
			t.Errorf("got %v, want an idle group to begin again", got)
		}
	})
}

func TestGroupTellsAnErrorToAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, broken := newDesk(), errors.New("the disk is full")
		g := newGroup(d.flush)
		first := ask(t.Context(), g, 1)
		second, third := ask(t.Context(), g, 2), ask(t.Context(), g, 3)
		d.word <- nil
		d.word <- broken
		if got := <-first; got.err != nil {
			t.Errorf("got %v, want the first flush untouched by the second's error", got.err)
		}
		for _, c := range []<-chan outcome{second, third} {
			if got := <-c; !errors.Is(got.err, broken) {
				t.Errorf("got %v, want %v", got.err, broken)
			}
		}
	})
}

func TestGroupLeavesOutWhoGaveUpBeforeTheFlush(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		g := newGroup(d.flush)
		first := ask(t.Context(), g, 1)
		ctx, cancel := context.WithCancel(t.Context())
		gone, stays := ask(ctx, g, 2), ask(t.Context(), g, 3)
		cancel()
		if got := <-gone; !errors.Is(got.err, context.Canceled) {
			t.Errorf("got %v, want the caller free at once", got)
		}
		d.word <- nil
		d.word <- nil
		<-first
		if got := <-stays; !slices.Equal(got.results, []int{6}) || !slices.Equal(d.flushes[1], []int{3}) {
			t.Errorf("got %v from %v, want only the one that stayed", got, d.flushes)
		}
	})
}

func TestGroupFinishesWhatACallerGaveUpOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		g := newGroup(d.flush)
		ctx, cancel := context.WithCancel(t.Context())
		gone := ask(ctx, g, 1)
		next := ask(t.Context(), g, 2)
		cancel()
		if got := <-gone; !errors.Is(got.err, context.Canceled) {
			t.Errorf("got %v, want the caller free at once", got)
		}
		d.word <- nil
		d.word <- nil
		if got := <-next; !slices.Equal(got.results, []int{4}) {
			t.Errorf("got %v, want those after it served", got)
		}
	})
}

func TestGroupCutsLongQueuesIntoFlushes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		g := newGroup(d.flush)
		first := ask(t.Context(), g, 1)
		large, small := ask(t.Context(), g, make([]int, maxGroup+7)...), ask(t.Context(), g, 3)
		for range 3 {
			d.word <- nil
		}
		<-first
		if got := <-large; len(got.results) != maxGroup+7 {
			t.Errorf("got %d results, want all of one call together however many", len(got.results))
		}
		if got := <-small; !slices.Equal(got.results, []int{6}) || len(d.flushes) != 3 {
			t.Errorf("got %v after %d flushes, want it in a third", got, len(d.flushes))
		}
	})
}

func TestGroupRefusesAnswersThatDoNotMatch(t *testing.T) {
	t.Parallel()
	g := newGroup(func(context.Context, []int) ([]int, error) { return []int{1}, nil })
	if _, err := g.do(t.Context(), []int{1, 2}); err == nil {
		t.Error("got no error for one answer to two items, want one")
	}
	if got, err := g.do(t.Context(), nil); got != nil || err != nil {
		t.Errorf("got %v, %v for nothing, want nothing", got, err)
	}
}

func TestGroupUnderManyCallers(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	total := 0
	g := newGroup(func(_ context.Context, items []int) ([]int, error) {
		mu.Lock()
		defer mu.Unlock()
		total += len(items)
		return slices.Clone(items), nil
	})
	var all sync.WaitGroup
	for n := range 200 {
		all.Go(func() {
			got, err := g.do(t.Context(), []int{n, -n})
			if err != nil || !slices.Equal(got, []int{n, -n}) {
				t.Errorf("got %v, %v, want %d and its negative", got, err, n)
			}
		})
	}
	all.Wait()
	if total != 400 {
		t.Errorf("got %d items flushed, want each once, 400", total)
	}
}
