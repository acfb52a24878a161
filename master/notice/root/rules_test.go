package root

import (
	"strings"
	"testing"
	"unicode/utf8"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// TestRootsThatAlertsNameThemselves is the table of kinds: which root an alert
// has without a walk.
func TestRootsThatAlertsNameThemselves(t *testing.T) {
	t.Parallel()
	const ref = "dwd_order/20240613.2"
	nodes := map[int64]store.Node{7: {ID: 7, Task: "renamed", WorkNo: "20240613", Type: 2}}
	for _, c := range []struct {
		kind, object string
		work         int64
		want         string // kind root
	}{
		{"batch-failed", ref, 7, "batch renamed/20240613"},
		{"batch-failed", ref, 8, "batch dwd_order/20240613"}, // it is no more
		{"depend-timeout", ref, 0, "batch dwd_order/20240613"},
		{"output-timeout", ref, 7, "batch renamed/20240613"},
		{"batch-refused", ref, 7, "batch renamed/20240613"},
		{"attempt-over-memory", ref, 7, "batch renamed/20240613"},
		{"attempt-over-limit", ref, 7, "batch renamed/20240613"},
		{"quality-silent", ref, 7, "batch renamed/20240613"},
		{"attempt-stalled", ref + "#3", 8, "batch dwd_order/20240613"},
		{"outputs-unknown", ref + "#3", 8, "batch dwd_order/20240613"},
		{"outputs-unknown", "w1", 0, "event outputs-unknown:w1"},
		{"hdfs-hung", ref + "#3", 7, "batch renamed/20240613"},
		{"hdfs-hung", "w1", 0, "event hdfs-hung:w1"},
		{"long-run", ref, 7, "event long-run:" + ref},
		{"big-task", "dwd_order", 0, "event big-task:dwd_order"},
		{"batch-failed", "no batch", 9, "event batch-failed:no batch"},
		{"batch-missing", "dwd_order/20240613", 0, "absent dwd_order/20240613"},
		{"batch-missing", "platform", 0, "event batch-missing:platform"},
		{"generate-failed", "dwd_order/20240613", 0, "absent dwd_order/20240613"},
		{"generate-mass-failure", "platform", 0, "event generate-mass-failure:platform"},
		{"worker-lost", "w1", 0, "worker w1"},
		{"worker-back", "w1", 0, "worker w1"},
		{"hdfs-not-answering", "nn1:8020", 0, "watch hdfs-not-answering:nn1:8020"},
		{"masters-low", "platform", 0, "watch masters-low:platform"},
		{"send-failed", "sms", 0, "channel sms"},
		{"depend-check-failed", "hdfs://a/b", 0, "path hdfs://a/b"},
		{"download-hung", "hdfs://a/jar", 0, "path hdfs://a/jar"},
		{"external.disk", "nas:1", 0, "event external.disk:nas:1"},
		{"job-refused", "row 3", 0, "event job-refused:row 3"},
		{"nobody-knows", "", 0, "event nobody-knows:"},
	} {
		a := store.UndealtAlert{ID: 1, Kind: c.kind, Object: c.object, WorkID: c.work, Text: "it is so"}
		got := own(&a, nodes)
		if got.Kind+" "+got.Root != c.want || got.Cause != "it is so" {
			t.Errorf("%s of %s: got %s %s because %s, want %s", c.kind, c.object, got.Kind, got.Root, got.Cause, c.want)
		}
	}
}

// TestCutObjectsAreWholeInTheText: an alert's object is cut at 200 bytes, the
// path in the row that waits is not.
func TestCutObjectsAreWholeInTheText(t *testing.T) {
	t.Parallel()
	path := "hdfs://nn1/" + strings.Repeat("a", 250)
	a := store.UndealtAlert{Kind: kindCheckFailed, Object: path[:200], Text: path + " could not be looked at in 4 tries: away"}
	if got := own(&a, nil); got.Root != path {
		t.Errorf("got %s, want the whole path", got.Root)
	}
	a.Text = "something else could not be looked at"
	if got := own(&a, nil); got.Root != path[:200] {
		t.Errorf("got %s, want the object", got.Root)
	}
}

func TestWhichAlertsTellOfAnEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, level string
		want        bool
	}{
		{"worker-back", "notice", true},
		{"worker-lost", "notice", false},
		{"pass-old", "notice", true},
		{"pass-old", "critical", false},
		{"duty-gap", "notice", false},
		{"external.disk", "notice", false},
		{"nobody-knows", "notice", false},
	} {
		if got := Ended(&store.UndealtAlert{Kind: c.kind, Level: c.level}); got != c.want {
			t.Errorf("%s %s: got %v, want %v", c.kind, c.level, got, c.want)
		}
	}
}

