package cli

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"capricornus/common/config"
	"capricornus/common/datapath/hdfs"
	"capricornus/worker"
	"capricornus/worker/workdir"
)

func TestAWorkerIsToldEverythingThatIsConfigured(t *testing.T) {
	cfg := config.Worker{
		Host: "w1", Masters: []string{"http://m1:8080"}, TokenFile: "/t", Root: "/r", Group: "g",
		Labels: map[string]string{"disk": "ssd"}, Slots: 3, Accounts: []string{"etl"},
		Listen: "0.0.0.0:7410", Advertise: "http://w1:7410",
		Limits: config.Limits{
			Load: 2, FreeMemory: 5, FreeDisk: 7,
			AttemptMemory: 11, MemoryTimes: 3, Processes: 13, File: 17, Log: 19, LogKeep: 23, Program: 29, Unpacked: 31,
		},
		Times: config.Times{
			Heartbeat: time.Second, CheckInterval: 2 * time.Second, Lease: 3 * time.Second,
			Grace: 4 * time.Second, Keep: 5 * time.Second, HDFSHung: 6 * time.Second,
			Fetch: 7 * time.Second, FetchHung: 8 * time.Second,
		},
		Account: "etl", HTTPHosts: []string{"a.example"}, HDFSPorts: []string{"8020"}, Cgroups: true,
		HDFS: config.HDFS{
			Namenodes: []string{"nn1:8020", "nn2:8020"}, Nameservice: "dw", Others: map[string]string{"old": "nn3:8020 nn4:8020"},
			User: "capri", Timeout: 9 * time.Second, Clients: 10, Protection: "privacy", Hostnames: true,
			Kerberos: config.Kerberos{Principal: "capri@X", Keytab: "/k", Config: "/c", Service: "hdfs/_HOST"},
		},
	}
	want := worker.Default()
	want.Host, want.Masters, want.Token, want.Root, want.Group = "w1", []string{"http://m1:8080"}, "sesame", "/r", "g"
	want.Labels, want.Slots, want.Accounts = map[string]string{"disk": "ssd"}, 3, []string{"etl"}
	want.ListenLogs, want.Advertise = "0.0.0.0:7410", "http://w1:7410"
	want.Limits = worker.Limits{
		MinFreeMemory: 5, MaxLoadPerCore: 2, MinFreeDisk: 7,
		AttemptMemory: 11, MemoryTimes: 3, Processes: 13, File: 17, Log: 19, LogKeep: 23, Program: 29, Unpacked: 31,
	}
	want.Heartbeat, want.CheckInterval, want.Lease = time.Second, 2*time.Second, 3*time.Second
	want.Grace, want.KeepAttempts, want.HDFSHung = 4*time.Second, 5*time.Second, 6*time.Second
	want.Account, want.HTTPHosts, want.HDFSPorts = "etl", []string{"a.example"}, []int{8020}
	want.Fetch, want.FetchHung = 7*time.Second, 8*time.Second
	want.HDFS = hdfs.Config{
		Namenodes: []string{"nn1:8020", "nn2:8020"}, Nameservice: "dw", Others: map[string][]string{"old": {"nn3:8020", "nn4:8020"}},
		User: "capri", Timeout: 9 * time.Second, Clients: 10, Protection: "privacy", Hostnames: true,
		Kerberos: hdfs.Kerberos{Principal: "capri@X", Keytab: "/k", Config: "/c", Service: "hdfs/_HOST"},
	}
	want.Version = ownVersion().Version
	if got := workerConfig(cfg, "sesame"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAWorkerWantsItsToken(t *testing.T) {
	args := []string{"worker", "--host", "w1", "--root", t.TempDir(), "--token-file"}
	if got := nowhere(t).run(t, append(args, filepath.Join(t.TempDir(), "none"))...); got.code != exitNotFound {
		t.Errorf("got %+v, want %d", got, exitNotFound)
	}
}

// TestAKeeperWithNothingToKeepEnds runs a real one on the root of a worker that
// is gone.
func TestAKeeperWithNothingToKeepEnds(t *testing.T) {
	root, err := workdir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if _, err := root.Identity("w1", time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := root.WriteAccess(workdir.Access{Masters: []string{"http://127.0.0.1:1"}, Token: "sesame"}); err != nil {
		t.Fatal(err)
	}
	got := nowhere(t).run(t, "keeper", "--root", root.Path())
	if got.code != exitDone || strings.Contains(got.err, "sesame") {
		t.Errorf("got %+v, want %d", got, exitDone)
	}
	if got := nowhere(t).run(t, "keeper", "--root", t.TempDir()); got.code != exitFailed {
		t.Errorf("got %+v, want %d for a directory that is no worker's root", got, exitFailed)
	}
}
