package batch

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite generated documents")

func states() []State { return []State{Nothing, Waiting, Assigned, Running, Done} }

func finishes() []Finish {
	return []Finish{None, Success, Failed, DependTimeout, OutputTimeout, Killed, Skipped, Lost}
}

func TestMovesAllow(t *testing.T) {
	cases := []struct {
		name     string
		move     MoveName
		from, to State
		finish   Finish
		want     bool
	}{
		{"CreatesFromNothing", MoveCreate, Nothing, Waiting, None, true},
		{"NeverCreatesAlreadyDone", MoveCreate, Nothing, Done, Success, false},
		{"AssignKeepsTheTimeoutMark", MoveAssign, Waiting, Assigned, DependTimeout, true},
		{"NeverAssignsWithAnEnd", MoveAssign, Waiting, Assigned, Failed, false},
		{"NeverAssignsARunningBatch", MoveAssign, Running, Assigned, None, false},
		{"DeniesAsFailedOnly", MoveDeny, Waiting, Done, Failed, true},
		{"NeverDeniesAsSuccess", MoveDeny, Waiting, Done, Success, false},
		{"StartsOnlyWhatIsAssigned", MoveStart, Waiting, Running, None, false},
		{"FinishesAsLost", MoveFinish, Running, Done, Lost, true},
		{"NeverFinishesWithoutAResult", MoveFinish, Running, Done, None, false},
		{"NeverFinishesWhatDoesNotRun", MoveFinish, Assigned, Done, Success, false},
		{"OutputTimeoutMarksARunningBatch", MoveOutputTimeout, Running, Running, OutputTimeout, true},
		{"OutputTimeoutKeepsFailed", MoveOutputTimeout, Done, Done, Failed, true},
		{"OutputTimeoutNeverMarksADoneBatch", MoveOutputTimeout, Done, Done, OutputTimeout, false},
		{"OutputTimeoutNeverFailsARunningBatch", MoveOutputTimeout, Running, Running, Failed, false},
		{"OutputTimeoutNeverTouchesSuccess", MoveOutputTimeout, Done, Done, Success, false},
		{"KillNeverEndsARunningBatchDirectly", MoveKill, Running, Done, Killed, false},
		{"MarkNeverTouchesARunningBatch", MoveMark, Running, Done, Success, false},
		{"MarkTurnsFailedIntoSuccess", MoveMark, Done, Done, Success, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			move, found := Find(c.move)
			if !found {
				t.Fatalf("got no move %q, want one", c.move)
			}
			if got := move.Allows(c.from, c.to, c.finish); got != c.want {
				t.Errorf("got %v, want %v for %s %s->%s %s", got, c.want, c.move, c.from, c.to, c.finish)
			}
		})
	}
}

func TestEveryMoveIsUsableAndNamedOnce(t *testing.T) {
	seen := map[MoveName]bool{}
	for _, m := range Moves() {
		if seen[m.Name] {
			t.Errorf("got move %q twice, want once", m.Name)
		}
		seen[m.Name] = true
		for _, p := range m.Pairs {
			allowed := 0
			for _, f := range finishes() {
				if m.Allows(p.From, p.To, f) {
					allowed++
				}
			}
			if allowed == 0 {
				t.Errorf("got no result for %s %s->%s, want at least one", m.Name, p.From, p.To)
			}
		}
	}
	if _, found := Find("teleport"); found {
		t.Error("got a move teleport, want none")
	}
}

func TestMovesReturnsAFreshTable(t *testing.T) {
	Moves()[0].Pairs[0].To = Done
	Moves()[0].Finishes[0] = Lost
	if got := Moves()[0]; !got.Allows(Nothing, Waiting, None) {
		t.Errorf("got a table changed by its reader: %+v, want a fresh one", got)
	}
}

// Whatever moves follow one another: a batch is born waiting, never unborn, an
// ended result goes with done and only with it, and done never goes back.
func TestAnyWalkKeepsStateAndResultTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		state, finish := Nothing, None
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			move := rapid.SampledFrom(Moves()).Draw(t, "move")
			to := rapid.SampledFrom(states()).Draw(t, "to")
			next := rapid.SampledFrom(finishes()).Draw(t, "finish")
			// Allows does not see the result before: the mover of an output
			// timeout keeps the result of an ended batch, as its Doc says.
			if state == Done && move.Name == MoveOutputTimeout {
				next = finish
			}
			if !move.Allows(state, to, next) {
				continue
			}
			if to == Nothing {
				t.Fatalf("got %s to nothing, want a batch that stays", move.Name)
			}
			if state == Done && to != Done {
				t.Fatalf("got %s from done to %s, want done to be final", move.Name, to)
			}
			if (to == Done) != next.Ended() {
				t.Fatalf("got %s with %s after %s, want them together", to, next, move.Name)
			}
			if state == Done && finish == Success && next != Success && move.By != Operator {
				t.Fatalf("got success undone by %s, want only a person to do that", move.By)
			}
			state, finish = to, next
		}
	})
}

func TestStatesDocumentIsTheTable(t *testing.T) {
	const path = "../../docs/states.md"
	want := statesDocument()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("got a docs/states.md that differs from the table, want it generated: go test ./common/batch -update")
	}
}

func statesDocument() string {
	var b strings.Builder
	b.WriteString("# States of a batch\n\nGenerated from the table in `common/batch` by `go test ./common/batch -update`; do not edit.\n\n")
	b.WriteString("A batch has a state and a result. `depend-timeout` and `output-timeout` are marks on a batch that is\n" +
		"still going; a later end overwrites them. Every move is a compare-and-set on the state it starts from and\n" +
		"writes one row of the batch's journal; what is not listed here does not happen.\n\n")
	b.WriteString("```mermaid\nstateDiagram-v2\n")
	for _, m := range Moves() {
		for _, p := range m.Pairs {
			fmt.Fprintf(&b, "    %s --> %s: %s\n", node(p.From), node(p.To), m.Name)
		}
	}
	b.WriteString("    done --> [*]\n```\n\n")
	writeCodes(&b)
	b.WriteString("\n## Moves\n\n| move | from → to | by | result afterwards | when |\n|---|---|---|---|---|\n")
	for _, m := range Moves() {
		var pairs, results []string
		for _, p := range m.Pairs {
			pairs = append(pairs, fmt.Sprintf("%s → %s", cell(p.From), cell(p.To)))
		}
		for _, f := range m.Finishes {
			results = append(results, f.String())
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", m.Name,
			strings.Join(pairs, ", "), m.By, strings.Join(results, ", "), m.Doc)
	}
	return b.String()
}

func writeCodes(b *strings.Builder) {
	b.WriteString("## Codes\n\n| state | `state` |\n|---|---|\n")
	for _, s := range states()[1:] {
		fmt.Fprintf(b, "| %s | %d |\n", s, int(s))
	}
	b.WriteString("\n| result | `finishState` | goes with done |\n|---|---|---|\n")
	for _, f := range finishes() {
		fmt.Fprintf(b, "| %s | %d | %v |\n", f, int(f), f.Ended())
	}
}

func node(s State) string {
	if s == Nothing {
		return "[*]"
	}
	return s.String()
}

func cell(s State) string {
	if s == Nothing {
		return "∅"
	}
	return s.String()
}
