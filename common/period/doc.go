// Package period is all arithmetic on schedule times: base times, work
// numbers, business intervals and windows, in one time zone, defined over DST
// gaps and overlaps. It is pure and keeps no state.
//
// Everything rests on one idea. A wall time W is mapped to the first instant
// at which the zone's clock shows W or later (line.reach). For a time in a gap
// that is the end of the gap, "the next valid instant"; for a time that occurs
// twice it is the first. The map never goes back, so periods that are next to
// each other on the calendar are next to each other in time:
//
//	calendar   00 ── 01 ── 02 ── 03 ──      spring: 02:00 → 03:00
//	time       00 ── 01 ── 03 ──            hour 02 is empty: no work number
//	calendar   00 ── 01 ── 02 ──            autumn: 02:00 → 01:00
//	time       00 ── 01 ──── ──── 02 ──     hour 01 lasts two hours: one batch
//
// Invariants, held by tests over twenty zones:
//   - the business intervals of consecutive slots tile time;
//   - a slot's base time lies inside the period that its work number names, so
//     base times strictly increase and never precede the end of the data;
//   - a work number and its slot are one to one.
package period
