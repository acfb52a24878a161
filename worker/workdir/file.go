package workdir

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// writeJSON replaces a file durably: it holds the old or the new value whole,
// also after a crash of the host.
func (r *Root) writeJSON(name string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	temporary := name + ".tmp"
	if err := writeSynced(r.root, temporary, append(text, '\n')); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := r.root.Rename(temporary, name); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return syncDir(r.root, ".")
}

func (r *Root) readJSON(name string, value any) error {
	text, err := r.root.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read worker root: %w", err)
	}
	if err := json.Unmarshal(text, value); err != nil {
		return fmt.Errorf("read %s/%s: %w", r.path, name, err)
	}
	return nil
}

func writeSynced(root *os.Root, name string, text []byte) error {
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Sync(), file.Close())
}

func syncDir(root *os.Root, name string) error {
	dir, err := root.Open(name)
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}
