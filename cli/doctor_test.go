package cli

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"capricornus/common/config"
	"capricornus/common/datapath"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// inspected is a database with nothing wrong.
func inspected() store.Inspection {
	return store.Inspection{
		Engine: "mysql", Version: "10.11.14-MariaDB", DefaultEngine: "InnoDB", Durable: true, MaxConnections: 500, PoolSize: 48,
		Writer: store.SessionState{Isolation: "READ-COMMITTED"}, Reader: store.SessionState{Isolation: "REPEATABLE-READ"},
		RoundTrip: time.Millisecond, Schema: store.SchemaStatus{Current: 9, Target: 9}, NextID: 1 << 20,
		Fence: &store.Fence{ClusterID: "C", Epoch: 7, Holder: "m1"},
	}
}

// judged is a finding in short, such as "warn grants".
func judged(f finding) string { return string(f.Verdict) + " " + f.Check }

func TestADatabaseIsJudged(t *testing.T) {
	cases := map[string]struct {
		change func(*store.Inspection)
		want   string // the one finding that is not ok; empty: none
		text   string
	}{
		"Health":            {func(*store.Inspection) {}, "", ""},
		"SQLite":            {func(in *store.Inspection) { in.Engine, in.CanMigrate, in.MaxConnections = "sqlite", true, 0 }, "", ""},
		"ARefusedServer":    {func(in *store.Inspection) { in.Refusal = "it is too old" }, "warn server", "too old"},
		"AReplica":          {func(in *store.Inspection) { in.ReadOnly = true }, "fail server", "takes no writes"},
		"AnotherEngine":     {func(in *store.Inspection) { in.DefaultEngine = "MyISAM" }, "warn server", "MyISAM"},
		"Empty":             {func(in *store.Inspection) { in.Schema.Current = 0 }, "fail schema", "empty"},
		"Older":             {func(in *store.Inspection) { in.Schema.Current = 8 }, "fail schema", "version 8, and this program needs 9"},
		"Newer":             {func(in *store.Inspection) { in.Schema.Current = 10 }, "fail schema", "newer"},
		"ABrokenFence":      {func(in *store.Inspection) { in.FenceError = errors.New("two rows") }, "fail term", "two rows"},
		"NoFence":           {func(in *store.Inspection) { in.Fence = nil }, "warn term", "no schema"},
		"WriterIsolation":   {func(in *store.Inspection) { in.Writer.Isolation = "SERIALIZABLE" }, "fail isolation", "SERIALIZABLE where changes"},
		"ReaderIsolation":   {func(in *store.Inspection) { in.Reader.Isolation = "READ-COMMITTED" }, "fail isolation", "READ-COMMITTED where is read"},
		"Denied":            {func(in *store.Inspection) { in.Denied = []string{"UPDATE", "DELETE"} }, "fail grants", "UPDATE, DELETE"},
		"TooManyGrants":     {func(in *store.Inspection) { in.CanMigrate = true }, "warn grants", "may change the schema"},
		"NotDurable":        {func(in *store.Inspection) { in.Durable, in.Weak = false, []string{"sync_binlog=0"} }, "warn durability", "sync_binlog=0"},
		"FewConnections":    {func(in *store.Inspection) { in.MaxConnections = 143 }, "warn connections", "143, and 3 masters may open 144"},
		"EnoughConnections": {func(in *store.Inspection) { in.MaxConnections = 144 }, "", ""},
		"ASlowAnswer":       {func(in *store.Inspection) { in.RoundTrip = 101 * time.Millisecond }, "warn round trip", "101ms"},
		"AClockBehind":      {func(in *store.Inspection) { in.ClockOffset = 2 * time.Second }, "warn clock", "2.0s behind"},
		"AClockAhead":       {func(in *store.Inspection) { in.ClockOffset = -2 * time.Second }, "warn clock", "2.0s ahead"},
		"IdsNearTheEnd":     {func(in *store.Inspection) { in.NextID = 1 << 52 }, "warn ids", "4503599627370496"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			in := inspected()
			c.change(&in)
			wantOne(t, judgeDatabase(in, 3), c.want, c.text)
		})
	}
}

