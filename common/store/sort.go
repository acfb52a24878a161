package store

import (
	"cmp"
	"slices"
)

// sorted returns the distinct values in ascending order: every multi-row write
// and lock goes through rows in the order of their ids (exactly.md 21).
func sorted[T cmp.Ordered](in []T) []T {
	out := slices.Clone(in)
	slices.Sort(out)
	return slices.Compact(out)
}
