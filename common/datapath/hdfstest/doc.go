// Package hdfstest gives tests a real HDFS, and does to it what goes wrong with
// one.
//
//	address := hdfstest.Shared(t)      // the one that make test started
//	dir := hdfstest.Dir(t, address)    // a directory of the test's own in it
//	hdfstest.At(address).Touch(t, dir+"/dt=2026-01-01/_SUCCESS")
//
//	own := hdfstest.Start(t)           // one that a test may break: a few seconds
//	own.PauseNamenode(t)
//
// The shared one's address comes from TEST_HDFS (host:port of its namenode).
// Without it tests fail; only CAPRI_TEST_SKIP=hdfs leaves them out, and
// scripts/test.sh says so.
package hdfstest
