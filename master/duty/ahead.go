package duty

import "context"

// Ahead hands pages from produce to consume, one after the other, and lets the
// next page be made while the one before is being consumed: reading and
// thinking beside writing. produce returns false with the last page. The first
// error ends it; a panic of either is the caller's. Nothing runs any more when
// Ahead returns.
func Ahead[T any](ctx context.Context, produce func(context.Context) (T, bool, error), consume func(context.Context, T) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	next := begin(ctx, produce)
	for {
		made := <-next
		if made.panicked != nil {
			panic(made.panicked)
		}
		if made.err != nil {
			return made.err
		}
		if !made.more {
			return consume(ctx, made.page)
		}
		next = begin(ctx, produce)
		if err := consumed(ctx, made.page, consume, next, cancel); err != nil {
			return err
		}
	}
}

// consumed consumes a page; if that fails or panics, what is being made ahead
// is ended and waited for first.
func consumed[T any](ctx context.Context, page T, consume func(context.Context, T) error, next <-chan made[T], cancel func()) error {
	ok := false
	defer func() {
		if !ok {
			cancel()
			<-next
		}
	}()
	err := consume(ctx, page)
	ok = err == nil
	return err
}

// made is what one call of produce gave.
type made[T any] struct {
	page     T
	more     bool
	err      error
	panicked any
}

// begin calls produce beside the caller.
func begin[T any](ctx context.Context, produce func(context.Context) (T, bool, error)) <-chan made[T] {
	out := make(chan made[T], 1)
	go func() {
		var m made[T]
		defer func() {
			m.panicked = recover()
			out <- m
		}()
		m.page, m.more, m.err = produce(ctx)
	}()
	return out
}
