//go:build race

package master_test

// simulatedClusters is how many TestSimulation runs by itself: the race
// detector makes each many times slower.
const simulatedClusters = 2

// leaderChanges is how often a test that changes the leader does.
const leaderChanges = 10
