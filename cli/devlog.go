package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"capricornus/common/datapath/dfs"
	"capricornus/common/logs"
	"capricornus/common/pause"
	"capricornus/examples/weblog"
)

// farHouse is where the demo is on HDFS; the zero value: it is not there.
type farHouse struct {
	cfg dfs.Config
	at  weblog.House
	log *slog.Logger

	installed bool // the scripts are there
}

// house says where the demo is: in the data directory, or on HDFS if there is one.
func (d *devCluster) house(log string) (weblog.House, *farHouse, error) {
	if len(d.cfg.Namenodes) == 0 {
		return weblog.House{Home: "file://" + filepath.Join(d.dir, "weblog"), Log: "file://" + filepath.Clean(log)}, &farHouse{}, nil
	}
	program, err := os.Executable()
	if err != nil {
		return weblog.House{}, nil, fmt.Errorf("find the program that scripts of the demo call: %w", err)
	}
	user, err := d.app.hadoopUser()
	if err != nil {
		return weblog.House{}, nil, err
	}
	dir := "hdfs:///user/" + user + "/weblog" // without a port, which may be another one at the next start
	// Scripts are the same user there, whatever account runs them here.
	command := fmt.Sprintf("HADOOP_USER_NAME=%s %s %s --namenodes %s", shellQuote(user), shellQuote(program), dfsName, shellQuote(strings.Join(d.cfg.Namenodes, ",")))
	house := weblog.House{Home: dir, Log: dir + "/access.log", DFS: command}
	return house, &farHouse{cfg: dfs.Config{Namenodes: d.cfg.Namenodes, User: user, Timeout: time.Minute}, at: house, log: d.log}, nil
}

// shellQuote makes one word of sh.
func shellQuote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// farAgain is how long after a failure the log is put to HDFS again.
const farAgain = 5 * time.Second

// upload puts the log and the scripts to HDFS, however often that takes, until
// ctx ends.
func (f *farHouse) upload(ctx context.Context, log string) error {
	said := ""
	for f.at.Home != "" {
		err := f.put(ctx, log)
		if err == nil {
			return nil
		}
		if err.Error() != said {
			said = err.Error()
			f.log.Warn("log and scripts of the demo not put to HDFS, trying again", logs.Error(err))
		}
		if err := pause.For(ctx, farAgain); err != nil {
			return err
		}
	}
	return nil
}

func (f *farHouse) put(ctx context.Context, log string) error {
	if !f.installed {
		var scripts bytes.Buffer
		if err := weblog.WritePackage(&scripts, f.at); err != nil {
			return err
		}
		app := f.at.Package()
		if err := f.dfs(ctx, nil, "-mkdir", "-p", app[:strings.LastIndex(app, "/")]); err != nil {
			return err
		}
		if err := f.dfs(ctx, &scripts, "-put", "-f", "-", app); err != nil {
			return err
		}
		f.installed = true
	}
	return f.dfs(ctx, nil, "-put", "-f", log, f.at.Log)
}

func (f *farHouse) dfs(ctx context.Context, in io.Reader, args ...string) error {
	var said bytes.Buffer
	shell := dfs.New(f.cfg, dfs.Streams{In: in, Out: &said, Err: &said})
	defer shell.Close()
	if shell.Run(ctx, args) != exitDone {
		return errors.New(strings.TrimSpace(said.String()))
	}
	return nil
}

// logFeed keeps a generated access log complete up to the last full hour. The
// log begins a few days before the data directory was made.
type logFeed struct {
	path     string
	now      func() time.Time
	uploaded func(context.Context) error // called after it grew
}

// feedBack is how much of the past a new generated log holds.
const feedBack = 4 * 24 * time.Hour

// catchUp writes the log anew, up to the last full hour, and puts it into
// place as a whole: every hour is the same each time.
func (f *logFeed) catchUp() error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o750); err != nil {
		return fmt.Errorf("demo directory: %w", err)
	}
	to := f.now().Truncate(time.Hour)
	from, err := f.begin(to)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(f.path), ".log-*")
	if err != nil {
		return fmt.Errorf("generated log: %w", err)
	}
	err = errors.Join(weblog.WriteLog(file, from, to, logSeed), file.Chmod(0o644), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), f.path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("generated log: %w", err), os.Remove(file.Name()))
	}
	return nil
}

// begin is the log's first hour, chosen once.
func (f *logFeed) begin(now time.Time) (time.Time, error) {
	name := f.path + ".begin"
	text, err := os.ReadFile(name)
	if err == nil {
		return time.Parse(time.RFC3339, strings.TrimSpace(string(text)))
	}
	if !errors.Is(err, os.ErrNotExist) {
		return time.Time{}, fmt.Errorf("generated log: %w", err)
	}
	begin := now.Add(-feedBack).UTC()
	return begin, replaceFile(name, begin.Format(time.RFC3339))
}

// follow appends every hour as it ends, well before the hour's batch begins a
// minute later.
func (f *logFeed) follow(ctx context.Context) error {
	for {
		next := f.now().Truncate(time.Hour).Add(time.Hour + time.Second)
		timer := time.NewTimer(next.Sub(f.now()))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		if err := f.catchUp(); err != nil {
			return err
		}
		if err := f.uploaded(ctx); err != nil {
			return nil //nolint:nilerr // it goes on until ctx ends
		}
	}
}
