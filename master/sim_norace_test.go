//go:build !race

package master_test

// simulatedClusters is how many TestSimulation runs by itself.
const simulatedClusters = 20
