// Package graph draws tasks and batches with what they depend on: it chooses
// what is in a picture and gives everything in it a place. Layout is pure; the
// pictures of tasks are remembered by the version of the graph.
package graph
