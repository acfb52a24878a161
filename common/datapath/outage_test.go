package datapath_test

import (
	"errors"
	"fmt"
	"testing"

	"capricornus/common/datapath"
)

func TestOutageIn(t *testing.T) {
	t.Parallel()
	outage := &datapath.Outage{Name: "hdfs://c", Cause: "connection refused"}
	for text, want := range map[string]string{
		outage.Error(): "hdfs://c",
		fmt.Sprintf("look at hdfs://c/in: %v", outage): "hdfs://c",
		"permission denied":                            "",
		"":                                             "",
	} {
		if got, is := datapath.OutageIn(text); got != want || is != (want != "") {
			t.Errorf("got %q, %v in %q, want %q", got, is, text, want)
		}
	}
	if !datapath.Unavailable(outage) || !errors.Is(outage, datapath.ErrUnavailable) {
		t.Errorf("got %v not unavailable, want every outage to be", outage)
	}
}
