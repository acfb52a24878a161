package hdfstest

import (
	"crypto/rand"
	"os"
	"slices"
	"strings"
	"testing"
)

// Shared is the address of the HDFS that all tests use; nobody breaks it.
func Shared(t testing.TB) string {
	t.Helper()
	leaveOut(t)
	address := os.Getenv("TEST_HDFS")
	if address == "" {
		t.Fatal("no HDFS for this test: run make test or make test-hdfs, which start one, or set CAPRI_TEST_SKIP=hdfs to leave HDFS out")
	}
	return address
}

// leaveOut ends the test when HDFS is left out: scripts/test.sh, which is asked
// to, names it among what did not run.
func leaveOut(t testing.TB) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv("CAPRI_TEST_SKIP"), ","), "hdfs") {
		t.Skip("not run: CAPRI_TEST_SKIP names hdfs")
	}
}

// Dir makes a directory for this test, which everybody may write into, and
// removes it when the test ends. It returns its path, without a host.
func Dir(t testing.TB, address string) string {
	t.Helper()
	files := At(address)
	dir := "/test/" + strings.ToLower(rand.Text())
	files.Mkdir(t, dir)
	files.Chmod(t, dir, 0o777)
	t.Cleanup(func() { files.Remove(t, dir) })
	return dir
}
