package compose

// Graph is who waits for whom, by the ids of batches.
type Graph map[int64][]int64

// Behind counts what waits for a batch, directly or not.
func (g Graph) Behind(id int64) int {
	seen := map[int64]bool{id: true}
	next := []int64{id}
	for len(next) > 0 {
		here := next[len(next)-1]
		next = next[:len(next)-1]
		for _, child := range g[here] {
			if !seen[child] {
				seen[child] = true
				next = append(next, child)
			}
		}
	}
	return len(seen) - 1
}
