// Package deliver sends the messages that are due: the duty `deliver` of the
// leader.
//
//	due ──claim──▶ begun ──send──▶ answer ──settle──▶ sent, due again, or failed for good
//
// A claim is a leader's transaction that counts the try and sets the time from
// which another may begin: the longest that the channel takes, and a little. So a
// new leader does not send what the old one may be sending still, and what the
// old one did not see the answer of is sent once more, with the same key. An
// answer that is recorded is final.
//
// Messages are sent side by side, a few for each channel and webhook, so that one
// that hangs holds up nobody else's; answers are recorded together as they come.
// The pass ends when nothing is on its way; with its term it ends at once, and
// what is not known then is not recorded.
//
// What the next try is (after) and what a message says (compose) are functions of
// values. A Deliverer is used by one pass at a time.
package deliver
