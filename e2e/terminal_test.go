package e2e_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"unsafe"
)

// terminal is a command that runs on a terminal, where it may ask.
type terminal struct {
	*site
	cmd    *exec.Cmd
	master *os.File
	ended  chan struct{}

	mu   sync.Mutex
	said bytes.Buffer
}

// onTerminal starts a command on a pseudo terminal.
func (s *site) onTerminal(args ...string) *terminal {
	s.Helper()
	term := &terminal{site: s, ended: make(chan struct{})}
	var slave *os.File
	term.master, slave = pseudoTerminal(s)
	defer slave.Close()
	term.cmd = exec.CommandContext(s.Context(), os.Getenv(binaryVariable), args...)
	term.cmd.Env, term.cmd.Dir = s.environment(), s.dir
	term.cmd.Stdin, term.cmd.Stdout, term.cmd.Stderr = slave, slave, slave
	term.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := term.cmd.Start(); err != nil {
		s.Fatal(err)
	}
	go term.listen()
	s.Cleanup(func() {
		term.master.Close()
		<-term.ended
	})
	return term
}

// pseudoTerminal opens both ends of one.
func pseudoTerminal(s *site) (master, slave *os.File) {
	s.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		s.Fatal(err)
	}
	var locked, number int32
	for request, value := range map[uintptr]*int32{syscall.TIOCSPTLCK: &locked, syscall.TIOCGPTN: &number} {
		if _, _, code := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), request, uintptr(unsafe.Pointer(value))); code != 0 {
			s.Fatalf("set up a terminal: %v", code)
		}
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		s.Fatal(err)
	}
	return master, slave
}

// listen keeps what is said until the terminal is closed.
func (term *terminal) listen() {
	defer close(term.ended)
	chunk := make([]byte, 4096)
	for {
		n, err := term.master.Read(chunk)
		term.mu.Lock()
		term.said.Write(chunk[:n])
		term.mu.Unlock()
		if err != nil {
			return // the other end is closed: the command has ended
		}
	}
}

func (term *terminal) text() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.said.String()
}

// until waits for a text.
func (term *terminal) until(text string) {
	term.Helper()
	term.await(fmt.Sprintf("%q on the terminal", text), func() bool { return bytes.Contains([]byte(term.text()), []byte(text)) })
}

// answer types a line and returns the exit code.
func (term *terminal) answer(line string) int {
	term.Helper()
	if _, err := term.master.WriteString(line + "\n"); err != nil {
		term.Fatal(err)
	}
	_ = term.cmd.Wait()
	<-term.ended
	return term.cmd.ProcessState.ExitCode()
}
