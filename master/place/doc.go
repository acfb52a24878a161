// Package place gives ready batches to workers: assignment, and re-assignment
// of what a worker refused, did not start in time, or died with. It owns
// waiting → assigned, assigned → assigned elsewhere, and back to waiting.
//
// A pass reads a snapshot, decides (Fit and decide are pure), and writes with
// compare-and-set; what has changed meanwhile is skipped and looked at again
// by the next pass. Engine and fence make it one pass at a time in the cluster.
package place
