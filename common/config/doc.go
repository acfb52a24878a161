// Package config reads what a daemon is told at its start. Every key exists
// once, in the table of its struct (Master, Worker, Dev); file, environment,
// flags, the printed reference and the checks all work from that table.
//
// A later source wins: default < file < environment < flag. An unknown key in
// the file is an error that suggests the right one, and a call of Load reports
// all problems it can find, each with the place the value came from. Values of
// type Secret print as [redacted] whatever prints them.
package config
