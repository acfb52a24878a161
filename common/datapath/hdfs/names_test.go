package hdfs

import (
	"net/url"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	f := newFiles(&access{Config: Config{
		Namenodes: []string{"nn1:8020", "nn2:8020"}, Nameservice: "main",
		Others: map[string][]string{"same": {"nn2:8020", "nn1:8020"}, "lake": {"lake:9000"}, "two": {"host:8020"}, "three": {"host:8021"}, "host2": {"x:1"}, "far": {"host2:2"}},
	}})
	tests := map[string]struct{ host, want, wantErr string }{
		"NoName":                 {"", "hdfs://main", ""},
		"Nameservice":            {"main", "hdfs://main", ""},
		"InAnyCase":              {"MAIN", "hdfs://main", ""},
		"NamenodeWithPort":       {"nn2:8020", "hdfs://main", ""},
		"NamenodeWithoutPort":    {"nn1", "hdfs://main", ""},
		"AnotherNameOfIt":        {"same", "hdfs://main", ""},
		"AnotherFileSystem":      {"lake", "hdfs://lake", ""},
		"ItsNamenode":            {"lake:9000", "hdfs://lake", ""},
		"OneOfTwoOnAHost":        {"host:8021", "hdfs://three", ""},
		"TwoOnAHost":             {"host", "", "several file systems have a namenode on host: write its port"},
		"NameThatIsAHostAsWell":  {"host2", "hdfs://host2", ""},
		"PortThatNobodyHas":      {"nn1:9000", "", "hdfs://nn1:9000 is not configured"},
		"UnknownNameTellsKnown":  {"other", "", "configured are hdfs:///…, hdfs://far/…, hdfs://host2/…"},
		"UnknownNameIsNoDefault": {"namenode:8020", "", "not configured"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := f.names.find(&url.URL{Host: test.host, Path: "/p"})
			if test.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), test.wantErr) {
					t.Fatalf("got %v, want %q", err, test.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if c.name != test.want {
				t.Errorf("got %s, want %s", c.name, test.want)
			}
		})
	}
	if len(f.clusters) != 6 {
		t.Errorf("got %d file systems, want those with equal namenodes to be one, 6", len(f.clusters))
	}
}
