package graph

import "math"

const (
	unit       = 100 // of positions: the distance between two tasks
	dummyWidth = 0.25
	settlings  = 6
)

// Placed is where the nodes of a picture are: ranks from the top, places in
// hundredths of the distance between two nodes.
type Placed struct {
	Rank, X, Y    []int
	Width, Height int
	via           map[[2]int][]int // x on the ranks that an edge passes over, from above
}

// Via is where an edge passes the ranks between its ends, in its own direction.
func (p *Placed) Via(from, to int) []int {
	if xs, ok := p.via[[2]int{from, to}]; ok {
		return xs
	}
	xs := p.via[[2]int{to, from}]
	out := make([]int, len(xs))
	for i, x := range xs {
		out[len(xs)-1-i] = x
	}
	return out
}

// Layout places n nodes. The same input always gets the same places. Circles
// do no harm: an arc that closes one is drawn upward.
func Layout(n int, arcs []Arc) Placed {
	turned, order := forward(n, arcs)
	lone := make([]bool, n)
	for i := range lone {
		lone[i] = true
	}
	for _, a := range turned {
		lone[a.From], lone[a.To] = false, false
	}
	number, joined := make([]int, n), []int(nil)
	for i := range n {
		if !lone[i] {
			number[i] = len(joined)
			joined = append(joined, i)
		}
	}
	inner := make([]Arc, len(turned))
	for i, a := range turned {
		inner[i] = Arc{From: number[a.From], To: number[a.To]}
	}
	innerOrder := make([]int, 0, len(joined))
	for _, node := range order {
		if !lone[node] {
			innerOrder = append(innerOrder, number[node])
		}
	}
	l := layered(len(joined), ranksOf(len(joined), inner, innerOrder), inner)
	l.untangle()
	out := Placed{Rank: make([]int, n), X: make([]int, n), Y: make([]int, n), via: map[[2]int][]int{}}
	out.take(l, joined)
	out.takeLone(lone, len(joined) > 0)
	return out
}

// take copies the places of nodes that have edges.
func (p *Placed) take(l *layers, joined []int) {
	if len(joined) == 0 {
		return
	}
	x := l.coordinates()
	least := math.Inf(1)
	for _, at := range x {
		least = min(least, at)
	}
	at := func(node int) int { return int(math.Round((x[node] - least) * unit)) }
	for i, node := range joined {
		p.Rank[node], p.X[node], p.Y[node] = l.rank[i], at(i), l.rank[i]*unit
		p.Width, p.Height = max(p.Width, p.X[node]), max(p.Height, p.Y[node])
	}
	for ends, chain := range l.chains {
		xs := make([]int, len(chain))
		for i, dummy := range chain {
			xs[i] = at(dummy)
		}
		p.via[[2]int{joined[ends[0]], joined[ends[1]]}] = xs
	}
}

// takeLone puts nodes without edges into a block below all others.
func (p *Placed) takeLone(lone []bool, others bool) {
	count := 0
	for _, is := range lone {
		if is {
			count++
		}
	}
	if count == 0 {
		return
	}
	columns := max(int(math.Ceil(math.Sqrt(float64(count)*2))), min(p.Width/unit+1, count))
	top := 0
	if others {
		top = p.Height + 2*unit
	}
	i := 0
	for node, is := range lone {
		if !is {
			continue
		}
		p.X[node], p.Y[node] = i%columns*unit, top+i/columns*unit
		p.Width, p.Height = max(p.Width, p.X[node]), max(p.Height, p.Y[node])
		i++
	}
}

func (l *layers) width(node int) float64 {
	if node >= l.n {
		return dummyWidth
	}
	return 1
}

// coordinates moves nodes, within the order of their rows, towards the means of
// their neighbours: down the ranks, up, and so on.
func (l *layers) coordinates() []float64 {
	x := make([]float64, len(l.rank))
	for _, row := range l.rows {
		at := 0.0
		for i, node := range row {
			if i > 0 {
				at += (l.width(row[i-1]) + l.width(node)) / 2
			}
			x[node] = at
		}
	}
	s := settler{l: l, x: x}
	for i := range settlings {
		if i%2 == 0 {
			for r := 1; r < len(l.rows); r++ {
				s.settle(l.rows[r], l.up)
			}
			continue
		}
		for r := len(l.rows) - 2; r >= 0; r-- {
			s.settle(l.rows[r], l.down)
		}
	}
	return x
}

// settler places rows; its slices are used again for each.
type settler struct {
	l      *layers
	x      []float64
	offset []float64
	blocks []block
}

// block is a run of nodes that touch each other.
type block struct {
	sum, weight float64
	count       int
}

// settle gives each node of a row the place it wants, the mean of its
// neighbours, as nearly as the order and the widths allow: the least squares by
// joining blocks that would overlap.
func (s *settler) settle(row []int, neighbours [][]int) {
	s.offset, s.blocks = s.offset[:0], s.blocks[:0]
	offset := 0.0
	for i, node := range row {
		if i > 0 {
			offset += (s.l.width(row[i-1]) + s.l.width(node)) / 2
		}
		want := s.x[node]
		if near := neighbours[node]; len(near) > 0 {
			want = 0
			for _, other := range near {
				want += s.x[other] / float64(len(near))
			}
		}
		weight := 1.0
		if node >= s.l.n {
			weight = 2 // long edges are to be straight
		}
		s.offset = append(s.offset, offset)
		b := block{sum: (want - offset) * weight, weight: weight, count: 1}
		for len(s.blocks) > 0 && s.blocks[len(s.blocks)-1].mean() >= b.mean() {
			last := s.blocks[len(s.blocks)-1]
			s.blocks = s.blocks[:len(s.blocks)-1]
			b = block{sum: b.sum + last.sum, weight: b.weight + last.weight, count: b.count + last.count}
		}
		s.blocks = append(s.blocks, b)
	}
	i := 0
	for _, b := range s.blocks {
		for range b.count {
			s.x[row[i]] = b.mean() + s.offset[i]
			i++
		}
	}
}

func (b block) mean() float64 { return b.sum / b.weight }
