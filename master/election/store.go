package election

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/raft"
	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// logHeader is term, time of append, type, and length of the data before the
// data itself; the rest of a value are the extensions.
const logHeader = 8 + 8 + 1 + 4

// store keeps raft's log and its vote in one bbolt file. Each write is synced
// before it returns: raft's promises are worth what the disk keeps of them.
type store struct {
	db           *bbolt.DB
	logs, stable []byte
}

var (
	_ raft.LogStore    = (*store)(nil)
	_ raft.StableStore = (*store)(nil)
)

func openStore(dir string) (*store, error) {
	path := filepath.Join(dir, "raft.db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("open %s: another process holds it; one raft directory serves one master", path)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	s := &store{db: db, logs: []byte("logs"), stable: []byte("stable")}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, logsErr := tx.CreateBucketIfNotExists(s.logs)
		_, stableErr := tx.CreateBucketIfNotExists(s.stable)
		return errors.Join(logsErr, stableErr)
	})
	if err == nil {
		err = syncDir(dir) // the file's name must survive a power cut too
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("prepare %s: %w", path, err), db.Close())
	}
	return s, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Close waits for running transactions and releases the file.
func (s *store) Close() error { return s.db.Close() }

// FirstIndex returns the first log index, 0 when there is none.
func (s *store) FirstIndex() (uint64, error) {
	return s.edge(func(c *bbolt.Cursor) []byte { k, _ := c.First(); return k })
}

// LastIndex returns the last log index, 0 when there is none.
func (s *store) LastIndex() (uint64, error) {
	return s.edge(func(c *bbolt.Cursor) []byte { k, _ := c.Last(); return k })
}

func (s *store) edge(key func(*bbolt.Cursor) []byte) (index uint64, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		if k := key(tx.Bucket(s.logs).Cursor()); k != nil {
			index = binary.BigEndian.Uint64(k)
		}
		return nil
	})
	return index, err
}

// GetLog reads one entry, or raft.ErrLogNotFound.
func (s *store) GetLog(index uint64, entry *raft.Log) error {
	return s.db.View(func(tx *bbolt.Tx) error {
		value := tx.Bucket(s.logs).Get(key(index))
		if value == nil {
			return raft.ErrLogNotFound
		}
		return decodeLog(index, value, entry)
	})
}

// StoreLog writes one entry.
func (s *store) StoreLog(entry *raft.Log) error { return s.StoreLogs([]*raft.Log{entry}) }

// StoreLogs writes entries in one synced transaction.
func (s *store) StoreLogs(entries []*raft.Log) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(s.logs)
		for _, entry := range entries {
			if err := b.Put(key(entry.Index), encodeLog(entry)); err != nil {
				return err
			}
		}
		return nil
	})
}

// DeleteRange removes the entries from first to last, both included.
func (s *store) DeleteRange(first, last uint64) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		c := tx.Bucket(s.logs).Cursor()
		for k, _ := c.Seek(key(first)); k != nil && binary.BigEndian.Uint64(k) <= last; k, _ = c.Next() {
			if err := c.Delete(); err != nil {
				return err
			}
		}
		return nil
	})
}

// Set writes one value of the stable store.
func (s *store) Set(k, value []byte) error {
	return s.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(s.stable).Put(k, value) })
}

// Get reads one value of the stable store, nothing when there is none.
func (s *store) Get(k []byte) (value []byte, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		value = append(value, tx.Bucket(s.stable).Get(k)...)
		return nil
	})
	return value, err
}

// SetUint64 writes one number of the stable store.
func (s *store) SetUint64(k []byte, value uint64) error { return s.Set(k, key(value)) }

// GetUint64 reads one number of the stable store, 0 when there is none.
func (s *store) GetUint64(k []byte) (uint64, error) {
	value, err := s.Get(k)
	if err != nil || len(value) == 0 {
		return 0, err
	}
	if len(value) != 8 {
		return 0, fmt.Errorf("raft store: %q has %d bytes, want 8", k, len(value))
	}
	return binary.BigEndian.Uint64(value), nil
}

func key(index uint64) []byte { return binary.BigEndian.AppendUint64(nil, index) }

func encodeLog(entry *raft.Log) []byte {
	out := make([]byte, 0, logHeader+len(entry.Data)+len(entry.Extensions))
	out = binary.BigEndian.AppendUint64(out, entry.Term)
	appended := int64(0)
	if !entry.AppendedAt.IsZero() {
		appended = entry.AppendedAt.UnixNano()
	}
	out = binary.BigEndian.AppendUint64(out, uint64(appended))
	out = append(out, byte(entry.Type))
	out = binary.BigEndian.AppendUint32(out, uint32(len(entry.Data))) //nolint:gosec // a claim has some dozen bytes
	out = append(out, entry.Data...)
	return append(out, entry.Extensions...)
}

// decodeLog copies: bbolt's values live only as long as their transaction.
func decodeLog(index uint64, value []byte, entry *raft.Log) error {
	if len(value) < logHeader {
		return fmt.Errorf("raft store: entry %d has %d bytes, want at least %d", index, len(value), logHeader)
	}
	size := int(binary.BigEndian.Uint32(value[17:]))
	rest := value[logHeader:]
	if size > len(rest) {
		return fmt.Errorf("raft store: entry %d names %d bytes of data, has %d", index, size, len(rest))
	}
	*entry = raft.Log{
		Index: index,
		Term:  binary.BigEndian.Uint64(value),
		Type:  raft.LogType(value[16]),
		Data:  append([]byte(nil), rest[:size]...),
	}
	if nanos := int64(binary.BigEndian.Uint64(value[8:])); nanos != 0 { //nolint:gosec // the bits that encodeLog wrote
		entry.AppendedAt = time.Unix(0, nanos)
	}
	if len(rest) > size {
		entry.Extensions = append([]byte(nil), rest[size:]...)
	}
	return nil
}
