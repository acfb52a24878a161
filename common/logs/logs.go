// Package logs makes the one logger of a process and names the attributes its
// lines carry. A message is a constant lower-case phrase; every fact is an
// attribute under one of the keys below, so that a search for batch=… finds
// all lines about a batch, whoever wrote them. Loggers are passed, never global.
package logs

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/lmittmann/tint"
	"github.com/mattn/go-isatty"

	"capricornus/common/fault"
)

// Keys of attributes. Instants and sizes carry their unit by the type of the
// value: time.Time, time.Duration, or a number of bytes.
const (
	Task      = "task"      // name of a task
	Batch     = "batch"     // task/workNo.run
	Attempt   = "attempt"   // number of an attempt
	Worker    = "worker"    // host name of a worker
	Node      = "node"      // name of a master
	Leader    = "leader"    // name or address of the leading master
	Term      = "term"      // epoch of a leader's term
	Duty      = "duty"      // name of a duty of the masters
	Message   = "message"   // a message to somebody: its key, or its id
	Operation = "operation" // id of an operation
	User      = "user"      // name of an account of a person or program
	Request   = "request"   // id of an HTTP request
	Method    = "method"    // method of an HTTP request
	Route     = "route"     // pattern of an HTTP route
	Source    = "source"    // address a call came from
	Status    = "status"    // HTTP status
	Members   = "members"   // the cluster as it is
	Peers     = "peers"     // the cluster as configured
	Address   = "address"   // host:port or URL
	Path      = "path"      // file or data path
	Pid       = "pid"       // process id
	State     = "state"     // state of whatever the line is about
	Reason    = "reason"    // why, in words
	Count     = "n"         // how many were done
	Left      = "left"      // how many are still to do
	Failures  = "failures"  // how often it has failed in a row
	Pages     = "pages"     // how many pages the work took
	Pause     = "pause"     // how long until the next try
	Took      = "took"      // how long it took
	Version   = "version"   // version of this program
	Err       = "err"       // what went wrong; made by Error
)

// New returns a logger that writes to w: coloured lines when w is a terminal,
// one JSON object a line otherwise. NO_COLOR takes the colours away.
func New(w io.Writer, level slog.Leveler) *slog.Logger {
	if !IsTerminal(w) {
		return Carrying(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
	}
	return Carrying(tint.NewTextHandler(w, &tint.Options{
		Level:      level,
		TimeFormat: "15:04:05.000",
		NoColor:    os.Getenv("NO_COLOR") != "",
	}))
}

// Discard returns a logger that writes nothing.
func Discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// Level reads the name of a level.
func Level(name string) (slog.Level, error) {
	switch strings.ToLower(name) {
	case "debug":
		return slog.LevelDebug, nil
	case "info", "":
		return slog.LevelInfo, nil
	case "warn":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	}
	return 0, fmt.Errorf("%q is not a log level: write debug, info, warn or error", name)
}

// Error is the attribute of an error. Where people see only a fault's message,
// the log also gets its cause.
func Error(err error) slog.Attr {
	if err == nil {
		return slog.String(Err, "")
	}
	text := err.Error()
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Err != nil {
		text += ": " + f.Err.Error()
	}
	return slog.String(Err, text)
}

// IsTerminal reports whether w or a reader is a terminal a person looks at.
func IsTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}
