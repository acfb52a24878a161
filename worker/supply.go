package worker

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"capricornus/common/logs"
)

// keeperCheck is how often the worker sees to it that there is a keeper: one
// that had its work done may end at the moment the worker begins.
const keeperCheck = 2 * time.Second

// keepKeeper starts the keeper, and again when it died. A keeper that an
// earlier worker started serves as well: there is one for each root.
func (w *Worker) keepKeeper(ctx context.Context) error {
	if len(w.cfg.KeeperCommand) == 0 {
		return nil
	}
	ticker := time.NewTicker(keeperCheck)
	defer ticker.Stop()
	for {
		alive, err := w.root.KeeperAlive()
		if err == nil && !alive {
			err = w.startKeeper(ctx)
		}
		if err != nil {
			w.log.Error("keeper does not start", logs.Error(err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// startKeeper starts the keeper in a session of its own, so that what ends the
// worker does not end it as well.
func (w *Worker) startKeeper(ctx context.Context) error {
	output, err := os.OpenFile(filepath.Join(w.root.Path(), keeperLog), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open log of keeper: %w", err)
	}
	defer output.Close()
	command := w.cfg.KeeperCommand
	args := append(append([]string{}, command[1:]...), "--root", w.root.Path())
	cmd := exec.Command(command[0], args...) //nolint:gosec,noctx // the configured command, and it outlives the worker
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = output, output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start keeper: %w", err)
	}
	w.log.Info("keeper starts", logs.Pid, cmd.Process.Pid)
	go func() {
		// It outlives this worker; waiting only keeps it from being a zombie.
		err := cmd.Wait()
		if ctx.Err() == nil { // a keeper outlives its worker, or has nothing to do after it
			w.log.Info("keeper ended", logs.Error(err))
		}
	}()
	return nil
}
