package labtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// guardFD is the descriptor of the guard's socket in every stage.
const guardFD = 3

// socketPair returns two ends that keep messages apart.
func socketPair() (one, other *os.File, err error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_SEQPACKET|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("make the guard's socket: %w", err)
	}
	return os.NewFile(uintptr(fds[0]), "guard"), os.NewFile(uintptr(fds[1]), "guard"), nil
}

func spawnGuard(socket *os.File, dir string) error {
	defer func() { _ = socket.Close() }()
	cmd := exec.Command("/proc/self/exe") //nolint:noctx // outlives us
	cmd.Env, cmd.ExtraFiles, cmd.Stderr = append(os.Environ(), stageVariable+"="+stageGuard, dirVariable+"="+dir), []*os.File{socket}, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the guard: %w", err)
	}
	return cmd.Process.Release()
}

// guard holds a descriptor of every file system that is frozen. When the tests
// have ended, however they did, it thaws them: a process that writes to a frozen
// file system cannot even be killed, and the file system would stay for ever. Then
// it removes the directory of the run.
func guard() int {
	held := map[string]int{}
	for {
		message, rights := make([]byte, 4096), make([]byte, syscall.CmsgSpace(4))
		n, received, _, _, err := syscall.Recvmsg(guardFD, message, rights, syscall.MSG_CMSG_CLOEXEC)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil || n == 0 {
			break
		}
		name := string(message[:n])
		if received > 0 {
			held[name] = descriptor(rights[:received])
		} else if fd, has := held[name]; has {
			_ = syscall.Close(fd)
			delete(held, name)
		}
	}
	for _, fd := range held {
		name := "/proc/" + strconv.Itoa(os.Getpid()) + "/fd/" + strconv.Itoa(fd)
		_ = exec.Command("fsfreeze", "-u", name).Run() //nolint:gosec,noctx // fails when it is not frozen
	}
	_ = os.RemoveAll(os.Getenv(dirVariable)) //nolint:gosec // the directory that begin has made
	return 0
}

func descriptor(rights []byte) int {
	messages, _ := syscall.ParseSocketControlMessage(rights)
	for _, m := range messages {
		if fds, err := syscall.ParseUnixRights(&m); err == nil && len(fds) == 1 {
			return fds[0]
		}
	}
	return -1
}

// entrust gives the guard a file system that is about to be frozen.
func entrust(directory string) error {
	dir, err := os.Open(directory)
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	if err := syscall.Sendmsg(guardFD, []byte(directory), syscall.UnixRights(int(dir.Fd())), nil, 0); err != nil {
		return fmt.Errorf("tell the guard of %s: %w", directory, err)
	}
	return nil
}

// relieve tells the guard that a file system is thawed, so that it can be unmounted.
func relieve(directory string) error {
	return syscall.Sendmsg(guardFD, []byte(directory), nil, nil, 0)
}
