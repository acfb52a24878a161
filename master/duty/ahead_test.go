package duty_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/master/duty"
)

// counting makes the pages 1 to n, each in a second.
func counting(n int) func(context.Context) (int, bool, error) {
	page := 0
	return func(context.Context) (int, bool, error) {
		elapse(time.Second)
		page++
		return page, page < n, nil
	}
}

func TestAheadMakesTheNextPageWhileOneIsConsumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []int
		began := time.Now()
		err := duty.Ahead(t.Context(), counting(4), func(_ context.Context, page int) error {
			elapse(time.Second)
			got = append(got, page)
			return nil
		})
		if err != nil || !slices.Equal(got, []int{1, 2, 3, 4}) {
			t.Errorf("got %v, %v, want all pages in order", got, err)
		}
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("took %s, want one second and one for each page", took)
		}
	})
}

func TestAheadEndsWithTheFirstError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		var got []int
		err := duty.Ahead(t.Context(), counting(9), func(_ context.Context, page int) error {
			got = append(got, page)
			if page == 2 {
				return broken
			}
			return nil
		})
		if !errors.Is(err, broken) || len(got) != 2 {
			t.Errorf("got %v after %v, want the error of page 2 and no more pages", err, got)
		}
		err = duty.Ahead(t.Context(), func(context.Context) (int, bool, error) { return 0, true, broken },
			func(context.Context, int) error { t.Error("got a page that could not be made"); return nil })
		if !errors.Is(err, broken) {
			t.Errorf("got %v, want the error of making", err)
		}
	})
}

func TestAheadPassesPanicsOn(t *testing.T) {
	for name, run := range map[string]func(ctx context.Context) error{
		"Making": func(ctx context.Context) error {
			return duty.Ahead(ctx, func(context.Context) (int, bool, error) { panic("ouch") }, func(context.Context, int) error { return nil })
		},
		"Consuming": func(ctx context.Context) error {
			return duty.Ahead(ctx, counting(3), func(context.Context, int) error { panic("ouch") })
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				defer func() {
					if got := recover(); got != "ouch" {
						t.Errorf("got panic %v, want ouch", got)
					}
				}()
				t.Errorf("got %v, want a panic", run(t.Context()))
			})
		})
	}
}
