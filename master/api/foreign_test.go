package api

import (
	"errors"
	"net/http"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

func TestForeignDatabaseIsReadButNotChanged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if _, err := r.world.DB.Claim(t.Context(), store.Claim{ClusterID: "another", RaftIndex: 1 << 40, Holder: "m9"}); !errors.Is(err, store.ErrForeign) {
		t.Fatalf("claim by another cluster: got %v, want ErrForeign", err)
	}
	if got := r.send(http.MethodGet, "/api/v1/batches", "viewer", nil); got.Code != http.StatusOK {
		t.Errorf("list: got %d %s, want 200", got.Code, got.Body)
	}
	refused := r.problem(http.MethodPost, "/api/v1/third-parties", "operator", wire.ThirdPartyRequest{Code: "pay", Key: "1"})
	if fault.Code(refused.Code) != fault.Conflict || refused.Hint == "" {
		t.Errorf("announce: got %+v, want CONFLICT with a hint", refused)
	}
	if _, err := r.world.DB.Claim(t.Context(), store.Claim{ClusterID: "another", RaftIndex: 1 << 40, Holder: "m9", Adopt: true}); err != nil {
		t.Fatalf("adopt: %v", err)
	}
	if got := r.send(http.MethodPost, "/api/v1/third-parties", "operator", wire.ThirdPartyRequest{Code: "pay", Key: "1"}); got.Code >= 300 {
		t.Errorf("announce after adoption: got %d %s, want it taken", got.Code, got.Body)
	}
}

// TestAnotherMasterMayAdoptTheDatabase: this one was refused, and is of the
// cluster that has the database now.
func TestAnotherMasterMayAdoptTheDatabase(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if _, err := r.world.DB.Claim(t.Context(), store.Claim{ClusterID: "C1", RaftIndex: 1 << 40, Holder: "m1"}); !errors.Is(err, store.ErrForeign) {
		t.Fatalf("claim: got %v, want ErrForeign", err)
	}
	announce := func() int {
		return r.send(http.MethodPost, "/api/v1/third-parties", "operator", wire.ThirdPartyRequest{Code: "pay", Key: "1"}).Code
	}
	if got := announce(); got != http.StatusConflict {
		t.Errorf("got %d, want it refused while the database is another cluster's", got)
	}
	r.world.Change("UPDATE capri_master_epoch SET clusterId = 'C1', holder = 'm2', epoch = epoch + 1")
	if got := announce(); got != http.StatusOK {
		t.Errorf("got %d, want it taken once m2 has adopted the database", got)
	}
}
