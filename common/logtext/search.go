package logtext

import (
	"bytes"
	"context"
	"strings"
	"unicode/utf8"
)

// Bounds of a search. A line longer than a block is looked at in blocks that
// overlap, so that no shorter match is missed where they meet.
const (
	overlapBytes = 1 << 10
	shownBytes   = 1 << 10 // of a line
	shownBefore  = 1 << 7  // of that, before a match far in the line
)

// Match is a line in which something was found.
type Match struct {
	Offset int64  // of the first byte of Line
	Line   string // valid UTF-8; the part around the match when the line is long
}

// Found is what a search found.
type Found struct {
	Matches  []Match
	Next     int64 // where to go on
	Complete bool  // the whole log from the start of the search was looked at
}

// Search looks for the pattern in the log, line by line from offset, until it
// has found as many as limit or ctx ends.
func (t Text) Search(ctx context.Context, pattern *Pattern, offset int64, limit int) (Found, error) {
	s := search{text: t, pattern: pattern, limit: limit, block: make([]byte, blockBytes)}
	for next := t.Part(offset, 0).From; ; {
		part := t.Part(next, t.Size)
		if part.From >= t.Size {
			return Found{Matches: s.matches, Next: t.Size, Complete: true}, nil
		}
		stopped, err := s.section(ctx, part)
		if err != nil {
			return Found{}, err
		}
		if stopped < part.To {
			return Found{Matches: s.matches, Next: stopped}, nil
		}
		next = part.Next
	}
}

type search struct {
	text    Text
	pattern *Pattern
	limit   int
	block   []byte
	matches []Match
}

// section looks through one part and returns how far it came.
func (s *search) section(ctx context.Context, part Part) (int64, error) {
	at, kept := part.From, 0 // where the block begins, and what is in it already
	for {
		room := min(int64(len(s.block)), part.To-at)
		some, err := s.text.read(s.block[kept:room], at+int64(kept))
		if err != nil {
			return 0, err
		}
		have := kept + len(some)
		last := len(some) == 0 || at+int64(have) == part.To
		used := s.lines(s.block[:have], at, last)
		at += int64(used)
		if len(s.matches) >= s.limit || ctx.Err() != nil {
			return at, nil //nolint:nilerr // when the time is over, what was found counts
		}
		if last {
			return part.To, nil
		}
		kept = copy(s.block, s.block[used:have])
	}
}

// lines looks at the whole lines of a block that begins at an offset, and
// returns how many bytes are dealt with.
func (s *search) lines(block []byte, at int64, last bool) int {
	used := 0
	for used < len(block) && len(s.matches) < s.limit {
		rest := block[used:]
		end := bytes.IndexByte(rest, '\n')
		switch {
		case end >= 0:
			s.look(rest[:end], at+int64(used), end+1)
			used += end + 1
		case last:
			s.look(rest, at+int64(used), len(rest)+1)
			used = len(block)
		case len(rest) == len(s.block):
			used = len(rest) - overlapBytes
			s.look(rest, at, used)
			return used
		default:
			return used
		}
	}
	return used
}

// look notes a line with a match that begins before an offset in it; later ones
// are found in the next block.
func (s *search) look(line []byte, at int64, before int) {
	start, end := s.pattern.find(line)
	if start < 0 || start >= before {
		return
	}
	from := 0
	if end > shownBytes {
		from = max(0, start-shownBefore)
	}
	for from > 0 && from < start && !utf8.RuneStart(line[from]) {
		from++
	}
	shown := line[from:min(len(line), from+shownBytes)]
	if len(shown) == shownBytes {
		shown = shown[:WholeRunes(shown)]
	}
	text := strings.TrimSuffix(strings.ToValidUTF8(string(shown), "\uFFFD"), "\r")
	s.matches = append(s.matches, Match{Offset: at + int64(from), Line: text})
}
