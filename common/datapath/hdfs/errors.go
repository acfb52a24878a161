package hdfs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/colinmarc/hdfs/v2"

	"capricornus/common/datapath"
)

var (
	errClosed   = errors.New("it was closed")
	errSafeMode = errors.New("it is in safe mode")
	errStranger = errors.New("it refuses this user altogether (hdfs.user, hdfs.kerberos.principal)")
)

// definite reports whether an error is what a namenode answered about a path.
// Everything else says nothing about it.
func definite(err error) bool {
	if _, failed := errors.AsType[*net.OpError](err); failed {
		return false
	}
	for _, answer := range []error{fs.ErrNotExist, fs.ErrPermission, fs.ErrInvalid, fs.ErrExist} {
		if errors.Is(err, answer) {
			return true
		}
	}
	var said hdfs.Error
	return errors.As(err, &said) && !passing(said)
}

// passing reports whether a namenode said that it cannot answer now: it is on
// standby, starting, in safe mode, or does not take us for who we are.
func passing(said hdfs.Error) bool {
	class := said.Exception()
	return said.Desc() != "ERROR_APPLICATION" || inSafeMode(said) ||
		strings.HasPrefix(class, "org.apache.hadoop.ipc.") ||
		strings.HasPrefix(class, "org.apache.hadoop.security.token.") ||
		strings.HasPrefix(class, "org.apache.hadoop.security.authorize.") ||
		strings.HasPrefix(class, "javax.security.sasl.")
}

// inSafeMode knows both forms: an active namenode of several that is starting
// asks to try again instead.
func inSafeMode(said hdfs.Error) bool {
	return strings.HasSuffix(said.Exception(), ".SafeModeException") ||
		strings.HasSuffix(said.Exception(), ".RetriableException") && strings.Contains(said.Message(), "SafeModeException")
}

// plain is an answer about a path in words that fit behind its name.
func (c *cluster) plain(err error) error {
	var said hdfs.Error
	remote := errors.As(err, &said)
	if errors.Is(err, fs.ErrPermission) || remote && strings.HasSuffix(said.Exception(), ".AccessControlException") {
		return fmt.Errorf("user %s: %w", c.access.User, fs.ErrPermission)
	}
	if remote {
		return errors.New("the namenode answers: " + sentence(said))
	}
	if at, named := errors.AsType[*fs.PathError](err); named {
		return at.Err
	}
	return err
}

// sentence is the first line of an exception; a stack trace follows it.
func sentence(said hdfs.Error) string {
	class := said.Exception()[strings.LastIndex(said.Exception(), ".")+1:]
	line, _, _ := strings.Cut(strings.TrimSpace(said.Message()), "\n")
	return strings.TrimSpace(class + ": " + line)
}

// failures are what went wrong with each namenode in one call.
type failures map[string]error

func (f failures) add(l *line, last error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	for _, address := range l.tried {
		f[address] = nil
	}
	maps.Copy(f, l.why)
	if n := len(l.tried); n > 0 && f[l.tried[n-1]] == nil {
		f[l.tried[n-1]] = last
	}
}

func (f failures) has(address string) bool {
	_, failed := f[address]
	return failed
}

func (f failures) all(addresses []string) bool {
	return !slices.ContainsFunc(addresses, func(address string) bool { return !f.has(address) })
}

// text is the same as long as the same is wrong.
func (f failures) text(addresses []string, timeout time.Duration, last error) string {
	var causes []string
	told := map[string][]string{}
	for _, address := range addresses {
		err, failed := f[address]
		if !failed {
			continue
		}
		cause := reason(err, timeout)
		if told[cause] == nil {
			causes = append(causes, cause)
		}
		told[cause] = append(told[cause], address)
	}
	if len(causes) == 0 {
		return reason(last, timeout)
	}
	parts := make([]string, len(causes))
	for i, cause := range causes {
		parts[i] = strings.Join(told[cause], ", ") + ": " + cause
	}
	return strings.Join(parts, "; ")
}

// reason says what is wrong without what differs from try to try, such as ports
// of this host. The library hands on some errors of namenodes as text only.
func reason(err error, timeout time.Duration) string {
	var network *net.OpError
	var unknown *net.DNSError
	var said hdfs.Error
	switch {
	case err == nil || strings.Contains(err.Error(), "ipc.StandbyException"):
		return "on standby"
	case strings.Contains(err.Error(), "unexpected sequence number"):
		return errStranger.Error() // the library does not read that refusal
	case timedOut(err):
		return fmt.Sprintf("no answer within %s", timeout)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "it closed the connection"
	case errors.As(err, &said):
		return sentence(said)
	case errors.As(err, &unknown):
		return unknown.Err
	case errors.As(err, &network):
		return network.Err.Error()
	}
	return stable(err)
}

// stable is the text of an error without this host's ports, which differ from
// try to try, and without what the library puts before each.
func stable(err error) string {
	words := strings.Fields(strings.TrimPrefix(err.Error(), "no available namenodes: "))
	for i, word := range words {
		if _, to, found := strings.Cut(word, "->"); found {
			words[i] = to
		}
	}
	return strings.Join(words, " ")
}

func timedOut(err error) bool {
	var network net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &network) && network.Timeout()
}

// unavailable reports whether an error says nothing about the path.
func unavailable(err error) bool { return datapath.Unavailable(err) }
