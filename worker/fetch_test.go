package worker

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"capricornus/common/datapath"
	"capricornus/common/wire"
	"capricornus/worker/workdir"
)

// packageOf is a tar.gz with bin/hello.sh, a link to it, and a file of data.
func packageOf(t *testing.T, says string) []byte {
	t.Helper()
	var out bytes.Buffer
	packed := gzip.NewWriter(&out)
	archive := tar.NewWriter(packed)
	script := "#!/bin/sh\necho " + says + " \"$@\"; cat data/rows\n"
	for _, e := range []struct {
		tar.Header
		content string
	}{
		{tar.Header{Typeflag: tar.TypeReg, Name: "bin/hello.sh", Mode: 0o755, Size: int64(len(script))}, script},
		{tar.Header{Typeflag: tar.TypeSymlink, Name: "hello", Linkname: "bin/hello.sh"}, ""},
		{tar.Header{Typeflag: tar.TypeReg, Name: "data/rows", Mode: 0o640, Size: 4}, "1,2\n"},
	} {
		if err := archive.WriteHeader(&e.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(archive, e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// zeroes is a tar.gz with a file that is longer than itself.
func zeroes(t *testing.T, size int64) []byte {
	t.Helper()
	var out bytes.Buffer
	packed := gzip.NewWriter(&out)
	archive := tar.NewWriter(packed)
	if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "zeroes", Mode: 0o644, Size: size}); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Write(make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// withProgram is a shell attempt with a package.
func withProgram(workID int64, program, script string) wire.Assignment {
	a := shell(workID, script)
	a.Program = program
	return a
}

func TestProgramPackagesRun(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	w, _ := startWorker(t, cfg)
	dir := t.TempDir()
	write(t, dir+"/etl.tar.gz", string(packageOf(t, "first")))
	write(t, dir+"/clean.sh", "#!/bin/sh\necho cleaned; exit 4\n")
	command := wire.Assignment{
		WorkID: 3, Attempt: 1, Task: "etl", WorkNo: "1", Type: "exec", Command: []string{"./hello", "a b"}, Success: "exit-code",
		Program: "file://" + dir + "/etl.tar.gz",
	}
	tests := map[string]struct {
		assignment wire.Assignment
		code       int
		tail       string
	}{
		"Archive": {withProgram(1, "file://"+dir+"/etl.tar.gz", "./bin/hello.sh x; rm bin/hello.sh"), 0, "first x\n1,2\n"},
		"Again":   {withProgram(2, "file://"+dir+"/etl.tar.gz", "./hello"), 0, "first\n1,2\n"},
		"Exec":    {command, 0, "first a b\n1,2\n"},
		"Script":  {withProgram(4, "file://"+dir+"/clean.sh", "./clean.sh"), 4, "cleaned\n"},
	}
	for _, test := range tests {
		m.assign(test.assignment)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			fact := m.fact(t, wire.FactFinished, keyOf(test.assignment))
			if fact.Infra || fact.ResultCode != test.code || fact.Tail != test.tail {
				t.Errorf("got result %d, output %q, reason %q, want %d and %q", fact.ResultCode, fact.Tail, fact.Reason, test.code, test.tail)
			}
		})
	}
	if kept := packagesIn(t, cfg); kept != 2 {
		t.Errorf("got %d packages kept, want each once", kept)
	}
	write(t, dir+"/etl.tar.gz", string(packageOf(t, "second")))
	next := withProgram(5, "file://"+dir+"/etl.tar.gz", "./hello")
	m.assign(next)
	if fact := m.fact(t, wire.FactFinished, keyOf(next)); fact.Tail != "second\n1,2\n" {
		t.Errorf("got %q, %q, want the new version", fact.Tail, fact.Reason)
	}
	if kept := packagesIn(t, cfg); kept != 2 {
		t.Errorf("got %d packages kept, want the new version in place of the old one", kept)
	}
	if w.Clean(time.Now().Add(cfg.KeepAttempts - time.Hour)); packagesIn(t, cfg) != 2 {
		t.Errorf("got %d packages kept, want those that were asked for lately", packagesIn(t, cfg))
	}
	if w.Clean(time.Now().Add(cfg.KeepAttempts + time.Hour)); packagesIn(t, cfg) != 0 {
		t.Errorf("got %d packages kept, want them deleted when nobody asks for them", packagesIn(t, cfg))
	}
}

// write replaces a file whole, as whoever ships a package should.
func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name+".new", []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
}

func packagesIn(t *testing.T, cfg Config) int {
	t.Helper()
	kept, err := os.ReadDir(cfg.Root + "/packages")
	if err != nil {
		t.Fatal(err)
	}
	return len(kept)
}

func TestProgramBelongsToTheAccount(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Log("only root can change users: TestAttemptRunsAsItsAccount holds what happens otherwise")
		return
	}
	m, nobody := withNobody(t)
	dir := t.TempDir()
	write(t, dir+"/etl.tgz", string(packageOf(t, "hello")))
	a := withProgram(1, "file://"+dir+"/etl.tgz", `stat -c "%u %g %a %n" bin data hello bin/hello.sh data/rows; echo more >>data/rows; ls ../../../packages 2>/dev/null || echo hidden; ./hello`)
	a.Account = "nobody"
	m.assign(a)
	fact := m.fact(t, wire.FactFinished, keyOf(a))
	owner := nobody.Uid + " " + nobody.Gid + " "
	want := owner + "755 bin\n" + owner + "755 data\n" + owner + "777 hello\n" + owner + "755 bin/hello.sh\n" + owner + "640 data/rows\nhidden\nhello\n1,2\nmore\n"
	if fact.Tail != want {
		t.Errorf("got %q, %q, want %q", fact.Tail, fact.Reason, want)
	}
}

