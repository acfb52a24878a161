// Package channel carries one message to one person: by a mail server, an HTTP
// gateway for short messages or calls, a group of a chat tool, or into a file.
//
// A Sender tries once and answers within its configured time, whatever the other
// side does: it may be away, hang at any step, or drop the connection after it
// took the message. What is not known to have been taken is an error, so that
// the next try may tell a person twice but never not at all; the message's key,
// the same in every try, is what the other side can tell the two by.
//
// Errors are faults whose text is fit to be shown and kept: no password, token
// or URL of a webhook is in them. Permanent says that another try is useless.
// Senders keep no connections and may be used by many at the same time.
package channel