// wantOne wants one finding that is not ok, or none.
func wantOne(t *testing.T, found []finding, want, text string) {
	t.Helper()
	var bad []finding
	for _, f := range found {
		if f.Verdict != verdictOK {
			bad = append(bad, f)
		}
	}
	switch {
	case want == "" && len(bad) == 0:
	case len(bad) == 1 && judged(bad[0]) == want && strings.Contains(bad[0].Text, text):
	default:
		t.Errorf("got %+v, want %q, %q and nothing else", bad, want, text)
	}
}

func TestADirectoryIsJudged(t *testing.T) {
	good := directory{path: "/r", isDir: true, mode: 0o700, ownerOnly: true, free: 10 << 30, sync: time.Millisecond}
	cases := map[string]struct {
		change     func(*directory)
		want, text string
	}{
		"Health":        {func(*directory) {}, "", ""},
		"NotThereYet":   {func(d *directory) { d.missing = true }, "warn directory", "does not exist yet"},
		"NowhereToBe":   {func(d *directory) { d.missing, d.parent = true, os.ErrNotExist }, "fail directory", "nor does the directory above"},
		"Unreadable":    {func(d *directory) { d.err = os.ErrPermission }, "fail directory", "permission denied"},
		"AFile":         {func(d *directory) { d.isDir = false }, "fail directory", "is no directory"},
		"NotWritable":   {func(d *directory) { d.writeErr = os.ErrPermission }, "fail directory", "cannot be written"},
		"OthersWrite":   {func(d *directory) { d.mode = 0o777 }, "warn directory", "mode 777"},
		"LittleRoom":    {func(d *directory) { d.free = freeWarn - 1 }, "warn space", "are free"},
		"NoRoom":        {func(d *directory) { d.free = freeFail - 1 }, "fail space", "are free"},
		"UnknownRoom":   {func(d *directory) { d.freeErr = syscall.ENOSYS }, "warn space", "does not tell"},
		"JustFast":      {func(d *directory) { d.sync = syncWarn - 1 }, "", ""},
		"ASlowDisk":     {func(d *directory) { d.sync = syncWarn }, "warn fsync", "50ms"},
		"AVerySlowDisk": {func(d *directory) { d.sync = syncFail }, "fail fsync", "200ms"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d := good
			c.change(&d)
			wantOne(t, judgeDirectory(d), c.want, c.text)
		})
	}
}

func TestADirectoryIsLookedAt(t *testing.T) {
	dir := t.TempDir()
	if d := lookAt(dir); d.missing || !d.isDir || d.writeErr != nil || d.free == 0 || d.sync <= 0 {
		t.Errorf("got %+v, want a directory that takes writes", d)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("got %v, %v, want nothing left in it", left, err)
	}
	if d := lookAt(filepath.Join(dir, "a")); !d.missing || d.parent != nil {
		t.Errorf("got %+v, want it missing in a directory", d)
	}
	if d := lookAt(filepath.Join(dir, "a", "b")); !d.missing || d.parent == nil {
		t.Errorf("got %+v, want it missing with what is above", d)
	}
	file := write(t, "file", "x")
	if d := lookAt(file); d.missing || d.isDir {
		t.Errorf("got %+v, want a file", d)
	}
}

