package worker

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"capricornus/common/logs"
	"capricornus/common/wire"
)

// What a worker objects to a start when files cannot be looked at: that nothing
// is known is neither a refusal nor a path that is gone.
func TestObjectionsWhenAFileSystemDoesNotAnswer(t *testing.T) {
	t.Parallel()
	here, gone := wire.PathCheck{Path: "file://" + t.TempDir(), Ready: "exists"}, wire.PathCheck{Path: "file://" + t.TempDir() + "/gone", Ready: "exists"}
	one, two := wire.PathCheck{Path: "hdfs://nn/one", Ready: "exists"}, wire.PathCheck{Path: "hdfs://nn/two", Ready: "exists"}
	odd := wire.PathCheck{Path: "ftp://nn/in", Ready: "exists"}
	denied := errors.New("permission denied")
	type answer struct {
		kind    wire.FactKind // "": none
		unknown bool
		unmet   []wire.PathCheck
		reason  string
	}
	tests := map[string]struct {
		away    bool
		bad     error
		inputs  []wire.PathCheck
		outputs []wire.PathCheck
		want    answer
	}{
		"AllAreThere":          {inputs: []wire.PathCheck{here, one, two}, outputs: []wire.PathCheck{one}},
		"InputsUnknown":        {away: true, inputs: []wire.PathCheck{here, one, two}, want: answer{wire.FactUnready, true, []wire.PathCheck{one, two}, "look at hdfs://nn/one: hdfs://nn: the file system does not answer"}},
		"OneIsKnownToBeGone":   {away: true, inputs: []wire.PathCheck{one, gone}, want: answer{wire.FactUnready, false, []wire.PathCheck{gone}, "not ready: " + gone.Path}},
		"OutputUnknown":        {away: true, outputs: []wire.PathCheck{one}, want: answer{wire.FactUnready, true, nil, "look at hdfs://nn/one"}},
		"InputDenied":          {bad: denied, inputs: []wire.PathCheck{one}, want: answer{wire.FactRefused, false, nil, "permission denied"}},
		"OutputDenied":         {bad: denied, outputs: []wire.PathCheck{one}, want: answer{wire.FactRefused, false, nil, "permission denied"}},
		"OneCannotBeAnswered":  {away: true, inputs: []wire.PathCheck{one, odd}, want: answer{wire.FactRefused, false, nil, `the scheme "ftp" is not supported`}},
		"WithoutPathsNoMatter": {away: true, inputs: []wire.PathCheck{here}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fs := newRemote("/one", "/two")
			fs.away, fs.bad = test.away, test.bad
			w, err := New(testConfig(t, newMaster(t)), Deps{Log: logs.Discard(), Paths: fs.paths()})
			if err != nil {
				t.Fatal(err)
			}
			a := shell(1, "true")
			a.Inputs, a.Outputs, a.Success = test.inputs, test.outputs, "output-path"
			_, objection := w.check(t.Context(), a)
			if objection == nil {
				objection = &wire.Fact{}
			}
			if got := objection; got.Kind != test.want.kind || got.Unknown != test.want.unknown || !slices.Equal(got.Unmet, test.want.unmet) || !strings.Contains(got.Reason, test.want.reason) {
				t.Errorf("got %+v, want %+v", *objection, test.want)
			}
		})
	}
}