func TestABadPackageIsAnInfrastructureFailure(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	cfg.Limits.Program, cfg.Limits.Unpacked = 1000, 2000
	startWorker(t, cfg)
	dir := t.TempDir()
	good := string(packageOf(t, "hello"))
	write(t, dir+"/cut.tgz", good[:len(good)-20])
	write(t, dir+"/large.sh", strings.Repeat("x", 1001))
	write(t, dir+"/bomb.tgz", string(zeroes(t, 3000)))
	tests := map[string]struct{ program, says string }{
		"NotThere":    {"file://" + dir + "/none.tgz", "none.tgz does not exist"},
		"Directory":   {"file://" + dir, "not a regular file"},
		"NoHDFS":      {"hdfs://nn/etl.tgz", "hdfs is not configured"},
		"Damaged":     {"file://" + dir + "/cut.tgz", "damaged"},
		"TooLarge":    {"file://" + dir + "/large.sh", "more than the limit"},
		"TooLargeAll": {"file://" + dir + "/bomb.tgz", "unpacked it has more than the limit"},
	}
	workID := int64(0)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			workID++
			a := withProgram(workID, test.program, "touch "+dir+"/ran")
			m.assign(a)
			fact := m.fact(t, wire.FactFinished, keyOf(a))
			if !fact.Infra || fact.ExitCode != nil || !strings.Contains(fact.Reason, test.says) {
				t.Errorf("got %+v, want an infrastructure failure: %s", fact, test.says)
			}
			left, err := os.ReadDir(cfg.Root + "/attempts/" + workdir.Name(keyOf(a)) + "/work")
			if err != nil || len(left) != 0 {
				t.Errorf("got %v, %v in the working directory, want nothing", left, err)
			}
		})
	}
	if _, err := os.Stat(dir + "/ran"); err == nil {
		t.Error("got a script run without its package")
	}
	if n := m.count(wire.FactStarted); n != len(tests) {
		t.Errorf("got %d starts, want one for each", n)
	}
	if told := m.told(); len(told) != 0 {
		t.Errorf("got %+v told, want nothing", told)
	}
}

// library is a remote file system with one package, which reads as a test wants.
type library struct {
	*remote
	content []byte
	read    func(p []byte) (int, error) // when the content is over; nil: its end
}

// Open implements datapath.Source.
func (l library) Open(_ context.Context, at *url.URL) (*datapath.File, error) {
	rest := bytes.NewReader(l.content)
	body := readFunc(func(p []byte) (int, error) {
		if n, err := rest.Read(p); err == nil || l.read == nil {
			return n, err
		}
		return l.read(p)
	})
	size := int64(len(l.content))
	if l.read != nil {
		size += 1 << 20
	}
	return &datapath.File{ReadCloser: io.NopCloser(body), Name: "etl", Size: size, Identity: l.there[at.Path]}, nil
}