func TestTheKindOfAConfigurationShowsInItsKeys(t *testing.T) {
	for text, want := range map[string]string{
		"node: m1\ndatabase: {driver: mysql}": kindMaster,
		"host: w1\nmasters: [http://m1:8080]": kindWorker,
		"hdfs: {}\ntls: {}":                   "",
		"host: w1\nslots: 4\nnode: w1":        kindWorker,
		"":                                    "",
		"[1, 2":                               "",
	} {
		if got := configKind([]byte(text)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	for file, want := range map[string]string{"../conf/master.yaml": kindMaster, "../conf/worker.yaml": kindWorker} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := configKind(text); got != want {
			t.Errorf("%s: got %q, want %q", file, got, want)
		}
	}
}

func TestPortsAndPeersAreJudged(t *testing.T) {
	now := noon()
	for name, c := range map[string]struct {
		got  finding
		want string
		text string
	}{
		"Free":            {judgePort("listen", port{address: ":1"}), "ok listen", "is free"},
		"Ours":            {judgePort("listen", port{address: ":1", err: syscall.EADDRINUSE, answer: "this master runs"}), "ok listen", "this master runs"},
		"Theirs":          {judgePort("listen", port{address: ":1", err: syscall.EADDRINUSE}), "fail listen", "another program"},
		"Forbidden":       {judgePort("listen", port{address: ":1", err: syscall.EACCES}), "fail listen", "permission denied"},
		"APeer":           {judgePeer(peer{node: "m2", address: "m2:1"}, now), "ok raft m2", "not encrypted"},
		"ASilentPeer":     {judgePeer(peer{node: "m2", address: "m2:1", err: syscall.ECONNREFUSED}, now), "fail raft m2", "connection refused"},
		"ASecuredPeer":    {judgePeer(peer{node: "m2", secured: true, expires: now.Add(15 * 24 * time.Hour)}, now), "ok raft m2", "2015-06-04"},
		"ASoonUnsecured":  {judgePeer(peer{node: "m2", secured: true, expires: now.Add(13 * 24 * time.Hour)}, now), "warn raft m2", "expires in 13d00h"},
		"AnUnsecuredPeer": {judgePeer(peer{node: "m2", secured: true, expires: now.Add(-time.Hour)}, now), "fail raft m2", "expired on 2015-05-20"},
		"HDFS":            {judgeHDFS(datapath.Health{Name: "hdfs://a", Known: true}), "ok hdfs://a", "answers"},
		"HDFSAway":        {judgeHDFS(datapath.Health{Name: "hdfs://a", Known: true, Down: true, Err: "refused"}), "fail hdfs://a", "refused"},
		"HDFSSilent":      {judgeHDFS(datapath.Health{Name: "hdfs://a"}), "fail hdfs://a", "in time"},
	} {
		if judged(c.got) != c.want || !strings.Contains(c.got.Text, c.text) {
			t.Errorf("%s: got %+v, want %s, %q", name, c.got, c.want, c.text)
		}
	}
}

func TestAWorkersMachineIsJudged(t *testing.T) {
	limits := config.DefaultWorker().Limits
	have := wire.Vitals{Memory: 8 << 30, FreeMemory: 4 << 30, FreeDisk: 100 << 30, Load: 0.5}
	cases := map[string]struct {
		change     func(*config.Limits, *wire.Vitals)
		want, text string
	}{
		"Health":          {func(*config.Limits, *wire.Vitals) {}, "", ""},
		"NoLimits":        {func(l *config.Limits, v *wire.Vitals) { l.Load, l.FreeMemory, l.FreeDisk, v.Load = 0, 0, 0, 99 }, "", ""},
		"LittleMemory":    {func(_ *config.Limits, v *wire.Vitals) { v.FreeMemory = 100 << 20 }, "warn limits.free_memory", "nothing starts now"},
		"ImpossibleLimit": {func(l *config.Limits, _ *wire.Vitals) { l.FreeMemory = 8 << 30 }, "fail limits.free_memory", "nothing would ever start"},
		"LittleDisk":      {func(_ *config.Limits, v *wire.Vitals) { v.FreeDisk = 1 << 20 }, "warn limits.free_disk", "nothing starts now"},
		"Busy":            {func(_ *config.Limits, v *wire.Vitals) { v.Load = 9 }, "warn limits.load", "9.00 per core"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l, v := limits, have
			c.change(&l, &v)
			wantOne(t, judgeLimits(l, v), c.want, c.text)
		})
	}
}

