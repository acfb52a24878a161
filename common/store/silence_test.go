package store

import "testing"

func TestSilencesCoverWhatTheyName(t *testing.T) {
	alert := UndealtAlert{Kind: "batch-failed", Object: "dwd_a/20260101.0", TaskID: 7, ProjectID: 3}
	for name, c := range map[string]struct {
		silence Silence
		want    bool
	}{
		"NothingIsNamed":        {Silence{}, false},
		"TheKind":               {Silence{Kind: "batch-failed"}, true},
		"AnotherKind":           {Silence{Kind: "batch"}, false},
		"TheObject":             {Silence{Object: "dwd_a/20260101.0"}, true},
		"PartOfTheObject":       {Silence{Object: "dwd_a/20260101"}, false},
		"WhatTheObjectBegins":   {Silence{Object: "dwd_a/*"}, true},
		"AnotherBeginning":      {Silence{Object: "dwd_b/*"}, false},
		"AStarWithin":           {Silence{Object: "dwd*/20260101.0"}, false},
		"TheTask":               {Silence{TaskID: 7}, true},
		"AnotherTask":           {Silence{TaskID: 8}, false},
		"TheProject":            {Silence{ProjectID: 3}, true},
		"AnotherProject":        {Silence{ProjectID: 4}, false},
		"AllOfThem":             {Silence{Kind: "batch-failed", Object: "dwd*", TaskID: 7, ProjectID: 3}, true},
		"OneOfThemIsAnother":    {Silence{Kind: "batch-failed", Object: "dwd*", TaskID: 7, ProjectID: 4}, false},
		"AKindOfNoTask":         {Silence{Kind: "worker-lost", TaskID: 7}, false},
		"WhatBeginsWithNothing": {Silence{Object: "*"}, true},
	} {
		if got := c.silence.Covers(&alert); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
