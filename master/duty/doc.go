// Package duty runs the leader's duties while a term lasts.
//
// A duty is a function that looks at the database, decides one page of work,
// writes it, and says whether there is more. It contains no goroutine, ticker,
// recover, retry or leadership test: the Engine has them once.
//
//	gocron ──tick──┐
//	Wake ──────────┼──▶ bell (one slot) ──▶ goroutine of the duty ──▶ Run, page by page
//	Pass.Next ─────┤                                 ▲
//	back-off ──────┘          RunNow ────────────────┘ (waits for no back-off)
//
// A tick is only a wake: ticks are for correctness, wakes for latency. Wakes
// coalesce, because the bell has one slot, and none is lost: a wake that rings
// during a pass is followed by another pass. Each duty has one goroutine, so it
// never runs twice at once, not even when an old term's pass is slow to stop.
//
// A pass that fails is tried again after 1, 5 and 30 seconds and then with the
// next tick; an error that Config.Fatal recognises ends the term. Panics are
// recovered here and count as failures.
package duty