func TestLongRootsStayApart(t *testing.T) {
	t.Parallel()
	for _, filler := range []string{"a", "目录", "\xff"} {
		one, two := "hdfs://"+strings.Repeat(filler, 400)+"/1", "hdfs://"+strings.Repeat(filler, 400)+"/2"
		first, second := fit(one), fit(two)
		if first == second || len(first) > rootLimit || !utf8.ValidString(first) || fit(one) != first {
			t.Errorf("got %s and %s, want two of at most %d bytes", first, second, rootLimit)
		}
	}
	for _, path := range []string{"hdfs://short", "hdfs://" + strings.Repeat("a", 400), "hdfs://" + strings.Repeat("目录", 90), "hdfs://" + strings.Repeat("a", rootLimit-7), "hdfs://…#7fff"} {
		if got := hashOf(fit(path)); got != store.PathHash(path) {
			t.Errorf("%s: got hash %x, want that of the path, %x", path, got, store.PathHash(path))
		}
	}
}

// TestWhichEndIsTheRoot is the order of ends: kind, then since when, then name.
func TestWhichEndIsTheRoot(t *testing.T) {
	t.Parallel()
	node := &store.Node{State: batch.Done, Finish: batch.Failed, Attempt: 2, Host: "w1"}
	failed := end{of: 1, rank: rankFailed, since: 90, kind: store.RootBatch, root: "up/1", node: node}
	absent := end{of: 1, rank: rankAbsent, since: 80, kind: store.RootAbsent, root: "gone/1"}
	path := end{of: 1, rank: rankPath, since: 70, kind: store.RootPath, root: "/in"}
	third := end{of: 1, rank: rankThird, since: 60, kind: store.RootThird, root: "pay/1"}
	late := end{of: 1, rank: rankLate, since: 50, kind: store.RootBatch, root: "slow/1", node: &store.Node{State: batch.Running, Host: "w2"}}
	older, other := path, path
	older.since, older.root = 69, "/z"
	other.root = "/a"
	for _, c := range []struct {
		ends  []end
		want  string
		cause string
	}{
		{[]end{late, third, path, absent, failed}, "up/1", "up/1 failed in attempt 2 on w1"},
		{[]end{late, third, path, absent}, "gone/1", "gone/1 was never made"},
		{[]end{late, third, path}, "/in", "/in is not there"},
		{[]end{late, third}, "pay/1", "pay/1 has not been announced"},
		{[]end{late}, "slow/1", "slow/1 is running on w2"},
		{[]end{path, older}, "/z", "/z is not there"},
		{[]end{path, other}, "/a", "/a is not there"},
	} {
		got := flood(c.ends, nil)[1]
		if got.Root != c.want || got.Cause != c.cause {
			t.Errorf("got %+v, want %s because %s", got, c.want, c.cause)
		}
	}
}

// TestRootsGoUpToAllReaders: through diamonds and circles, and no further than
// where there is a better one.
func TestRootsGoUpToAllReaders(t *testing.T) {
	t.Parallel()
	readers := map[int64][]int64{1: {2, 3}, 2: {4}, 3: {4}, 4: {1, 5}, 6: {5}}
	ends := []end{
		{of: 6, rank: rankPath, since: 5, kind: store.RootPath, root: "/early"},
		{of: 1, rank: rankPath, since: 9, kind: store.RootPath, root: "/late"},
	}
	got := flood(ends, readers)
	for id, want := range map[int64]string{1: "/late", 2: "/late", 3: "/late", 4: "/late", 5: "/early", 6: "/early"} {
		if got[id].Root != want {
			t.Errorf("batch %d: got %s, want %s", id, got[id].Root, want)
		}
	}
	if len(got) != 6 {
		t.Errorf("got %d roots, want those of six batches", len(got))
	}
}

func TestCausesOfBatches(t *testing.T) {
	t.Parallel()
	for want, n := range map[string]store.Node{
		"a/1 failed":                            {State: batch.Done, Finish: batch.Failed},
		"a/1 is lost in attempt 1 on w1":        {State: batch.Done, Finish: batch.Lost, Attempt: 1, Host: "w1"},
		"a/1 was killed":                        {State: batch.Done, Finish: batch.Killed},
		"a/1 was skipped":                       {State: batch.Done, Finish: batch.Skipped},
		"a/1 was given to w1 and has not begun": {State: batch.Assigned, Host: "w1"},
		"a/1 waits for its turn":                {State: batch.Waiting},
		"a/1 was ended as output-timeout":       {State: batch.Done, Finish: batch.OutputTimeout},
	} {
		e := end{kind: store.RootBatch, root: "a/1", node: &n}
		if got := e.asRoot().Cause; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	long := end{kind: store.RootPath, root: strings.Repeat("目录/", 500)}
	if got := long.asRoot(); len(got.Cause) > causeLimit || !strings.HasSuffix(got.Cause, " is not there") {
		t.Errorf("got %d bytes, want at most %d", len(got.Cause), causeLimit)
	}
}
