package run

import (
	"fmt"
	"os"
)

const (
	appName    = "app.sh"
	scriptName = "script"
)

// app is how an attempt is executed: the text of app.sh, the arguments it gets,
// the user's script, if there is one, and the files that it fills.
type app struct {
	text   []byte
	args   []string
	script []byte
	filled []string
}

// oomScore makes the scripts the kernel's first choice when memory is short.
const oomScore = 500

const (
	callArguments = `"$@"`
	callSubshell  = `# shellcheck source=/dev/null
( . "$capri_dir/script" )`
)

// appText is app.sh, the same for all attempts of a worker's life that are
// called alike, so that they share one file. While the worker that wrote it is
// there, that one sees the end, syncs the code and renames it, so that a short
// batch costs no further process. mv is for the time when there is no worker; if
// its number means another process by then, the next worker or the keeper renames.
func appText(call string, fileLimit int64) []byte {
	const text = `#!/bin/sh
# app.sh, written by the Capricornus worker, process %d.
# It runs what the user wrote, in work/, and leaves the exit code in the file
# exit. It needs no worker for that, and no network.
capri_dir=${0%%/*}
cd "$capri_dir/work" || exit 125
%s# When memory is short, the kernel shall end scripts before the worker.
{ echo %d >/proc/self/oom_score_adj; } 2>/dev/null
# A signal to the whole group ends the script; its exit code is still written.
trap : HUP INT TERM
%s
capri_code=$?
printf '%%s\n' "$capri_code" >"$capri_dir/exit.tmp"
# The worker that wrote this, if it is still there, syncs and renames the file.
[ -d /proc/%d ] && exit "$capri_code"
exec mv "$capri_dir/exit.tmp" "$capri_dir/exit" 2>/dev/null
`
	limit := ""
	if fileLimit > 0 {
		limit = fmt.Sprintf("# No file may become longer, in blocks of 512 bytes.\nulimit -f %d\n", (fileLimit+511)/512)
	}
	pid := os.Getpid()
	return fmt.Appendf(nil, text, pid, limit, oomScore, call, pid)
}
