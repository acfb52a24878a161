package run

import (
	"context"
	"errors"
	"os/exec"
	"os/user"
	"strings"
	"time"
)

// lookupTakes bounds a question to a directory service.
const lookupTakes = 5 * time.Second

// lookup finds an account: in the file of the host, or by getent, which also
// asks the directory service, if there is one. This program cannot ask that
// itself: it is linked without the C library.
func lookup(ctx context.Context, name string) (*user.User, error) {
	found, err := user.Lookup(name)
	if _, unknown := errors.AsType[user.UnknownUserError](err); !unknown {
		return found, err
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTakes)
	defer cancel()
	line, failed := exec.CommandContext(ctx, "getent", "passwd", name).Output() //nolint:gosec // a name, checked
	if failed != nil {
		return nil, err
	}
	if found := parseEntry(string(line)); found != nil && found.Username == name {
		return found, nil
	}
	return nil, err
}

// parseEntry reads a line of passwd(5); nil when it is none.
func parseEntry(line string) *user.User {
	fields := strings.Split(strings.TrimSuffix(line, "\n"), ":")
	if len(fields) != 7 || strings.Contains(fields[6], "\n") {
		return nil
	}
	return &user.User{Username: fields[0], Uid: fields[2], Gid: fields[3], Name: fields[4], HomeDir: fields[5]}
}
