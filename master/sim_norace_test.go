//go:build !race

package master_test

// simulatedClusters is how many TestSimulation runs by itself.
const simulatedClusters = 20

// leaderChanges is how often a test that changes the leader does.
const leaderChanges = 100
