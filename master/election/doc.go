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
// and gives leadership away when the claim is refused or the term is ended
// from within. The database fences what a paused leader might still write; so
// a Term is a lifetime, not a lock, and nobody asks "am I the leader?".
//
// At most one term of an Election is led at a time: the next one starts after
// the previous lead function has returned. All methods are safe for concurrent
// use.
package election
