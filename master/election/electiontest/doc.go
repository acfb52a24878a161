// Package electiontest holds elections for tests: a network in memory for real
// raft nodes of one process, and scripted terms for simulations, in which real
// raft would cost too much.
package electiontest
