package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"

	"capricornus/common/batch"
	"capricornus/common/logtext"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// keptText is a log of which only the end is there: its beginning is a gap.
type keptText struct{ logtext.Text }

// shifted has some bytes at their place in something longer.
type shifted struct {
	text []byte
	from int64
}

// ReadAt implements io.ReaderAt.
func (s shifted) ReadAt(p []byte, offset int64) (int, error) {
	return bytes.NewReader(s.text).ReadAt(p, offset-s.from)
}

// keptText reads the end of a log that the database keeps: of a long one up to
// 64 KiB, of a short one all. Nil means that nothing is kept.
func (a *api) keptText(ctx context.Context, s logSource) (*keptText, error) {
	i := s.attempt
	kept := store.AttemptLog{FromByte: max(0, i.LogBytes-int64(len(i.Tail))), Text: []byte(i.Tail)}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err := a.DB.View(ctx, func(t *store.ViewTx) error {
		found, err := t.KeptLog(ctx, s.workID, i.Attempt)
		if err == nil {
			kept = found
		}
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(kept.Text) == 0 && (i.LogBytes > 0 || i.Outcome == batch.ResultLost) {
		return nil, nil //nolint:nilnil // nothing is kept, and that is no error
	}
	size := kept.FromByte + int64(len(kept.Text))
	return &keptText{logtext.New(shifted{kept.Text, kept.FromByte}, size, logtext.Gap{To: kept.FromByte})}, nil
}

// part chooses a part as a worker does.
func (k *keptText) part(ctx context.Context, call wire.LogCall) (*logPart, error) {
	offset, limit := call.Offset, call.Limit
	if limit == 0 {
		limit = math.MaxInt64
	}
	if call.Tail > 0 {
		var err error
		if offset, err = k.LastLines(ctx, call.Tail); err != nil {
			return nil, err
		}
	}
	chosen := k.Part(offset, limit)
	return &logPart{
		size: k.Size, from: chosen.From, to: chosen.To, next: chosen.Next, settled: true, kept: true, keptFrom: k.Gap.To,
		body: io.NewSectionReader(k.At, chosen.From, chosen.To-chosen.From), close: func() {},
	}, nil
}
