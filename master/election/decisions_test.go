package election

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/raft"
)

func TestPatienceDoublesToHalfAMinute(t *testing.T) {
	for defeats, want := range []float64{1, 2, 4, 8, 16, 30, 30} {
		if got := patience(defeats).Seconds(); got != want {
			t.Errorf("patience after %d defeats: got %v s, want %v", defeats, got, want)
		}
	}
	if got := patience(1 << 40); got != lastPatience {
		t.Errorf("patience after very many defeats: got %v, want %v", got, lastPatience)
	}
}

func TestHoldBackAfter(t *testing.T) {
	cases := []struct{ last, want time.Duration }{
		{0, 200 * time.Millisecond},
		{200 * time.Millisecond, 400 * time.Millisecond},
		{800 * time.Millisecond, time.Second},
		{time.Second, time.Second},
	}
	for _, c := range cases {
		if got := holdBackAfter(c.last); got != c.want {
			t.Errorf("pause after one of %v: got %v, want %v", c.last, got, c.want)
		}
	}
}

func voter(name, address string) raft.Server {
	return raft.Server{ID: raft.ServerID(name), Address: raft.ServerAddress(address)}
}

func nonvoter(name, address string) raft.Server {
	s := voter(name, address)
	s.Suffrage = raft.Nonvoter
	return s
}

func TestPlanJoin(t *testing.T) {
	members := []raft.Server{voter("m1", "h1:1"), voter("m2", "h2:1"), nonvoter("m3", "h3:1")}
	cases := []struct {
		name, node, address string
		want                step
		err                 error
	}{
		{"ANewNodeIsAdded", "m4", "h4:1", stepAdd, nil},
		{"AMemberStays", "m2", "h2:1", stepNone, nil},
		{"AMemberMoves", "m2", "h5:1", stepMove, nil},
		{"AHalfAddedNodeIsAddedAgain", "m3", "h3:1", stepAdd, nil},
		{"AnAddressOfAnotherIsRefused", "m4", "h1:1", stepNone, ErrMember},
		{"AMemberDoesNotMoveOntoAnother", "m2", "h1:1", stepNone, ErrMember},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got, err := planJoin(members, c.node, c.address); got != c.want || !errors.Is(err, c.err) {
				t.Errorf("planJoin: got %d, %v, want %d, %v", got, err, c.want, c.err)
			}
		})
	}
}

func TestWithout(t *testing.T) {
	one, two, staged := voter("m1", "h1:1"), voter("m2", "h2:1"), nonvoter("m3", "h3:1")
	cases := []struct {
		name    string
		members []raft.Server
		node    string
		want    []raft.Server
		err     error
	}{
		{"TheOtherStays", []raft.Server{one, two}, "m2", []raft.Server{one}, nil},
		{"OnlyVotersCount", []raft.Server{one, two, staged}, "m2", []raft.Server{one}, nil},
		{"OneWithoutAVoteGoes", []raft.Server{one, two, staged}, "m3", []raft.Server{one, two}, nil},
		{"AStrangerCannotGo", []raft.Server{one, two}, "m9", nil, ErrNoMember},
		{"TheLastStays", []raft.Server{one}, "m1", nil, ErrQuorum},
		{"TheLastVoterStays", []raft.Server{one, staged}, "m1", nil, ErrQuorum},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got, err := without(c.members, c.node); !slices.Equal(got, c.want) || !errors.Is(err, c.err) {
				t.Errorf("without: got %v, %v, want %v, %v", got, err, c.want, c.err)
			}
		})
	}
}

func TestOthersGoRound(t *testing.T) {
	members := []raft.Server{voter("m1", "1"), voter("m2", "2"), nonvoter("m3", "3"), voter("m4", "4")}
	for node, want := range map[string][]string{
		"m1": {"m2", "m4"}, "m2": {"m4", "m1"}, "m4": {"m1", "m2"}, "m9": {"m1", "m2", "m4"},
	} {
		var got []string
		for _, s := range others(members, node) {
			got = append(got, string(s.ID))
		}
		if !slices.Equal(got, want) {
			t.Errorf("others than %s: got %v, want %v", node, got, want)
		}
	}
	if got := others(nil, "m1"); got != nil {
		t.Errorf("others of nobody: got %v, want none", got)
	}
}

func TestStanding(t *testing.T) {
	with, missing := []raft.Server{voter("m1", "1"), voter("m2", "2")}, []raft.Server{voter("m2", "2")}
	cases := []struct {
		name string
		in   standing
		want string
	}{
		{"AMember", standing{servers: with, quiet: true}, ""},
		{"ANewNodeThatNobodyTookIn", standing{join: true, quiet: true}, stateJoining},
		{"ANewNodeThatReadsThePast", standing{servers: missing, join: true}, stateJoining},
		{"ARemovedNodeThatWaitsToBeTakenInAgain", standing{servers: missing, join: true, quiet: true}, stateJoining},
		{"AMemberThatReadsThePast", standing{servers: missing}, stateJoining},
		{"AMemberThatWasRemoved", standing{servers: missing, quiet: true, seated: true}, stateRemoved},
		{"AMemberThatJoinedAndWasRemoved", standing{servers: missing, quiet: true, seated: true, join: true}, stateRemoved},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := c.in.state("m1"); got != c.want {
				t.Errorf("state: got %q, want %q", got, c.want)
			}
		})
	}
}
