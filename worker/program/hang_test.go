package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/datapath"
)

func TestFetchEndsWhatHangs(t *testing.T) {
	hang := make(chan struct{})
	forever := func() (int, error) { <-hang; return 0, io.EOF }
	drop := func() (int, error) { <-time.After(50 * time.Second); return 0, nil }
	obeys := func(ctx context.Context) func() (int, error) {
		return func() (int, error) { <-ctx.Done(); return 0, ctx.Err() }
	}
	tests := map[string]struct {
		reader func(ctx context.Context, content string) io.ReadCloser
		opener func()
		want   EndedFetch
		says   string
		sticks bool
	}{
		"NoByteComes": {
			reader: func(_ context.Context, content string) io.ReadCloser {
				return part{strings.NewReader(content[:3]), forever}
			},
			want: EndedFetch{Got: 3, Size: 5, Took: time.Minute, Idle: time.Minute, Hung: true},
			says: "no byte came for 1m0s", sticks: true,
		},
		"EmptyReads": {
			reader: func(_ context.Context, content string) io.ReadCloser {
				return part{strings.NewReader(content[:3]), drop}
			},
			want: EndedFetch{Got: 3, Size: 5, Took: time.Minute, Idle: time.Minute, Hung: true},
			says: "no byte came for 1m0s", sticks: true,
		},
		"NotOpened": {
			opener: func() { <-hang },
			want:   EndedFetch{Took: time.Minute, Idle: time.Minute, Hung: true},
			says:   "was not opened within 1m0s", sticks: true,
		},
		"TooSlow": {
			reader: func(_ context.Context, content string) io.ReadCloser {
				return &slow{rest: content, each: 50 * time.Second}
			},
			want: EndedFetch{Got: 4, Size: 5, Took: 4 * time.Minute, Idle: 40 * time.Second},
			says: "took more than 4m0s", sticks: true,
		},
		"ReadEndsWithItsContext": {
			reader: func(ctx context.Context, content string) io.ReadCloser {
				return part{strings.NewReader(content[:3]), obeys(ctx)}
			},
			want: EndedFetch{Got: 3, Size: 5, Took: time.Minute, Idle: time.Minute, Hung: true},
			says: "no byte came for 1m0s",
		},
		"ServersGoAway": {
			reader: func(_ context.Context, content string) io.ReadCloser {
				return part{strings.NewReader(content[:3]), func() (int, error) {
					<-time.After(10 * time.Second)
					return 0, fmt.Errorf("datanode: %w", datapath.ErrUnavailable)
				}}
			},
			want: EndedFetch{Got: 3, Size: 5, Took: 10 * time.Second, Idle: 10 * time.Second, Hung: true},
			says: "got no further and was ended: datanode",
		},
		"FileSystemSaysSo": {
			reader: func(_ context.Context, content string) io.ReadCloser {
				return part{strings.NewReader(content[:3]), func() (int, error) {
					<-time.After(20 * time.Second)
					return 0, fmt.Errorf("datanode: %w", datapath.ErrTimeout)
				}}
			},
			want: EndedFetch{Got: 3, Size: 5, Took: 20 * time.Second, Idle: 20 * time.Second, Hung: true},
			says: "datanode",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hang = make(chan struct{})
				from := &remote{reader: test.reader}
				from.set("1", "first")
				s := newShelf(t, opening{from, test.opener})
				var all sync.WaitGroup
				for _, attempt := range []string{"a/1.0#1", "b/1.0#1"} {
					all.Go(func() {
						_, err := s.Fetch(t.Context(), apps, attempt)
						if !errors.Is(err, ErrLater) || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), apps) {
							t.Errorf("got %v, want it ended: %s", err, test.says)
						}
					})
					synctest.Wait()
				}
				all.Wait()
				test.want.Path, test.want.Waiting = apps, []string{"a/1.0#1", "b/1.0#1"}
				if len(s.ended) != 1 || fmt.Sprint(s.ended[0]) != fmt.Sprint(test.want) {
					t.Errorf("got %+v told, want %+v", s.ended, test.want)
				}
				if test.sticks {
					began := time.Now()
					_, err := s.Fetch(t.Context(), apps, "c/1.0#1")
					if !errors.Is(err, ErrLater) || !strings.Contains(err.Error(), "still hangs") || time.Since(began) > 0 {
						t.Errorf("got %v after %s, want it refused at once while the read hangs", err, time.Since(began))
					}
				}
				if left := s.names(t); len(left) != 0 {
					t.Errorf("got %q left, want nothing", left)
				}
				close(hang)
				<-time.After(time.Minute) // of virtual time, for the slow ones
				synctest.Wait()
				from.reader = nil
				s.Paths = from
				if got := s.content(t, apps); got != "first" {
					t.Errorf("got %q, want it fetched once it answers", got)
				}
			})
		})
	}
}

// opening makes what opens hang.
type opening struct {
	*remote
	hang func()
}

func (o opening) Open(ctx context.Context, path string) (*datapath.File, error) {
	if o.hang != nil {
		o.hang()
	}
	return o.remote.Open(ctx, path)
}

// slow gives a byte at a time.
type slow struct {
	rest string
	each time.Duration
}

func (s *slow) Read(buffer []byte) (int, error) {
	if s.rest == "" {
		return 0, io.EOF
	}
	<-time.After(s.each)
	n := copy(buffer, s.rest[:1])
	s.rest = s.rest[n:]
	return n, nil
}

func (s *slow) Close() error { return nil }

func TestFetchIsGivenUpByTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := &remote{reader: func(ctx context.Context, content string) io.ReadCloser {
			return part{strings.NewReader(content[:3]), func() (int, error) { <-ctx.Done(); return 0, ctx.Err() }}
		}}
		from.set("1", "first")
		s := newShelf(t, from)
		first, leave := context.WithCancel(t.Context())
		second, end := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for _, ctx := range []context.Context{first, second} {
			all.Go(func() {
				if _, err := s.Fetch(ctx, apps, "etl/1.0#1"); !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want the end of the caller", err)
				}
			})
		}
		synctest.Wait()
		leave()
		synctest.Wait()
		if len(s.names(t)) != 1 {
			t.Error("got the fetch ended, want it to go on for the other")
		}
		end()
		all.Wait()
		if left := s.names(t); len(left) != 0 || len(s.ended) != 0 {
			t.Errorf("got %q left and %+v told, want nothing", left, s.ended)
		}
	})
}
