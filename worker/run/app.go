package run

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	appName    = "app.sh"
	scriptName = "script"
)

// app is how an attempt is executed: the text of app.sh, the arguments it gets,
// and the user's script, if there is one.
type app struct {
	text   []byte
	args   []string
	script []byte
}

// wrap makes app.sh for a spec. The user's text goes into a file of its own or
// into arguments, never into the text of app.sh.
func wrap(spec Spec, dir string) (app, error) {
	if spec.Program != "" {
		return app{}, fmt.Errorf("this worker cannot fetch program packages yet: %s", spec.Program)
	}
	script := filepath.Join(dir, scriptName)
	switch spec.Type {
	case "shell":
		return wrapShell(spec, script), nil
	case "python":
		return app{appText(callArguments), []string{"python3", script}, []byte(spec.Script)}, nil
	case "exec":
		if len(spec.Command) == 0 {
			return app{}, fmt.Errorf("the task has no command to execute")
		}
		return app{appText(callArguments), spec.Command, nil}, nil
	}
	return app{}, fmt.Errorf("this worker cannot run tasks of type %q; it runs shell, python and exec", spec.Type)
}

// wrapShell honours the script's first line. Without one it is for sh, and the
// sh that is running app.sh already can read it in a subshell, which saves the
// start of a second shell: a third of the cost of a short batch. A script that
// asks who it is would get the wrong answer there, so it gets its own.
func wrapShell(spec Spec, script string) app {
	text := []byte(spec.Script)
	if interpreter := shebang(text); interpreter != nil {
		return app{appText(callArguments), append(interpreter, script), text}
	}
	for _, self := range []string{"$$", "$0", "${0", "${$", "$PPID", "${PPID"} {
		if strings.Contains(spec.Script, self) {
			return app{appText(callArguments), []string{"/bin/sh", script}, text}
		}
	}
	return app{appText(callSubshell), nil, text}
}

// shebang returns the interpreter of a script and its one argument, as the
// kernel reads them. The file is not executed itself: another fork may still
// have it open for writing, and the kernel would refuse it as busy.
func shebang(script []byte) []string {
	line, found := bytes.CutPrefix(script, []byte("#!"))
	if !found {
		return nil
	}
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	command, argument, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
	if command == "" {
		return nil
	}
	if argument = strings.TrimSpace(argument); argument == "" {
		return []string{command}
	}
	return []string{command, argument}
}

const (
	callArguments = `"$@"`
	callSubshell  = `# shellcheck source=/dev/null
( . "$capri_dir/script" )`
)

// appText is app.sh, the same for all attempts of a worker's life that are
// called alike, so that they share one file. While the worker that started it is its parent, that one
// sees the end, syncs the code and renames it, so that a short batch costs no
// further process. mv is for the time when there is no worker.
func appText(call string) []byte {
	const text = `#!/bin/sh
# app.sh, written by the Capricornus worker, process %d.
# It runs what the user wrote, in work/, and leaves the exit code in the file
# exit. It needs no worker for that, and no network.
capri_dir=${0%%/*}
cd "$capri_dir/work" || exit 125
# A signal to the whole group ends the script; its exit code is still written.
trap : HUP INT TERM
%s
capri_code=$?
printf '%%s\n' "$capri_code" >"$capri_dir/exit.tmp"
# The worker, if it is still the parent, syncs and renames the file.
read -r _ _ _ capri_parent _ <"/proc/$$/stat"
[ "$capri_parent" = %d ] && exit "$capri_code"
exec mv "$capri_dir/exit.tmp" "$capri_dir/exit" 2>/dev/null
`
	pid := os.Getpid()
	return fmt.Appendf(nil, text, pid, call, pid)
}
