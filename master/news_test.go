package master

import (
	"reflect"
	"testing"

	"capricornus/common/wire"
	"capricornus/master/gate"
)

func numbers(n int) []int64 {
	out := make([]int64, n)
	for i := range out {
		out[i] = int64(i + 1)
	}
	return out
}

func TestMerged(t *testing.T) {
	t.Parallel()
	key := wire.ParentKey{Task: 1, WorkNo: "2026112006"}
	for name, test := range map[string]struct{ a, b, want wire.News }{
		"Nothing": {},
		"EachOnce": {
			wire.News{Duties: []string{"b", "a"}, Hosts: []string{"w1"}, Made: []int64{2, 1}, Announced: true},
			wire.News{Duties: []string{"a"}, Hosts: []string{"w2", "w1"}, Returned: []string{"w3"}, Made: []int64{2, 3}, Finished: []int64{9}, Parents: []wire.ParentKey{key}},
			wire.News{
				Duties: []string{"a", "b"}, Hosts: []string{"w1", "w2"}, Returned: []string{"w3"}, Made: []int64{1, 2, 3},
				Finished: []int64{9}, Parents: []wire.ParentKey{key}, Announced: true,
			},
		},
		"AsManyAsNamed": {wire.News{Made: numbers(newsLimit)}, wire.News{Made: numbers(1)}, wire.News{Made: numbers(newsLimit)}},
		"TooManyMade":   {wire.News{Made: numbers(newsLimit)}, wire.News{Made: []int64{0}}, wire.News{Duties: []string{gate.DutyDepend, gate.DutyPaths}}},
		"TooManyParents": {
			wire.News{Finished: []int64{1}, Parents: make([]wire.ParentKey, newsLimit)}, wire.News{Parents: []wire.ParentKey{key}},
			wire.News{Duties: []string{gate.DutyDepend, gate.DutyPaths}},
		},
		"TooManyDoubted": {wire.News{Duties: []string{"x"}, Doubted: numbers(newsLimit + 1)}, wire.News{}, wire.News{Duties: []string{gate.DutyPaths, "x"}}},
		"TooManyMet":     {wire.News{Met: numbers(newsLimit + 1)}, wire.News{}, wire.News{Duties: []string{gate.DutyQuality}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := merged(test.a, test.b); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}
