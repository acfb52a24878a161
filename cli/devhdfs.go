package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"capricornus/common/fault"
	"capricornus/scripts"
)

// ownHDFS is the HDFS that capri dev runs below its data directory.
type ownHDFS struct{ dir string }

// startHDFS starts an HDFS if one is wanted and points this cluster at it. The
// function it returns stops it, and is there even with an error.
func (d *devCluster) startHDFS(ctx context.Context) (stop func() error, err error) {
	if !d.cfg.HDFS || len(d.cfg.Namenodes) > 0 {
		return func() error { return nil }, nil
	}
	own := &ownHDFS{dir: filepath.Join(d.dir, "hdfs")}
	stop = func() error { return own.stop(context.WithoutCancel(ctx)) }
	d.app.say("capri: starting HDFS in %s: a few seconds; the first time Hadoop is downloaded, which can take a minute", own.dir)
	if err := own.unpack(); err != nil {
		return stop, err
	}
	address, err := own.script(ctx, "start")
	if err != nil {
		return stop, err
	}
	d.cfg.Namenodes = strings.Split(address, ",")
	return stop, nil
}

// unpack writes the scripts that the program carries.
func (o *ownHDFS) unpack() error {
	to := filepath.Join(o.dir, "scripts")
	if err := os.RemoveAll(to); err != nil {
		return fmt.Errorf("old scripts of HDFS: %w", err)
	}
	if err := os.CopyFS(to, scripts.HDFS); err != nil {
		return fmt.Errorf("scripts of HDFS: %w", err)
	}
	return nil
}

// script runs the script and returns what it prints. Ctrl-C in a terminal does
// not reach it, only the end of ctx does; it installs nothing on this machine.
func (o *ownHDFS) script(ctx context.Context, verb string) (string, error) {
	cmd := exec.CommandContext(ctx, "sh", filepath.Join(o.dir, "scripts", "dev-hdfs.sh"), verb, o.dir) //nolint:gosec // the program's own script
	var said bytes.Buffer
	cmd.Stderr = &said
	cmd.Env = append(os.Environ(), "CAPRI_INSTALL=no")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) } // with Maven, and with Java
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return "", fault.Wrap(fault.Unavailable, err, "HDFS did not %s: %s", verb, strings.TrimSpace(said.String())).
			WithHint("--namenodes uses an HDFS that is there")
	}
	return strings.TrimSpace(string(out)), nil
}

func (o *ownHDFS) stop(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(o.dir, "scripts")); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	_, err := o.script(ctx, "stop")
	return err
}
