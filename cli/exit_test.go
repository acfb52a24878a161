package cli

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// TestExitCodeOfEachFault holds the contract: a code of the API, an exit code.
func TestExitCodeOfEachFault(t *testing.T) {
	for code, want := range map[fault.Code]int{
		fault.Usage: 2, fault.NotFound: 3, fault.Unauthed: 4, fault.Forbidden: 4, fault.Conflict: 5, fault.PlanStale: 5,
		fault.NotLeader: 7, fault.Unavailable: 7, fault.Timeout: 8, fault.TooMany: 4, fault.Invalid: 9, fault.TooLarge: 9, fault.Internal: 1,
		"SOMETHING_NEW": 1,
	} {
		m := newMaster(t, map[string]any{"GET /hosts": wire.Problem{Status: 418, Code: string(code), Detail: "no such luck", Hint: "try again"}})
		got := at(m).run(t, "host", "list")
		said := "capri: no such luck\n  try again\n"
		if code == fault.Unauthed {
			said += "  the token comes from CAPRI_TOKEN\n"
		}
		if got.code != want || got.err != said || got.out != "" {
			t.Errorf("%s: got %+v, want exit code %d, the sentence and the hint", code, got, want)
		}
	}
	if got := exitCode(errors.New("anything else")); got != exitFailed {
		t.Errorf("got %d, want %d", got, exitFailed)
	}
}

func TestNoMasterReachable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	got := nowhere(t).run(t, "host", "list", "--addr", addr)
	if got.code != exitNoMaster || got.err != "capri: no master reachable at http://"+addr+"\n" {
		t.Errorf("got %+v, want %d and a sentence with the address", got, exitNoMaster)
	}
	got = nowhere(t).run(t, "host", "list")
	if got.code != exitNoMaster || !strings.Contains(got.err, "capri dev") {
		t.Errorf("got %+v, want %d and a way to start one", got, exitNoMaster)
	}
}

func TestAFullDiskIsAFailure(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	var complaint strings.Builder
	if code := newApp(strings.NewReader(""), full, &complaint).run(t.Context(), []string{"config", "reference"}); code != exitFailed {
		t.Errorf("got %d, want %d", code, exitFailed)
	}
	if !strings.Contains(complaint.String(), "no space left on device") {
		t.Errorf("got %q, want the reason", complaint.String())
	}
}

func TestInterruptedIsAFailure(t *testing.T) {
	m := newMaster(t, map[string]any{"GET /batches/a/1": http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
	})})
	ctx, cancel := newCanceled(t)
	var complaint strings.Builder
	a := newApp(strings.NewReader(""), io.Discard, &complaint)
	a.environ = func(string) (string, bool) { return "", false }
	cancel()
	if code := a.run(ctx, []string{"batch", "wait", "a/1", "--addr", m.URL}); code != exitFailed || complaint.String() != "capri: interrupted\n" {
		t.Errorf("got %d, %q, want %d and a word", code, complaint.String(), exitFailed)
	}
}

// TestDaemonsReportTheirConfiguration needs no daemon: each must read its
// configuration and say all that is wrong with it.
func TestDaemonsReportTheirConfiguration(t *testing.T) {
	file := write(t, "bad.yaml", "nod: m1\nworkrs: 3\nhots: w1\n")
	for _, command := range []string{"master", "worker", "dev", "migrate up", "migrate status"} {
		args := append(strings.Fields(command), "--config", file)
		got := nowhere(t).run(t, args...)
		if got.code != exitInvalid || !strings.Contains(got.err, "the configuration has 3 problems") || !strings.Contains(got.err, "did you mean") {
			t.Errorf("%s: got %+v, want %d and three problems", command, got, exitInvalid)
		}
		got = nowhere(t).run(t, append(strings.Fields(command), "--config", "nowhere.yaml")...)
		if got.code != exitNotFound {
			t.Errorf("%s: got %+v, want %d", command, got, exitNotFound)
		}
	}
}