func TestAccountsNamesAndCgroupsAreJudged(t *testing.T) {
	with := func(accounts []string, standard string) config.Worker {
		return config.Worker{Accounts: accounts, Account: standard}
	}
	hosts := []wire.Host{{Host: "w1", Alive: true, Incarnation: "a", Address: "http://x:1"}, {Host: "w2"}}
	on, off, silent := wire.Host{Alive: true}, wire.Host{Alive: true, Stopped: true}, wire.Host{}
	for name, c := range map[string]struct {
		got        finding
		want, text string
	}{
		"RootWithoutAccounts": {judgeUser("root", true, with(nil, "")), "fail user", "no script could start"},
		"RootWithoutOne":      {judgeUser("root", true, with([]string{"etl"}, "")), "warn user", "tasks that name no account"},
		"Root":                {judgeUser("root", true, with([]string{"etl"}, "etl")), "ok user", "as etl without one"},
		"AnOrdinaryUser":      {judgeUser("capri", false, with(nil, "")), "ok user", "every script runs as it"},
		"AnAccount":           {judgeAccount(accountFound{name: "etl", uid: 1000}, "root", true), "ok account etl", "1000"},
		"ASystemAccount":      {judgeAccount(accountFound{name: "etl", uid: 999}, "root", true), "fail account etl", "999"},
		"NoSuchAccount":       {judgeAccount(accountFound{name: "etl", err: os.ErrNotExist}, "root", true), "fail account etl", "does not exist"},
		"NotItsOwn":           {judgeAccount(accountFound{name: "etl", uid: 1000}, "capri", false), "fail account etl", "only root"},
		"ItsOwn":              {judgeAccount(accountFound{name: "capri", uid: 990}, "capri", false), "ok account capri", "the worker itself"},
		"ItsName":             {judgeName("w1", "a", hosts), "ok name", "runs, with this root"},
		"ATwin":               {judgeName("w1", "b", hosts), "fail name", "another worker, at http://x:1"},
		"ATwinOfANewRoot":     {judgeName("w1", "", hosts), "fail name", "another worker"},
		"ASilentOne":          {judgeName("w2", "b", hosts), "ok name", "silent"},
		"ANewName":            {judgeName("w3", "", hosts), "ok name", "nobody else"},
		"Cgroups":             {judgeCgroups(true, true, "cpu memory pids\n"), "ok cgroups", "with memory and pids"},
		"CgroupsOff":          {judgeCgroups(false, true, ""), "ok cgroups", "switched off"},
		"NoCgroups":           {judgeCgroups(true, true, ""), "warn cgroups", "no control groups"},
		"FewControllers":      {judgeCgroups(true, true, "cpu pids"), "warn cgroups", "only: cpu pids"},
		"NoWorkers":           {judgeWorkers(nil), "warn workers", "nothing runs"},
		"AllOff":              {judgeWorkers([]wire.Host{off, silent}), "fail workers", "0 on, 1 off, 1 silent: nothing starts"},
		"OneSilent":           {judgeWorkers([]wire.Host{on, silent}), "warn workers", "1 on, 0 off, 1 silent"},
		"Workers":             {judgeWorkers([]wire.Host{on, off}), "ok workers", "1 on, 1 off, 0 silent"},
		"NoLeader":            {judgeLeader(wire.Status{}), "warn leader", "nobody leads"},
		"ReadySlowly":         {judgeMasterPage("ready", page{url: "u", status: http.StatusServiceUnavailable})[0], "warn ready", "503"},
		"NotReady":            {judgeMasterPage("ready", page{url: "u", err: syscall.ECONNREFUSED})[0], "fail ready", "connection refused"},
		"AnotherClock":        {judgeMasterPage("ready", page{url: "u", status: 200, date: noon(), ahead: -4 * time.Second})[1], "warn clock", "4.0s"},
	} {
		if judged(c.got) != c.want || !strings.Contains(c.got.Text, c.text) {
			t.Errorf("%s: got %+v, want %s, %q", name, c.got, c.want, c.text)
		}
	}
}
