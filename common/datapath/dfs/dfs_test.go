package dfs_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"go.uber.org/goleak"

	"capricornus/common/datapath/dfs"
	"capricornus/common/datapath/hdfstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// result is what a command said and how it ended.
type result struct {
	code     int
	out, err string
}

func run(t *testing.T, cfg dfs.Config, in io.Reader, args ...string) result {
	t.Helper()
	if cfg.User == "" {
		me, err := user.Current()
		if err != nil {
			t.Fatal(err)
		}
		cfg.User = me.Username
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 30 * time.Second
	}
	var out, said bytes.Buffer
	shell := dfs.New(cfg, dfs.Streams{In: in, Out: &out, Err: &said})
	defer shell.Close()
	code := shell.Run(t.Context(), args)
	return result{code, out.String(), said.String()}
}

// The words are those of Hadoop 3.4, which was asked the same.
func TestCommands(t *testing.T) {
	t.Parallel()
	address := hdfstest.Shared(t)
	local := t.TempDir()
	for _, name := range []string{"/new", "/new2"} {
		if err := os.WriteFile(local+name, []byte("new\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cases := map[string]struct {
		args string // D is the test's directory on HDFS, L one on this machine
		code int
		out  string
		err  string
		then map[string]string // what is there afterwards; "-" is nothing, "/" a directory
	}{
		"CatInOrder":             {"-cat D/h/10/part D/h/09/part", 0, "ten\nnine\n", "", nil},
		"CatWithWildcards":       {"-cat D/h/[0-9][0-9]/p?rt", 0, "nine\nten\n", "", nil},
		"CatWithNegatedSet":      {"-cat D/h/[!1]*/part", 0, "nine\n", "", nil},
		"CatGoesOnAfterAnError":  {"-cat D/none D/h/09/part", 1, "nine\n", "cat: `D/none': No such file or directory\n", nil},
		"CatOfADirectory":        {"-cat D/h", 1, "", "cat: `D/h': Is a directory\n", nil},
		"CatOfNoMatch":           {"-cat D/h/*/none", 1, "", "cat: `D/h/*/none': No such file or directory\n", nil},
		"CatBelowAFile":          {"-cat D/h/09/part/x", 1, "", "cat: `D/h/09/part/x': No such file or directory\n", nil},
		"PutAFile":               {"-put L/new D/put", 0, "", "", map[string]string{"put": "new\n", "put._COPYING_": "-"}},
		"PutIntoADirectory":      {"-put L/new D/h/09", 0, "", "", map[string]string{"h/09/new": "new\n"}},
		"PutOverNothing":         {"-put L/new D/h/09/part", 1, "", "put: `D/h/09/part': File exists\n", map[string]string{"h/09/part": "nine\n"}},
		"PutOverAFile":           {"-put -f L/new D/h/09/part", 0, "", "", map[string]string{"h/09/part": "new\n", "h/09/part._COPYING_": "-"}},
		"PutStandardInput":       {"-put - D/in", 0, "", "", map[string]string{"in": "from stdin\n"}},
		"PutWithoutItsDirectory": {"-put L/new D/none/x", 1, "", "put: `D/none/x': No such file or directory\n", map[string]string{"none": "-"}},
		"PutOfNothing":           {"-put L/none D/x", 1, "", "put: `L/none': No such file or directory\n", map[string]string{"x": "-"}},
		"PutSeveralWantsADirectory": {
			"-put L/new L/new2 D/none", 1, "", "put: `D/none': No such file or directory\n", map[string]string{"none": "-"},
		},
		"PutSeveralIntoAFile":   {"-put L/new L/new2 D/h/09/part", 1, "", "put: `D/h/09/part': Is not a directory\n", nil},
		"PutAfterOneWasKilled":  {"-put L/new D/cut", 0, "", "", map[string]string{"cut": "new\n", "cut._COPYING_": "-"}},
		"PutADirectory":         {"-put L D/all", 0, "", "", map[string]string{"all/new": "new\n"}},
		"Mkdir":                 {"-mkdir D/m", 0, "", "", map[string]string{"m": "/"}},
		"MkdirOfOneThatIs":      {"-mkdir D/h", 1, "", "mkdir: `D/h': File exists\n", nil},
		"MkdirWithParents":      {"-mkdir -p D/m/n/o D/h", 0, "", "", map[string]string{"m/n/o": "/"}},
		"MkdirWithout":          {"-mkdir D/m/n", 1, "", "mkdir: `D/m': No such file or directory\n", map[string]string{"m": "-"}},
		"MoveAFile":             {"-mv D/h/09/part D/moved", 0, "", "", map[string]string{"moved": "nine\n", "h/09/part": "-"}},
		"MoveADirectory":        {"-mv D/h/09 D/day", 0, "", "", map[string]string{"day/part": "nine\n", "h/09": "-"}},
		"MoveIntoADirectory":    {"-mv D/h/09/part D/h/10/part D/empty", 1, "", "mv: `D/empty/part': File exists\n", map[string]string{"empty/part": "nine\n", "h/10/part": "ten\n"}},
		"MoveReplacesNothing":   {"-mv D/h/09/part D/h/10/part", 1, "", "mv: `D/h/10/part': File exists\n", map[string]string{"h/10/part": "ten\n"}},
		"MoveSeveralByWildcard": {"-mv D/h/*/part D/x", 1, "", "mv: `D/x': No such file or directory\n", map[string]string{"x": "-", "h/10/part": "ten\n"}},
		"GetSeveralByWildcard":  {"-get -f D/h/*/part L/got", 1, "", "get: `L/got': Is not a directory\n", nil},
		"MoveOfNothing":         {"-mv D/none D/x", 1, "", "mv: `D/none': No such file or directory\n", nil},
		"MoveToNowhere":         {"-mv D/h/09 D/none/x", 1, "", "mv: `D/none/x': No such file or directory\n", map[string]string{"h/09/part": "nine\n"}},
		"RemoveAFile":           {"-rm D/h/09/part", 0, "Deleted D/h/09/part\n", "", map[string]string{"h/09/part": "-", "h/09": "/"}},
		"RemoveADirectory":      {"-rm D/h", 1, "", "rm: `D/h': Is a directory\n", map[string]string{"h/09/part": "nine\n"}},
		"RemoveATree":           {"-rm -r -skipTrash D/h", 0, "Deleted D/h\n", "", map[string]string{"h": "-"}},
		"RemoveNothing":         {"-rm D/none", 1, "", "rm: `D/none': No such file or directory\n", nil},
		"RemoveNothingIsFine":   {"-rm -r -f D/none D/none*", 0, "", "", nil},
		"RemoveByWildcard":      {"-rm -r -f D/h/0*", 0, "Deleted D/h/09\n", "", map[string]string{"h/09": "-", "h/10/part": "ten\n"}},
		"TouchANewFile":         {"-touchz D/_SUCCESS", 0, "", "", map[string]string{"_SUCCESS": ""}},
		"TouchAnOldFile":        {"-touchz D/zero", 0, "", "", map[string]string{"zero": ""}},
		"TouchAFullFile":        {"-touchz D/h/09/part", 1, "", "touchz: `D/h/09/part': Not a zero-length file\n", map[string]string{"h/09/part": "nine\n"}},
		"TouchADirectory":       {"-touchz D/h", 1, "", "touchz: `D/h': Is a directory\n", nil},
		"ExistsYes":             {"-test -e D/h", 0, "", "", nil},
		"ExistsNo":              {"-test -e D/none", 1, "", "", nil},
		"DirectoryYes":          {"-test -d D/h", 0, "", "", nil},
		"DirectoryNo":           {"-test -d D/zero", 1, "", "", nil},
		"FileYes":               {"-test -f D/zero", 0, "", "", nil},
		"FileNo":                {"-test -f D/h", 1, "", "", nil},
		"EmptyYes":              {"-test -z D/zero", 0, "", "", nil},
		"EmptyNo":               {"-test -z D/h/09/part", 1, "", "", nil},
		"FullYes":               {"-test -s D/h/09/part", 0, "", "", nil},
		"FullNo":                {"-test -s D/zero", 1, "", "", nil},
		"NoPathIsNoUsage":       {"-cat", 255, "", "-cat: 0 arguments are not what it wants; usage: -cat PATH…\n", nil},
		"AnOptionOfNone":        {"-rm -x D/h", 255, "", "-rm: Illegal option -x; usage: -rm [-r] [-f] [-skipTrash] PATH…\n", map[string]string{"h": "/"}},
		"AnotherScheme":         {"-cat s3://b/x", 1, "", "cat: s3://b/x: only hdfs:// is known here\n", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files, dir := hdfstest.At(address), hdfstest.Dir(t, address)
			for name, text := range map[string]string{"h/09/part": "nine\n", "h/10/part": "ten\n", "zero": "", "cut._COPYING_": "half"} {
				files.Put(t, dir+"/"+name, []byte(text))
			}
			files.Mkdir(t, dir+"/empty")
			full := strings.NewReplacer("D/", "hdfs://"+address+dir+"/", "L/", local+"/", "L ", local+" ")
			got := run(t, dfs.Config{}, strings.NewReader("from stdin\n"), strings.Fields(full.Replace(c.args))...)
			if want := (result{c.code, full.Replace(c.out), full.Replace(c.err)}); got != want {
				t.Errorf("%s: got %+v, want %+v", c.args, got, want)
			}
			for name, want := range c.then {
				sees(t, files, dir+"/"+name, want)
			}
		})
	}
}

// sees looks at a path with another client.
func sees(t *testing.T, files *hdfstest.Files, name, want string) {
	t.Helper()
	there := files.Exists(t, name)
	switch want {
	case "-", "/":
		if there != (want == "/") {
			t.Errorf("%s: got it there: %v, want %v", name, there, want == "/")
		}
	default:
		if !there {
			t.Errorf("%s: got nothing, want %q", name, want)
		} else if got := string(files.Get(t, name)); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestListReadsAsHadoops(t *testing.T) {
	t.Parallel()
	address := hdfstest.Shared(t)
	files, dir := hdfstest.At(address), hdfstest.Dir(t, address)
	files.Put(t, dir+"/part", []byte("12345"))
	files.Mkdir(t, dir+"/sub")
	files.Chmod(t, dir+"/sub", 0o750)
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	got := run(t, dfs.Config{Namenodes: []string{address}}, nil, "-ls", dir)
	lines := strings.Split(got.out, "\n")
	if got.code != 0 || len(lines) != 4 || lines[0] != "Found 2 items" {
		t.Fatalf("got %+v, want two items", got)
	}
	for i, want := range []string{"-rw-r--r--   1 " + me.Username + " supergroup          5 20", "drwxr-x---   - " + me.Username + " supergroup          0 20"} {
		if !strings.HasPrefix(lines[i+1], want) || !strings.HasSuffix(lines[i+1], " "+dir+"/"+[]string{"part", "sub"}[i]) {
			t.Errorf("got %q, want %q…", lines[i+1], want)
		}
	}
	if got := run(t, dfs.Config{}, nil, "-ls", "-d", "hdfs://"+address+dir); strings.Count(got.out, "\n") != 1 || !strings.HasSuffix(got.out, " hdfs://"+address+dir+"\n") {
		t.Errorf("got %+v, want the directory itself", got)
	}
}

func TestPathsWithoutANamenode(t *testing.T) {
	t.Parallel()
	address := hdfstest.Shared(t)
	dir := hdfstest.Dir(t, address)
	known := dfs.Config{Namenodes: []string{address}, Nameservice: "prod"}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	for path, cfg := range map[string]dfs.Config{dir: known, "hdfs://" + host + dir: known, "hdfs://" + dir: known, "hdfs://prod" + dir: known, "hdfs://" + address + dir: {}} {
		if got := run(t, cfg, nil, "-test", "-d", path); got != (result{}) {
			t.Errorf("%s: got %+v, want it found", path, got)
		}
	}
	want := "CAPRI_HDFS_NAMENODES"
	if got := run(t, dfs.Config{}, nil, "-test", "-d", dir); got.code != 255 || !strings.Contains(got.err, want) {
		t.Errorf("got %+v, want 255 and %q", got, want)
	}
}

func TestLargeFilesGoThereAndBack(t *testing.T) {
	t.Parallel()
	address := hdfstest.Shared(t)
	files, dir := hdfstest.At(address), hdfstest.Dir(t, address)
	content := bytes.Repeat([]byte("0123456789abcde\n"), 5<<16) // 5 MiB
	local := filepath.Join(t.TempDir(), "copy")
	to := "hdfs://" + address + dir + "/part"
	if got := run(t, dfs.Config{}, bytes.NewReader(content), "-put", "-", to); got != (result{}) {
		t.Fatalf("got %+v, want it put", got)
	}
	if got := files.Get(t, dir+"/part"); sha256.Sum256(got) != sha256.Sum256(content) {
		t.Errorf("got %d other bytes on HDFS, want the %d that were put", len(got), len(content))
	}
	if got := run(t, dfs.Config{}, nil, "-get", to, local); got != (result{}) {
		t.Fatalf("got %+v, want it got", got)
	}
	if got, err := os.ReadFile(local); err != nil || sha256.Sum256(got) != sha256.Sum256(content) {
		t.Errorf("got %d other bytes (%v), want the %d that were put", len(got), err, len(content))
	}
	if got := run(t, dfs.Config{}, nil, "-get", to, local); got != (result{1, "", "get: `" + local + "': File exists\n"}) {
		t.Errorf("got %+v, want the file left alone", got)
	}
}

func TestGetOfADirectory(t *testing.T) {
	t.Parallel()
	address := hdfstest.Shared(t)
	files, dir := hdfstest.At(address), hdfstest.Dir(t, address)
	files.Put(t, dir+"/day/09/part", []byte("nine"))
	files.Put(t, dir+"/day/10/part", []byte("ten"))
	local := t.TempDir()
	if got := run(t, dfs.Config{}, nil, "-get", "hdfs://"+address+dir+"/day", local+"/copy"); got != (result{}) {
		t.Fatalf("got %+v, want it got", got)
	}
	if got := run(t, dfs.Config{}, nil, "-get", "hdfs://"+address+dir+"/day", local); got != (result{}) {
		t.Fatalf("got %+v, want it got into the directory", got)
	}
	for name, want := range map[string]string{"copy/09/part": "nine", "copy/10/part": "ten", "day/10/part": "ten"} {
		if got, err := os.ReadFile(filepath.Join(local, name)); err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
		}
	}
}

// A put that does not come to its end leaves what was there before.
func TestAFailedPutLeavesNoHalfFile(t *testing.T) {
	t.Parallel()
	address := hdfstest.Shared(t)
	files, dir := hdfstest.At(address), hdfstest.Dir(t, address)
	files.Put(t, dir+"/part", []byte("before"))
	broken := io.MultiReader(strings.NewReader(strings.Repeat("half", 1<<16)), iotest.ErrReader(errors.New("the pipe broke")))
	got := run(t, dfs.Config{}, broken, "-put", "-f", "-", "hdfs://"+address+dir+"/part")
	if got.code != 1 || !strings.Contains(got.err, "the pipe broke") {
		t.Errorf("got %+v, want 1 and the reason", got)
	}
	sees(t, files, dir+"/part", "before")
	sees(t, files, dir+"/part._COPYING_", "-")
}

func TestOthersFilesAreRefused(t *testing.T) {
	t.Parallel()
	address := hdfstest.Shared(t)
	files, dir := hdfstest.At(address), hdfstest.Dir(t, address)
	files.Mkdir(t, dir+"/mine")
	want := result{1, "", "put: `hdfs://" + address + dir + "/mine/x': Permission denied\n"}
	if got := run(t, dfs.Config{User: "somebody"}, strings.NewReader("x"), "-put", "-", "hdfs://"+address+dir+"/mine/x"); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// hanging is a namenode that takes connections and says nothing.
func hanging(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().String()
}

func TestANamenodeThatHangsCostsItsDeadline(t *testing.T) {
	t.Parallel()
	hung := hanging(t)
	began := time.Now()
	got := run(t, dfs.Config{Timeout: 300 * time.Millisecond}, nil, "-test", "-e", "hdfs://"+hung+"/x")
	if want := (result{255, "", "test: namenode " + hung + ": no answer within 300ms: i/o timeout\n"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("got an answer after %s, want one deadline", took)
	}
}

func TestTheNamenodeThatServesIsFound(t *testing.T) {
	t.Parallel()
	address := hdfstest.Shared(t)
	dir := hdfstest.Dir(t, address)
	cfg := dfs.Config{Namenodes: []string{hanging(t), address}, Timeout: 2 * time.Second}
	if got := run(t, cfg, nil, "-test", "-d", "hdfs://"+dir); got != (result{}) {
		t.Errorf("got %+v, want the second namenode's answer", got)
	}
}

func TestAStoppedCommandEnds(t *testing.T) {
	t.Parallel()
	address := hdfstest.Shared(t)
	files, dir := hdfstest.At(address), hdfstest.Dir(t, address)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var said bytes.Buffer
	shell := dfs.New(dfs.Config{User: "x", Timeout: time.Minute}, dfs.Streams{In: strings.NewReader("x"), Out: io.Discard, Err: &said})
	defer shell.Close()
	if code := shell.Run(ctx, []string{"-put", "-", "hdfs://" + address + dir + "/x"}); code != 1 {
		t.Errorf("got %d, %s, want 1", code, said.String())
	}
	sees(t, files, dir+"/x", "-")
	sees(t, files, dir+"/x._COPYING_", "-")
}

func TestKerberosIsNotKnownHere(t *testing.T) {
	t.Parallel()
	secure := hdfstest.StartKerberos(t)
	got := run(t, dfs.Config{}, nil, "-ls", "hdfs://"+secure.Address()+"/")
	if got.code != 1 || !strings.Contains(got.err, "refuses a client without Kerberos, which capri dfs does not know: use hdfs dfs") {
		t.Errorf("got %+v, want 1 and what to use", got)
	}
}
