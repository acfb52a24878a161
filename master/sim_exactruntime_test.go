package master_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// patch changes one file of Go's own source.
type patch struct {
	file  string
	swaps []swap
	tail  string // added at the end
}

// swap replaces a text that stands in the file exactly once.
type swap struct{ old, is string }

// exactRuntime makes a program do the same in every run: with one processor,
// no garbage collection by itself and no signals, all that is left to chance or
// to the real clock in the standard library is taken away.
func exactRuntime() []patch {
	return []patch{
		// One stream of random numbers, always the same, for maps, select and math/rand.
		{file: "runtime/rand.go", swaps: []swap{
			{"\t\t\tseed[i%len(seed)] ^= c\n", "\t\t\t_, seed[i%len(seed)] = c, byte(i)+1\n"},
			{"\tmp := getg().m\n\tc := &mp.chacha8\n\tfor {\n", "\tmp := getg().m\n\tc := &oneRand\n\tfor {\n"},
			{"\tvar seed [4]uint64\n\tfor i := range seed {\n\t\tseed[i] = bootstrapRand()\n\t}\n\tbootstrapRandReseed() // erase key we just extracted\n\tmp.chacha8.Init64(seed)\n\tmp.cheaprand = rand()\n",
				"\tif !oneRandBegun {\n\t\toneRandBegun = true\n\t\toneRand.Init64([4]uint64{1, 2, 3, 4})\n\t}\n\tmp.cheaprand = uint64(mp.id) + 1\n"},
		}, tail: "\nvar (\n\toneRand      chacha8rand.State\n\toneRandBegun bool\n)\n"},
		// Nobody is interrupted by the clock, nor put behind others in a system
		// call; who yields goes to the end of the only queue.
		{file: "runtime/proc.go", swaps: []swap{
			{"func retake(now int64) uint32 {\n\tn := 0\n", "func retake(now int64) uint32 {\n\tn := 0\n\tif now != 0 {\n\t\treturn 0\n\t}\n"},
			{"pp.schedtick%61 == 0 && !sched.runq.empty()", "false"},
			{"\t\tlock(&sched.lock)\n\t\tglobrunqput(gp)\n\t\tunlock(&sched.lock)\n\t}\n\n\tif mainStarted {\n\t\twakep()\n\t}\n", "\t\trunqput(pp, gp, false)\n\t}\n\n\tif mainStarted {\n\t\twakep()\n\t}\n"},
		}},
		// Who polls lets the others go on: nobody else would make it stop.
		{file: "runtime/select.go", swaps: []swap{
			{"\t\tselunlock(scases, lockorder)\n\t\tcasi = -1\n\t\tgoto retc\n", "\t\tselunlock(scases, lockorder)\n\t\tcasi = -1\n\t\tGosched()\n\t\tgoto retc\n"},
			{"cheaprandn(", "randn("},
		}},
		// Timers that fire at the same instant of a bubble do so in one order.
		{file: "runtime/time.go", swaps: []swap{{"t.rand = cheaprand()", "t.rand = rand32()"}}},
		// A lock is not handed on differently after a millisecond of the real clock.
		{file: "internal/sync/mutex.go", swaps: []swap{{"starvationThresholdNs = 1e6", "starvationThresholdNs = 1e18"}}},
		// Contexts end in the order in which they were made, not in that of their addresses.
		{file: "context/context.go", swaps: []swap{
			{"children map[canceler]struct{} // set", "born     int\n\tchildren map[canceler]int // set"},
			{"make(map[canceler]struct{})", "make(map[canceler]int)"},
			{"p.children[child] = struct{}{}", "p.born++\n\t\t\tp.children[child] = p.born"},
			{"\tfor child := range c.children {\n", "\tfor _, child := range inOrder(c.children) {\n"},
		}, tail: `
func inOrder(children map[canceler]int) []canceler {
	out := make([]canceler, 0, len(children))
	for c := range children {
		i := len(out)
		out = append(out, c)
		for ; i > 0 && children[out[i-1]] > children[c]; i-- {
			out[i] = out[i-1]
		}
		out[i] = c
	}
	return out
}
`},
	}
}

// overlay writes the changed files below dir and returns the file that tells
// the go command of them.
func overlay(t *testing.T, goroot, dir string) string {
	t.Helper()
	replace := map[string]string{}
	for _, p := range exactRuntime() {
		from := filepath.Join(goroot, "src", filepath.FromSlash(p.file))
		source, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		text := string(source)
		for _, s := range p.swaps {
			if n := strings.Count(text, s.old); n != 1 {
				t.Fatalf("got %d places in %s that read\n%s\nwant one: this Go is another one than the simulation's exact replay knows; see exactRuntime", n, from, s.old)
			}
			text = strings.Replace(text, s.old, s.is, 1)
		}
		to := filepath.Join(dir, strings.ReplaceAll(p.file, "/", "_"))
		write(t, to, text+p.tail)
		replace[from] = to
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	write(t, file, string(list))
	return file
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
