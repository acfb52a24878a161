package election

import "time"

// A database that is away for everyone must not make leadership wander, and one
// that is away for a single master must not keep it there. So a master that raft
// follows, but whose claims fail, tries by itself for a while before it passes
// leadership on, longer with each time in a row that it had to.
const (
	firstPatience = time.Second
	lastPatience  = 30 * time.Second
)

// patience is how long a master tries to claim that had to give up so many times
// in a row, without a term in between.
func patience(defeats int) time.Duration {
	length := firstPatience
	for range defeats {
		if length *= 2; length >= lastPatience {
			return lastPatience
		}
	}
	return length
}

// holdBackAfter is the pause before the next claim, after one that followed a
// pause of the given length: longer each time up to a second, for once the
// database is back there must be a leader soon.
func holdBackAfter(last time.Duration) time.Duration {
	return min(max(2*last, firstDelay), lastDelay)
}
