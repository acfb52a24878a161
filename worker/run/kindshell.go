package run

import (
	"bytes"
	"strings"
)

// shellKind honours the script's first line. Without one it is for sh, and the
// sh that is running app.sh already can read it in a subshell, which saves the
// start of a second shell: a third of the cost of a short batch. A script that
// asks who it is would get the wrong answer there, so it gets its own.
func shellKind(j job) (app, error) {
	text := []byte(j.spec.Script)
	if interpreter := shebang(text); interpreter != nil {
		return app{text: appText(callArguments, j.fileLimit), args: append(interpreter, j.script), script: text}, nil
	}
	for _, self := range []string{"$$", "$0", "${0", "${$", "$PPID", "${PPID"} {
		if strings.Contains(j.spec.Script, self) {
			return app{text: appText(callArguments, j.fileLimit), args: []string{"/bin/sh", j.script}, script: text}, nil
		}
	}
	return app{text: appText(callSubshell, j.fileLimit), script: text}, nil
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
