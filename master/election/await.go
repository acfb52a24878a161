package election

import (
	"context"
	"fmt"
)

// await bounds calls of raft that wait for its main loop, which a hung disk
// can stop for ever.
func await[T any](ctx context.Context, what string, call func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		value, err := call()
		answers <- answer{value, err}
	}()
	select {
	case a := <-answers:
		if a.err != nil {
			return a.value, fmt.Errorf("%s: %w", what, a.err)
		}
		return a.value, nil
	case <-ctx.Done():
		var none T
		return none, fmt.Errorf("%s: no answer: %w", what, context.Cause(ctx))
	}
}

// awaitDone is await for calls that say nothing but whether they failed.
func awaitDone(ctx context.Context, what string, call func() error) error {
	_, err := await(ctx, what, func() (struct{}, error) { return struct{}{}, call() })
	return err
}
