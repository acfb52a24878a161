package storetest_test

import (
	"testing"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			storetest.Exercise(t, func(t testing.TB) store.Config { return storetest.Fresh(t, engine) })
		})
	}
}
