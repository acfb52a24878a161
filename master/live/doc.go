// Package live tells people who watch what happens, as it happens. While there
// is any client, one look at the database a second, or as soon as this master has
// written something, fills a ring of what is new; clients take from the ring what
// they asked for. Nobody waits for a client: one that is too slow finds that the
// ring has gone on without it, and is told to read everything again.
//
// Rows of the journal carry the instant at which their transaction began, so they
// become visible out of order. Each look therefore reads an overlap once more and
// drops what it has seen, by (batch, seq).
package live
