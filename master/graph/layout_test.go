package graph

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestLayout(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		n     int
		arcs  []Arc
		ranks []int
	}{
		"Nothing":                        {0, nil, []int{}},
		"OneTask":                        {1, nil, []int{0}},
		"AChain":                         {3, []Arc{{From: 0, To: 1}, {From: 1, To: 2}}, []int{0, 1, 2}},
		"ADiamond":                       {4, []Arc{{From: 0, To: 1}, {From: 0, To: 2}, {From: 1, To: 3}, {From: 2, To: 3}}, []int{0, 1, 1, 2}},
		"TheLongestWayCounts":            {4, []Arc{{From: 0, To: 3}, {From: 0, To: 1}, {From: 1, To: 2}, {From: 2, To: 3}}, []int{0, 1, 2, 3}},
		"AStartStandsBeforeWhatItFeeds":  {4, []Arc{{From: 0, To: 1}, {From: 1, To: 2}, {From: 3, To: 2}}, []int{0, 1, 2, 1}},
		"ATaskOnItsOwnPast":              {1, []Arc{{From: 0, To: 0, Weak: true}}, []int{0}},
		"TwoEdgesBetweenTwo":             {2, []Arc{{From: 0, To: 1}, {From: 0, To: 1}}, []int{0, 1}},
		"ACircleClosedByThePast":         {2, []Arc{{From: 1, To: 0, Weak: true}, {From: 0, To: 1}}, []int{0, 1}},
		"AWeakArcAlonePointsForward":     {2, []Arc{{From: 1, To: 0, Weak: true}}, []int{1, 0}},
		"ACircleThatShouldNotBeIsBroken": {3, []Arc{{From: 0, To: 1}, {From: 1, To: 2}, {From: 2, To: 0}}, []int{0, 1, 2}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Layout(c.n, c.arcs)
			if !slices.Equal(got.Rank, c.ranks) {
				t.Errorf("got ranks %v, want %v", got.Rank, c.ranks)
			}
		})
	}
}

func TestEdgesPassBetweenNodes(t *testing.T) {
	t.Parallel()
	got := Layout(4, []Arc{{From: 0, To: 3}, {From: 0, To: 1}, {From: 1, To: 2}, {From: 2, To: 3}})
	down, up := got.Via(0, 3), got.Via(3, 0)
	if len(down) != 2 || len(up) != 2 || down[0] != up[1] || down[1] != up[0] {
		t.Errorf("got %v down and %v up, want two places, mirrored", down, up)
	}
	if down[0] == got.X[1] || down[1] == got.X[2] {
		t.Errorf("got the edge at %v, want it beside the nodes at %d and %d", down, got.X[1], got.X[2])
	}
}

func TestCrossingsAreUntangled(t *testing.T) {
	t.Parallel()
	l := layered(4, []int{0, 0, 1, 1}, []Arc{{From: 0, To: 3}, {From: 1, To: 2}})
	l.rows = [][]int{{0, 1}, {2, 3}}
	l.number()
	if n := l.crossings(); n != 1 {
		t.Errorf("got %d crossings, want 1", n)
	}
	l.untangle()
	if n := l.crossings(); n != 0 {
		t.Errorf("got %d crossings after all, want none", n)
	}
}

// TestLayoutHolds draws any graph, circles and all, and looks at what every
// picture must keep.
func TestLayoutHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 25).Draw(t, "nodes")
		node := rapid.IntRange(0, n-1)
		var arcs []Arc
		for range rapid.IntRange(0, 60).Draw(t, "arcs") {
			arcs = append(arcs, Arc{From: node.Draw(t, "from"), To: node.Draw(t, "to"), Weak: rapid.Bool().Draw(t, "weak")})
		}
		got := Layout(n, arcs)
		if again := Layout(n, arcs); !reflect.DeepEqual(got, again) {
			t.Fatalf("got %+v and %+v for the same graph", got, again)
		}
		places := map[string]int{}
		for i := range n {
			place := fmt.Sprint(got.X[i]/10, got.Y[i])
			if other, taken := places[place]; taken {
				t.Fatalf("%d and %d stand in the same place: %+v", i, other, got)
			}
			places[place] = i
			if got.X[i] < 0 || got.Y[i] < 0 || got.X[i] > got.Width || got.Y[i] > got.Height {
				t.Fatalf("%d stands outside: %+v", i, got)
			}
		}
		turned, _ := forward(n, arcs)
		for _, a := range turned {
			if got.Rank[a.From] >= got.Rank[a.To] {
				t.Fatalf("the arc %v does not lead down: %v", a, got.Rank)
			}
			if want := got.Rank[a.To] - got.Rank[a.From] - 1; len(got.Via(a.From, a.To)) != want {
				t.Fatalf("the arc %v passes %v, want %d ranks", a, got.Via(a.From, a.To), want)
			}
		}
	})
}

// big is a warehouse of 5,000 tasks and 15,000 dependencies, many of which pass
// over several ranks.
func big() (int, []Arc) {
	const n, edges = 5000, 15_000
	draw := rand.New(rand.NewPCG(1, 2))
	arcs := make([]Arc, 0, edges)
	for len(arcs) < edges {
		to := 50 + draw.IntN(n-50)
		arcs = append(arcs, Arc{From: to - 1 - draw.IntN(min(to, 900)), To: to})
	}
	return n, arcs
}

func TestABigGraphIsDrawn(t *testing.T) {
	t.Parallel()
	n, arcs := big()
	began := time.Now()
	got := Layout(n, arcs)
	t.Logf("%d nodes and %d edges in %s: %d ranks, %d wide", n, len(arcs), time.Since(began), got.Height/unit+1, got.Width/unit)
	if got.Width == 0 || got.Height == 0 {
		t.Errorf("got %d by %d, want a picture", got.Width, got.Height)
	}
}

// BenchmarkLayout is the cold layout of the largest picture; the aim is 3 s.
func BenchmarkLayout(b *testing.B) {
	n, arcs := big()
	for b.Loop() {
		Layout(n, arcs)
	}
}
