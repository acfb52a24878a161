package storetest_test

import (
	"testing"
	"time"

	"capricornus/common/store/storetest"
)

func TestOpen(t *testing.T) {
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			start := time.Now()
			db := storetest.Open(t, engine)
			t.Log(time.Since(start))
			n, err := db.Migrate(t.Context(), "UTC")
			t.Log(n, err, time.Since(start))
		})
	}
}
