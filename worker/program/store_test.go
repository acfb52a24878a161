package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/datapath"
)

const apps = "hdfs:///apps/etl.sh"

// remote is where packages come from in these tests: one file, which a test
// changes, and which reads as the test wants.
type remote struct {
	mu      sync.Mutex
	content string
	version datapath.Identity
	opens   int
	fails   error // of Stat
	refuses error // of Open
	reader  func(ctx context.Context, content string) io.ReadCloser
	looked  func() // before each look
}

func (r *remote) set(version, content string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.version, r.content = datapath.Identity(version), content
}

func (r *remote) Stat(context.Context, string, string) (datapath.Identity, error) {
	if r.looked != nil {
		r.looked()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.version, r.fails
}

func (r *remote) Open(ctx context.Context, _ string) (*datapath.File, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.opens++
	if r.refuses != nil {
		return nil, r.refuses
	}
	body := io.NopCloser(strings.NewReader(r.content))
	if r.reader != nil {
		body = r.reader(ctx, r.content)
	}
	return &datapath.File{ReadCloser: body, Name: "etl.sh", Size: int64(len(r.content)), Identity: r.version}, nil
}

// part is a reader that gives its text and then does as it is told.
type part struct {
	io.Reader
	then func() (int, error)
}

func (p part) Read(buffer []byte) (int, error) {
	if n, err := p.Reader.Read(buffer); err == nil {
		return n, nil
	}
	return p.then()
}

func (part) Close() error { return nil }

// shelf is a store of a test and what it told.
type shelf struct {
	*Store
	dir string

	mu    sync.Mutex
	ended []EndedFetch
}

func newShelf(t *testing.T, from Paths, change ...func(*Options)) *shelf {
	t.Helper()
	s := &shelf{dir: t.TempDir()}
	o := Options{
		Paths: from, Within: 4 * time.Minute, Hung: time.Minute,
		Free: func() (int64, error) { return 1 << 40, nil },
		Ended: func(e EndedFetch) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.ended = append(s.ended, e)
		},
	}
	for _, to := range change {
		to(&o)
	}
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	if s.Store, err = Open(root, "packages", o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// names are the files in the store.
func (s *shelf) names(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(s.dir + "/packages")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// read fetches a package and returns its content.
func (s *shelf) content(t *testing.T, from string) string {
	t.Helper()
	p, err := s.Fetch(t.Context(), from, "etl/1.0#1")
	if err != nil {
		t.Error(err)
		return ""
	}
	defer p.Close()
	text, err := io.ReadAll(p.file)
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

func TestFetchOnceForManyAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		goOn := make(chan struct{})
		from := &remote{reader: func(_ context.Context, content string) io.ReadCloser {
			return part{strings.NewReader(content), func() (int, error) { <-goOn; return 0, io.EOF }}
		}}
		from.set("1", "first")
		s := newShelf(t, from)
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if got := s.content(t, apps); got != "first" {
					t.Errorf("got %q, want the package", got)
				}
			})
		}
		synctest.Wait()
		if got := s.names(t); len(got) != 1 || !strings.HasSuffix(got[0], partial) {
			t.Errorf("got %q while it is fetched, want one that is not whole", got)
		}
		close(goOn)
		all.Wait()
		if from.opens != 1 {
			t.Errorf("got %d fetches, want one for all", from.opens)
		}
		if s.content(t, apps); from.opens != 1 {
			t.Errorf("got %d fetches, want the kept one used", from.opens)
		}
	})
}

func TestFetchANewVersion(t *testing.T) {
	from := &remote{}
	s := newShelf(t, from)
	from.set("1", "first")
	old, err := s.Fetch(t.Context(), apps, "etl/1.0#1")
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	from.set("2", "second")
	if got := s.content(t, apps); got != "second" {
		t.Errorf("got %q, want the new version", got)
	}
	if got := s.names(t); !slices.Equal(got, []string{nameOf(apps, "2")}) {
		t.Errorf("got %q, want the new version alone", got)
	}
	if text, err := io.ReadAll(old.file); err != nil || string(text) != "first" {
		t.Errorf("got %q, %v, want who uses the old one left in peace", text, err)
	}
	if got := s.content(t, apps+".other"); got != "second" || len(s.names(t)) != 2 {
		t.Errorf("got %q and %q, want another path beside it", got, s.names(t))
	}
}