type readFunc func(p []byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

func TestAPackageThatHangsUsesUpNothing(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	cfg.FetchHung = 100 * time.Millisecond
	hang := make(chan struct{})
	defer close(hang)
	from := library{remote: newRemote("/apps/etl"), content: []byte("abc"), read: func([]byte) (int, error) { <-hang; return 0, io.EOF }}
	stop := remoteWorker(t, cfg, Deps{Paths: datapath.New(datapath.Options{HDFS: from})})
	defer stop()
	a := withProgram(7, "hdfs://nn/apps/etl", "true")
	m.assign(a)
	fact := m.fact(t, wire.FactUnready, keyOf(a))
	if !fact.Unknown || len(fact.Unmet) != 0 || !strings.Contains(fact.Reason, "hdfs://nn/apps/etl") || !strings.Contains(fact.Reason, "no byte came for 100ms") {
		t.Errorf("got %+v, want it given back as unknown", fact)
	}
	awaitThat(t, "the notice", func() bool { return len(m.told()) > 0 })
	got := m.told()[0]
	if got.Kind != noticeDownload || got.Object != "hdfs://nn/apps/etl" || got.Level != "important" || got.Host != "w1" || got.WorkID != 0 {
		t.Errorf("got %+v, want a notice about the path", got)
	}
	if _, err := time.Parse("2006-01-02T15", got.Occurrence); err != nil {
		t.Errorf("got the occurrence %q, want the hour", got.Occurrence)
	}
	for _, part := range []string{"hdfs://nn/apps/etl", "w1", "got no further", "3 bytes of 1 MiB", "given back: etl/20261120.0#1"} {
		if !strings.Contains(got.Text, part) {
			t.Errorf("got %q, want %q in it", got.Text, part)
		}
	}
	if n := m.count(wire.FactStarted) + m.count(wire.FactFinished); n != 0 {
		t.Errorf("got %d starts and ends, want none", n)
	}
}

func TestWhereAPackageCannotComeFromOrGoTo(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	cfg.Limits.MinFreeDisk = 10 << 30
	from := library{remote: newRemote("/apps/etl"), content: make([]byte, 3<<20)}
	stop := remoteWorker(t, cfg, Deps{
		Paths: datapath.New(datapath.Options{HDFS: from}),
		Vitals: func() (wire.Vitals, error) {
			return wire.Vitals{FreeMemory: 1 << 40, FreeDisk: 10<<30 + 2<<20}, nil
		},
	})
	defer stop()
	a := withProgram(1, "hdfs://nn/apps/etl", "true")
	m.assign(a)
	fact := m.fact(t, wire.FactRefused, keyOf(a))
	if want := "free disk 10242 MiB less 3 MiB for hdfs://nn/apps/etl is less than the limit 10240 MiB"; !strings.Contains(fact.Reason, want) {
		t.Errorf("got %+v, want it refused: %s", fact, want)
	}
	from.set(func() { from.away = true })
	a.WorkID = 2
	m.assign(a)
	if fact := m.fact(t, wire.FactUnready, keyOf(a)); !fact.Unknown || !strings.Contains(fact.Reason, "hdfs://nn") {
		t.Errorf("got %+v, want it given back as unknown", fact)
	}
	if told := m.told(); len(told) != 0 {
		t.Errorf("got %+v told, want nothing: file systems have an alert of their own", told)
	}
}

// What is unpacked counts against the free disk, too.
func TestUnpackingLeavesRoomOnTheDisk(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	cfg.Limits.MinFreeDisk = 10 << 30
	stop := remoteWorker(t, cfg, Deps{Vitals: func() (wire.Vitals, error) {
		return wire.Vitals{FreeMemory: 1 << 40, FreeDisk: 10<<30 + 1<<20}, nil
	}})
	defer stop()
	dir := t.TempDir()
	write(t, dir+"/fits.tgz", string(zeroes(t, 1<<20)))
	write(t, dir+"/more.tgz", string(zeroes(t, 1<<20+1)))
	fits, more := withProgram(1, "file://"+dir+"/fits.tgz", "true"), withProgram(2, "file://"+dir+"/more.tgz", "true")
	m.assign(fits, more)
	if fact := m.fact(t, wire.FactFinished, keyOf(fits)); fact.Infra || fact.ResultCode != 0 {
		t.Errorf("got %+v, want what fits to run", fact)
	}
	want := "it would leave less of the free disk of 10241 MiB than the limit 10240 MiB"
	if fact := m.fact(t, wire.FactFinished, keyOf(more)); !fact.Infra || !strings.Contains(fact.Reason, want) {
		t.Errorf("got %+v, want it not to run: %s", fact, want)
	}
}
