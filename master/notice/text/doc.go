// Package text is what people read and hear when something has to be told: short
// messages, calls, mails and lines for chat rooms, in Chinese and English. It
// is pure: a Message goes in, a Text comes out; who is told and how it is sent is
// for others.
//
// What holds for every text, whatever stands in the message:
//   - Names and texts of others are inert: no markup, no control or direction
//     characters, and one line wherever there is room for one only.
//   - A short message has at most 70 characters, so that it is one message.
//   - A call is said in at most 15 seconds.
//   - A mail has a plain part that says the same as its HTML. The HTML stays below
//     100 KB, above which mail programs clip; the plain part names every alert,
//     however many there are.
//
// The kinds of alerts and their words are one table, kinds.go. A kind that is not
// in it has a general text.
package text