func TestOpenRemovesWhatACrashLeft(t *testing.T) {
	from := &remote{}
	from.set("1", "first")
	s := newShelf(t, from)
	s.content(t, apps)
	if err := os.WriteFile(s.dir+"/packages/"+digest(apps)+partial, []byte("fir"), 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	again, err := Open(root, "packages", s.Options)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got := s.names(t); !slices.Equal(got, []string{nameOf(apps, "1")}) {
		t.Errorf("got %q, want what is whole, alone", got)
	}
	s.Store = again
	if s.content(t, apps); from.opens != 1 {
		t.Errorf("got %d fetches, want what an earlier worker fetched used", from.opens)
	}
}

func TestFetchFails(t *testing.T) {
	away := fmt.Errorf("hdfs://nn: %w", datapath.ErrUnavailable)
	refused := errors.New("permission denied")
	reading := func(err error) func(context.Context, string) io.ReadCloser {
		return func(_ context.Context, content string) io.ReadCloser {
			return part{strings.NewReader(content[:2]), func() (int, error) { return 0, err }}
		}
	}
	tests := map[string]struct {
		change func(*remote, *Options)
		is     error // nil: it is about the package
		says   string
	}{
		"NotThere":          {func(r *remote, _ *Options) { r.version = "" }, nil, "does not exist"},
		"NotAllowed":        {func(r *remote, _ *Options) { r.fails = refused }, nil, "permission denied"},
		"NotOpened":         {func(r *remote, _ *Options) { r.refuses = refused }, nil, "permission denied"},
		"NotRead":           {func(r *remote, _ *Options) { r.reader = reading(refused) }, nil, "permission denied"},
		"Away":              {func(r *remote, _ *Options) { r.fails = away }, ErrLater, "hdfs://nn"},
		"AwayWhenOpened":    {func(r *remote, _ *Options) { r.refuses = away }, ErrLater, "hdfs://nn"},
		"LookHangs":         {func(r *remote, _ *Options) { r.fails = datapath.ErrTimeout }, ErrLater, "no answer"},
		"TooLarge":          {func(_ *remote, o *Options) { o.Limit = 4 }, nil, "more than the limit"},
		"Shorter":           {func(r *remote, _ *Options) { r.reader = reading(io.EOF) }, ErrLater, "changed while it was fetched"},
		"Longer":            {func(r *remote, _ *Options) { r.reader = longer }, ErrLater, "grew while it was fetched"},
		"NoRoom":            {func(_ *remote, o *Options) { o.MinFree, o.Free = 100, disk(104) }, ErrNoRoom, "is less than the limit"},
		"ChangedInBetween":  {func(r *remote, _ *Options) { r.looked = r.rename() }, ErrLater, "changed while it was fetched"},
		"DiskNotMeasurable": {func(_ *remote, o *Options) { o.Free = func() (int64, error) { return 0, refused } }, nil, ""},
		"NoLimit":           {func(_ *remote, o *Options) { o.MinFree, o.Free = 100, disk(105) }, nil, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			from := &remote{}
			from.set("1", "first")
			s := newShelf(t, from, func(o *Options) { test.change(from, o) })
			p, err := s.Fetch(t.Context(), apps, "etl/1.0#1")
			if test.says == "" {
				if err != nil {
					t.Fatalf("got %v, want it fetched", err)
				}
				p.Close()
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("got %v, want an error with %q", err, test.says)
			}
			for _, kind := range []error{ErrLater, ErrNoRoom} {
				if errors.Is(err, kind) != errors.Is(kind, test.is) {
					t.Errorf("got %v, want it to be %v", err, test.is)
				}
			}
			if left := s.names(t); len(left) != 0 {
				t.Errorf("got %q left, want nothing", left)
			}
			if len(s.ended) != 0 {
				t.Errorf("got %+v told, want nothing: it did not hang", s.ended)
			}
		})
	}
}

func longer(_ context.Context, content string) io.ReadCloser {
	return io.NopCloser(strings.NewReader(content + content))
}

func disk(free int64) func() (int64, error) { return func() (int64, error) { return free, nil } }

// rename makes each look see another version.
func (r *remote) rename() func() {
	n := 0
	return func() {
		n++
		r.mu.Lock()
		defer r.mu.Unlock()
		r.version = datapath.Identity(fmt.Sprint("version ", n))
	}
}

func TestCleanDeletesWhatNobodyAsksFor(t *testing.T) {
	from := &remote{}
	from.set("1", "first")
	s := newShelf(t, from)
	s.content(t, "hdfs:///old")
	s.content(t, apps)
	long := time.Now().Add(-8 * 24 * time.Hour)
	for _, path := range []string{"hdfs:///old", apps} {
		if err := os.Chtimes(filepath.Join(s.dir, "packages", nameOf(path, "1")), long, long); err != nil {
			t.Fatal(err)
		}
	}
	s.content(t, apps) // asked for again
	if err := s.Clean(time.Now().Add(-7 * 24 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := s.names(t); !slices.Equal(got, []string{nameOf(apps, "1")}) {
		t.Errorf("got %q, want the one that is asked for", got)
	}
}

func TestOldPackagesMakeRoom(t *testing.T) {
	from := &remote{}
	from.set("1", strings.Repeat("x", 100))
	free := int64(1000)
	s := newShelf(t, from, func(o *Options) {
		o.MinFree, o.Free = 700, func() (int64, error) { return free, nil }
	})
	for i, path := range []string{"hdfs:///a", "hdfs:///b", "hdfs:///c"} {
		s.content(t, path)
		at := time.Now().Add(time.Duration(i-10) * time.Minute)
		if err := os.Chtimes(filepath.Join(s.dir, "packages", nameOf(path, "1")), at, at); err != nil {
			t.Fatal(err)
		}
	}
	free = 690 // 110 bytes are lacking for one more
	s.content(t, "hdfs:///d")
	want := []string{nameOf("hdfs:///c", "1"), nameOf("hdfs:///d", "1")}
	slices.Sort(want)
	if got := s.names(t); !slices.Equal(got, want) {
		t.Errorf("got %q, want those that were asked for last, %q", got, want)
	}
	free = 500
	if _, err := s.Fetch(t.Context(), "hdfs:///e", "etl/1.0#1"); !errors.Is(err, ErrNoRoom) {
		t.Errorf("got %v, want no room", err)
	}
	if got := s.names(t); !slices.Equal(got, want) {
		t.Errorf("got %q, want nothing deleted that does not help", got)
	}
}

func TestStoreCannotBeWritten(t *testing.T) {
	from := &remote{}
	from.set("1", "first")
	s := newShelf(t, from)
	// A directory is in the place of the file, which stops root as well.
	if err := os.MkdirAll(filepath.Join(s.dir, "packages", digest(apps)+partial, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Fetch(t.Context(), apps, "etl/1.0#1"); !errors.Is(err, ErrNoRoom) || !errors.Is(err, fs.ErrExist) && !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("got %v, want the host to be what is wrong", err)
	}
}
