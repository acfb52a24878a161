package graph

import (
	"cmp"
	"slices"
)

const (
	sweeps     = 4       // down and up
	maxDummies = 300_000 // more than that are left out: those edges do not count for the order
)

// layers are the nodes of a picture by rank, with dummies where edges pass. Nodes
// from n on are dummies.
type layers struct {
	n        int
	rank     []int
	up, down [][]int // neighbours on the rank before and after
	rows     [][]int // nodes by rank, in order
	at       []int   // place of a node in its row
	chains   map[[2]int][]int
}

// layered puts a dummy on every rank that an edge passes over.
func layered(n int, rank []int, arcs []Arc) *layers {
	l := &layers{n: n, rank: slices.Clone(rank), chains: map[[2]int][]int{}}
	l.up, l.down = make([][]int, n), make([][]int, n)
	for _, a := range arcs {
		if span := rank[a.To] - rank[a.From]; len(l.rank)-n+span-1 > maxDummies {
			continue
		}
		from := a.From
		for r := rank[a.From] + 1; r < rank[a.To]; r++ {
			dummy := len(l.rank)
			l.rank = append(l.rank, r)
			l.up, l.down = append(l.up, nil), append(l.down, nil)
			l.join(from, dummy)
			l.chains[[2]int{a.From, a.To}] = append(l.chains[[2]int{a.From, a.To}], dummy)
			from = dummy
		}
		l.join(from, a.To)
	}
	l.begin()
	return l
}

func (l *layers) join(from, to int) {
	l.down[from] = append(l.down[from], to)
	l.up[to] = append(l.up[to], from)
}

// begin orders rows so that what belongs together stands together: by a walk
// from the top, as deep as it goes first.
func (l *layers) begin() {
	top := 0
	for _, r := range l.rank {
		top = max(top, r)
	}
	l.rows, l.at = make([][]int, top+1), make([]int, len(l.rank))
	seen := make([]bool, len(l.rank))
	var stack []int
	visit := func(node int) {
		if !seen[node] {
			seen[node] = true
			stack = append(stack, node)
		}
	}
	for start := range l.n {
		if len(l.up[start]) > 0 {
			continue
		}
		visit(start)
		for len(stack) > 0 {
			node := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			l.at[node] = len(l.rows[l.rank[node]])
			l.rows[l.rank[node]] = append(l.rows[l.rank[node]], node)
			for _, to := range slices.Backward(l.down[node]) {
				visit(to)
			}
		}
	}
}

// untangle sorts rows by the means of their neighbours' places, down and up a few
// times, and keeps the order with the fewest crossings.
func (l *layers) untangle() {
	best, fewest := l.copyRows(), l.crossings()
	mean := make([]float64, len(l.rank))
	for range sweeps {
		if fewest == 0 {
			break
		}
		for r := 1; r < len(l.rows); r++ {
			l.sort(l.rows[r], l.up, mean)
		}
		for r := len(l.rows) - 2; r >= 0; r-- {
			l.sort(l.rows[r], l.down, mean)
		}
		if n := l.crossings(); n < fewest {
			best, fewest = l.copyRows(), n
		}
	}
	l.rows = best
	l.number()
}

func (l *layers) copyRows() [][]int {
	out := make([][]int, len(l.rows))
	for i, row := range l.rows {
		out[i] = slices.Clone(row)
	}
	return out
}

func (l *layers) number() {
	for _, row := range l.rows {
		for i, node := range row {
			l.at[node] = i
		}
	}
}

func (l *layers) sort(row []int, neighbours [][]int, mean []float64) {
	for _, node := range row {
		near := neighbours[node]
		if len(near) == 0 {
			mean[node] = float64(l.at[node])
			continue
		}
		sum := 0
		for _, other := range near {
			sum += l.at[other]
		}
		mean[node] = float64(sum) / float64(len(near))
	}
	slices.SortStableFunc(row, func(a, b int) int { return cmp.Compare(mean[a], mean[b]) })
	for i, node := range row {
		l.at[node] = i
	}
}

// crossings counts the pairs of edges between neighbouring ranks that cross.
func (l *layers) crossings() int {
	total := 0
	var ends []int
	for r := 0; r+1 < len(l.rows); r++ {
		tree := make([]int, len(l.rows[r+1])+1) // how many ends so far, by place
		passed := 0
		for _, node := range l.rows[r] {
			ends = ends[:0]
			for _, to := range l.down[node] {
				ends = append(ends, l.at[to])
			}
			for _, end := range ends {
				total += passed - upTo(tree, end)
			}
			for _, end := range ends {
				for i := end + 1; i < len(tree); i += i & -i {
					tree[i]++
				}
			}
			passed += len(ends)
		}
	}
	return total
}

// upTo is how many of a counting tree's ends are at a place or before it.
func upTo(tree []int, place int) int {
	n := 0
	for i := place + 1; i > 0; i -= i & -i {
		n += tree[i]
	}
	return n
}
