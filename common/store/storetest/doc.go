// Package storetest makes databases for tests, holds the one suite that both
// engines must pass, and judges whether a database at rest is sound.
//
//	for _, engine := range storetest.Engines(t) {
//		t.Run(engine, func(t *testing.T) {
//			t.Parallel()
//			db := storetest.Open(t, engine)
//			…
//			storetest.Sound(t, db)
//		})
//	}
//
// MariaDB's address comes from TEST_MYSQL_DSN (user:password@tcp(host:port)/,
// without a database). Without it the MariaDB half of a test fails; only
// CAPRI_TEST_SKIP=mysql leaves it out, and scripts/test.sh says so.
package storetest
