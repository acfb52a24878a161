package datapath

import (
	"context"
	"fmt"
)

// Open opens the file at a path for reading.
func (c *Checker) Open(ctx context.Context, path string) (*File, error) {
	at, _, err := parse(path, ReadyExists)
	if err != nil {
		return nil, err
	}
	source, known := c.sources[at.Scheme]
	if !known {
		return nil, fmt.Errorf("open %s: the scheme %q is not supported; write file:// or hdfs://", path, at.Scheme)
	}
	file, err := source.Open(ctx, at)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return file, nil
}

// Health tells how the file systems are that have servers of their own.
func (c *Checker) Health() []Health {
	if c.remote == nil {
		return nil
	}
	return c.remote.Health()
}

// Silent names the file systems that do not answer.
func (c *Checker) Silent() (names []string) {
	for _, h := range c.Health() {
		if h.Down {
			names = append(names, h.Name)
		}
	}
	return names
}

// Probe asks the file systems that nobody has asked for some time.
func (c *Checker) Probe(ctx context.Context) {
	if c.remote != nil {
		c.remote.Probe(ctx)
	}
}

// OnChange names a function to call when a file system goes down or comes back.
func (c *Checker) OnChange(told func()) {
	if c.remote != nil {
		c.remote.OnChange(told)
	}
}

// Close lets go of all connections.
func (c *Checker) Close() error {
	if c.remote == nil {
		return nil
	}
	return c.remote.Close()
}
