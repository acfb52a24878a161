// Package root finds what alerts come from. Find gives each alert its root: the
// one missing path, failed batch, lost worker and so on that it and many others
// have in common (console.md §3.3); batches that wait are walked from level to
// level, all of a page together. Over tells which incidents are over, Ended
// which alerts tell of an end, and Say names a cause in a few words. Everything
// here only reads.
package root
