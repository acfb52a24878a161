package workdir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"
)

// Tail returns the last part of the log, at most limit bytes of valid UTF-8,
// and the size of the whole. No log is an empty one.
func (a *Attempt) Tail(limit int64) (text string, size int64, err error) {
	buffer, size, err := a.LogRange(-limit, limit)
	if err != nil {
		return "", 0, err
	}
	if int64(len(buffer)) < size {
		for len(buffer) > 0 && !utf8.RuneStart(buffer[0]) {
			buffer = buffer[1:]
		}
	}
	// A replacement may be longer than what it replaces.
	clean := strings.ToValidUTF8(string(buffer), "?")
	return clean, size, nil
}

// LogRange returns at most limit bytes of the log from offset, and the size of
// the whole log. A negative offset counts from the end.
func (a *Attempt) LogRange(offset, limit int64) (text []byte, size int64, err error) {
	file, err := a.open(logName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("open log: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, 0, fmt.Errorf("open log: %w", err)
	}
	size = info.Size()
	if offset < 0 {
		offset = max(0, size+offset)
	}
	text = make([]byte, max(0, min(limit, size-offset)))
	n, err := file.ReadAt(text, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, fmt.Errorf("read log: %w", err)
	}
	return text[:n], size, nil
}
