// Package logtext reads logs: bytes at offsets, of any size, of which a part may
// be missing. Last lines are found and words are searched for in constant
// memory, however long the log or a line of it is.
package logtext

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// blockBytes is how much of a log is in memory at a time.
const blockBytes = 64 << 10

// Gap is a part of a log that is not there any more: the bytes from From up to,
// not including, To. An empty one is none.
type Gap struct{ From, To int64 }

// Text is a log as it is at one moment. Offsets are those of all that was ever
// written: what is missing keeps its place.
type Text struct {
	At   io.ReaderAt
	Size int64
	Gap  Gap
}

// New returns a log of this size. A gap beyond its end, which was cut off then,
// ends with it.
func New(at io.ReaderAt, size int64, gap Gap) Text {
	return Text{At: at, Size: size, Gap: Gap{From: min(gap.From, size), To: min(gap.To, size)}}
}

// Part is a piece of a log without a gap in it: the bytes from From up to, not
// including, To. Next is where reading goes on.
type Part struct{ From, To, Next int64 }

// Part chooses at most limit bytes from offset. A negative offset counts from
// the end, one that falls into the gap means the end of the gap, and one beyond
// the end means the end.
func (t Text) Part(offset, limit int64) Part {
	if offset < 0 {
		offset = max(0, t.Size+offset)
	}
	from := t.skip(min(offset, t.Size))
	to := t.Size
	if from < t.Gap.From {
		to = min(to, t.Gap.From)
	}
	if limit < to-from {
		to = from + limit
	}
	return Part{From: from, To: to, Next: t.skip(to)}
}

// skip moves an offset out of the gap.
func (t Text) skip(offset int64) int64 {
	if offset >= t.Gap.From && offset < t.Gap.To {
		return t.Gap.To
	}
	return offset
}

// LastLines returns the offset at which the last n lines begin. When ctx ends
// first it is that of as many as were found.
func (t Text) LastLines(ctx context.Context, n int) (int64, error) {
	block := make([]byte, blockBytes)
	for end := t.Size; ; {
		if end == t.Gap.To {
			end = min(end, t.Gap.From)
		}
		if end <= 0 || ctx.Err() != nil {
			return t.skip(end), nil //nolint:nilerr // when the time is over, the lines found count
		}
		begin := max(0, end-blockBytes)
		if end > t.Gap.To {
			begin = max(begin, t.Gap.To)
		}
		some, err := t.read(block[:end-begin], begin)
		if err != nil {
			return 0, err
		}
		for i := len(some); i > 0; {
			i = bytes.LastIndexByte(some[:i], '\n')
			if i < 0 || begin+int64(i) == t.Size-1 {
				continue
			}
			if n--; n == 0 {
				return t.skip(begin + int64(i) + 1), nil
			}
		}
		end = begin
	}
}

// read fills p as far as the log goes: it may have been cut meanwhile.
func (t Text) read(p []byte, offset int64) ([]byte, error) {
	n, err := t.At.ReadAt(p, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read log: %w", err)
	}
	return p[:n], nil
}

// WholeRunes returns the length of text without the beginning of a rune that it
// may be cut off in.
func WholeRunes(text []byte) int {
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if b := text[len(text)-back]; utf8.RuneStart(b) {
			if !utf8.FullRune(text[len(text)-back:]) {
				return len(text) - back
			}
			break
		}
	}
	return len(text)
}
