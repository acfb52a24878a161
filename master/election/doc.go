// Package election turns raft into a sequence of terms and is the only door to
// that library.
//
// Raft answers one question here: which master may try to lead. It holds
// cluster facts only (the cluster's id, the address people use for each node);
// batches never pass through it. A master that wins raft's leadership
//
//	waits for a barrier    everything earlier is applied
//	applies a claim entry  its log index is larger than that of any earlier claim
//	asks the Claimer       the database raises its epoch if that index is news
//	leads                  as long as the Term's context lives
//
// and gives leadership away when the term is ended from within, or when the
// claim is refused for longer than its patience: a second at first, up to half
// a minute the more often in a row that happens. The database fences what a
// paused leader might still write; so a Term is a lifetime, not a lock, and
// nobody asks "am I the leader?".
//
// The members of the cluster are read from the configuration at the first start
// only. Later they change by Join and Remove on the leader, one at a time: a
// node is reached and has the log before it votes, and none goes whose absence
// would leave no majority of those that answer. A node that was removed and
// hears of it ends; one that does not hear of it can win no election, because
// the others refuse even its question whether it might (pre-vote).
//
// At most one term of an Election is led at a time: the next one starts after
// the previous lead function has returned. All methods are safe for concurrent
// use.
package election
