package run

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// kind makes what is executed for one type of task; script is the file that the
// user's text goes into. The text never goes into app.sh itself.
type kind func(spec Spec, script string) (app, error)

// kinds are the types of tasks. Each has a file of its own; a new one is made
// known here.
func kinds() map[string]kind {
	return map[string]kind{
		"shell":  shellKind,
		"python": pythonKind,
		"exec":   execKind,
	}
}

// wrap makes app.sh for a spec.
func wrap(spec Spec, dir string) (app, error) {
	if spec.Program != "" {
		return app{}, fmt.Errorf("this worker cannot fetch program packages yet: %s", spec.Program)
	}
	build, known := kinds()[spec.Type]
	if !known {
		return app{}, fmt.Errorf("this worker cannot run tasks of type %q; it runs %s", spec.Type, strings.Join(slices.Sorted(maps.Keys(kinds())), ", "))
	}
	return build(spec, filepath.Join(dir, scriptName))
}
