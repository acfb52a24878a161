// Package notice tells people of alerts: package rule decides who is told, and
// this one reads from the database what it goes by. A Reader reads that for many
// alerts at once, as an Audience; Explain says who would be told of an alert,
// and by which rule. Both only read, and are safe for concurrent use.
package notice
