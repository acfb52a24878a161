// Package compose makes reports of plain figures (console.md §3.5). It is pure:
// values in, values out, no clock, no I/O.
package compose
