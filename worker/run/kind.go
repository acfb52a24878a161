package run

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// job is what a kind makes an app of.
type job struct {
	spec   Spec
	script string   // the file that the user's text goes into
	who    *account // as whom it runs; nil: the worker's own user
	http   HTTP     // how this worker makes calls

	fileLimit int64 // bytes of the largest file it may write; 0: any
}

// kind makes what is executed for one type of task. The user's text goes into
// the script, parameters go into the environment; neither goes into app.sh.
type kind func(j job) (app, error)

// kinds are the types of tasks. To add one, write its file, kind….go, with a
// function like the others, name it here, and tell common/task about its keys
// (docs/task-types.md).
func kinds() map[string]kind {
	return map[string]kind{
		"shell":  shellKind,
		"python": pythonKind,
		"exec":   execKind,
		"http":   httpKind,
	}
}

// wrap makes app.sh for an attempt in a directory.
func wrap(j job, dir string) (app, error) {
	build, known := kinds()[j.spec.Type]
	if !known {
		return app{}, fmt.Errorf("this worker cannot run tasks of type %q; it runs %s", j.spec.Type, strings.Join(slices.Sorted(maps.Keys(kinds())), ", "))
	}
	j.script = filepath.Join(dir, scriptName)
	return build(j)
}
