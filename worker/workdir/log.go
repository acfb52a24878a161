package workdir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"

	"capricornus/common/logtext"
	"capricornus/common/wire"
)

// Log is the log of an attempt, open for reading.
type Log struct {
	attempt *Attempt
	file    *os.File // nil: nothing was written yet
}

// ReadLog opens the log. No log is an empty one.
func (a *Attempt) ReadLog() (*Log, error) {
	file, err := a.open(logName)
	if errors.Is(err, fs.ErrNotExist) {
		return &Log{attempt: a}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	return &Log{attempt: a, file: file}, nil
}

// Text is the log as it is now. What is dropped from its middle later reads as
// zeroes: whoever reads long asks Gap again.
func (l *Log) Text() (logtext.Text, error) {
	if l.file == nil {
		return logtext.Text{At: strings.NewReader("")}, nil
	}
	info, err := l.file.Stat()
	if err != nil {
		return logtext.Text{}, fmt.Errorf("look at log: %w", err)
	}
	if info.Size() <= leastBlock { // too short to have lost anything
		return logtext.New(l.file, info.Size(), logtext.Gap{}), nil
	}
	gap, err := l.Gap()
	return logtext.New(l.file, info.Size(), gap), err
}

// Gap is what has been dropped from the log by now.
func (l *Log) Gap() (logtext.Gap, error) {
	from, to, err := l.attempt.LogGap()
	return logtext.Gap{From: from, To: to}, err
}

// Close gives up the open file.
func (l *Log) Close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}

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
	log, err := a.ReadLog()
	if err != nil {
		return nil, 0, err
	}
	defer log.Close()
	whole, err := log.Text()
	if err != nil {
		return nil, 0, err
	}
	if offset < 0 {
		offset = max(0, whole.Size+offset)
	}
	text = make([]byte, max(0, min(limit, whole.Size-offset)))
	n, err := whole.At.ReadAt(text, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, fmt.Errorf("read log: %w", err)
	}
	return text[:n], whole.Size, nil
}

// keptLog is how much of the end of a log masters keep.
const keptLog = 64 << 10

// LogEnd returns the end that masters keep of an attempt's log of this size,
// nil when it cannot be read: the result counts more.
func (r *Root) LogEnd(key wire.Held, size int64) []byte {
	log, err := r.Attempt(key).ReadLog()
	if err != nil {
		return nil
	}
	defer log.Close()
	text, err := log.Text()
	if err != nil || text.Size < size {
		return nil
	}
	text = logtext.New(text.At, size, text.Gap)
	part := text.Part(-keptLog, keptLog)
	end := make([]byte, part.To-part.From)
	if n, _ := text.At.ReadAt(end, part.From); n < len(end) {
		return nil // it was cut meanwhile
	}
	return end
}
