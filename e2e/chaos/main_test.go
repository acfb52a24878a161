// Package chaos_test breaks whole clusters of real processes, in network
// namespaces of their own, and holds that nothing is lost, nothing runs twice and
// somebody leads again. See docs/chaos.md.
package chaos_test

import (
	"testing"

	_ "capricornus/cli" // what the binary is made of: without it go test would take an old result for a new binary's
	"capricornus/e2e/labtest"
)

func TestMain(m *testing.M) { labtest.Main(m) }
