package cli

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// maxFiles is what one call of tasks/apply may carry.
const maxFiles = 32 << 20

// taskFiles reads files, and all task files below directories, in a fixed
// order. "-" is stdin. What is named outright is read whatever it is called.
func (a *app) taskFiles(paths []string) ([]wire.File, error) {
	var files []wire.File
	total := 0
	for _, path := range paths {
		found, err := a.filesAt(path)
		if err != nil {
			return nil, err
		}
		for _, file := range found {
			total += len(file.Text)
		}
		files = append(files, found...)
	}
	if total > maxFiles {
		return nil, fault.New(fault.TooLarge, "the files have %d MB together, more than the %d MB of one call", total>>20, maxFiles>>20).
			WithHint("apply them in several calls, parents first")
	}
	return files, nil
}

func (a *app) filesAt(path string) ([]wire.File, error) {
	if path == "-" {
		text, err := io.ReadAll(io.LimitReader(a.in, maxFiles+1))
		if err != nil {
			return nil, fileFault(fault.Invalid, err, "stdin")
		}
		return []wire.File{{Name: "stdin", Text: string(text)}}, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, missing(err, path)
	}
	if !info.IsDir() {
		file, err := taskFile(path)
		return []wire.File{file}, err
	}
	return filesBelow(path)
}

// filesBelow reads the task files of a directory and its children, those with
// a dot before their names excepted.
func filesBelow(dir string) ([]wire.File, error) {
	var files []wire.File
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return missing(err, path)
		}
		hidden := strings.HasPrefix(entry.Name(), ".") && path != dir
		if entry.IsDir() && hidden {
			return fs.SkipDir
		}
		if entry.IsDir() || hidden || !isTaskFile(path) {
			return nil
		}
		file, err := taskFile(path)
		files = append(files, file)
		return err
	})
	if err == nil && len(files) == 0 {
		return nil, fault.New(fault.NotFound, "%s has no task files", dir).
			WithHint("task files end in .yaml, .yml or .json")
	}
	return files, err
}

func isTaskFile(path string) bool {
	switch filepath.Ext(path) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

func taskFile(path string) (wire.File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return wire.File{}, missing(err, path)
	}
	if !utf8.Valid(text) {
		return wire.File{}, fault.New(fault.Invalid, "%s is not UTF-8 text", path)
	}
	return wire.File{Name: path, Text: string(text)}, nil
}

func missing(err error, path string) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(fault.NotFound, err, "%s does not exist", path)
	}
	return fileFault(fault.Invalid, err, path)
}
