// Package group decides which message tells whom of an alert, and when it
// leaves (console.md §3.3, domain.md §10): alerts with one root are one
// incident, an incident is one message per place, who knows of it already is
// told again only when it has grown, and what is too much for one person leaves
// together in a digest. Nothing is dropped: every alert has one message at every
// place that the rules name. It takes values and returns values.
package group
