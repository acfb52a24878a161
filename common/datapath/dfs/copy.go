package dfs

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/colinmarc/hdfs/v2"

	"capricornus/common/pause"
)

const (
	directoryMode = 0o755
	copying       = "._COPYING_" // what a file is called until it is complete
	standardInput = "-"
)

func (c *call) cat() {
	c.each(c.found(c.args), func(it item) error { return c.download(it, c.Out) })
}

// download writes a file's content to a stream.
func (c *call) download(it item, to io.Writer) error {
	if it.info.IsDir() {
		return syscall.EISDIR
	}
	client, err := c.client(it.at)
	if err != nil {
		return err
	}
	file, err := client.Open(it.at.path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	_, err = io.Copy(to, stoppable{c.ctx, file})
	return err
}

func (c *call) get() {
	last := len(c.args) - 1
	to := strings.TrimPrefix(c.args[last], "file://")
	info, err := os.Stat(to)
	into := err == nil && info.IsDir()
	items := c.found(c.args[:last])
	if len(items) > 1 && !into {
		c.fail(explain(local(to), syscall.ENOTDIR))
		return
	}
	c.each(items, func(it item) error {
		if into {
			return c.getOne(it, filepath.Join(to, it.at.name()))
		}
		return c.getOne(it, to)
	})
}

// getOne copies a file, or a directory with all that is in it.
func (c *call) getOne(it item, to string) error {
	if !it.info.IsDir() {
		if _, err := os.Lstat(to); err == nil && !c.has("-f") {
			return explain(local(to), os.ErrExist)
		}
		return c.getFile(it, to)
	}
	if err := os.MkdirAll(to, directoryMode); err != nil {
		return explain(local(to), err)
	}
	inside, err := c.entries(it.at)
	if err != nil {
		return err
	}
	for _, each := range inside {
		if err := c.getOne(each, filepath.Join(to, each.info.Name())); err != nil {
			return explain(each.at, err)
		}
	}
	return nil
}

func (c *call) getFile(it item, to string) error {
	file, err := os.Create(to + copying)
	if err != nil {
		return explain(local(to), err)
	}
	err = c.download(it, file)
	if closed := file.Close(); err == nil && closed != nil {
		err = explain(local(to), closed)
	}
	if err == nil {
		if moved := os.Rename(file.Name(), to); moved != nil {
			err = explain(local(to), moved)
		}
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}

func (c *call) put() {
	last := len(c.args) - 1
	to, err := c.target(c.args[last], last > 1)
	if err != nil {
		c.fail(err)
		return
	}
	for _, from := range c.args[:last] {
		from = strings.TrimPrefix(from, "file://")
		if err := c.putOne(from, to(filepath.Base(from))); err != nil {
			c.fail(err)
		}
	}
}

// putOne copies a file, or a directory with all that is in it.
func (c *call) putOne(from string, to place) error {
	if from == standardInput {
		return c.putFile(c.In, to)
	}
	info, err := os.Stat(from)
	if err != nil {
		return explain(local(from), err)
	}
	if info.IsDir() {
		return c.putDirectory(from, to)
	}
	file, err := os.Open(from)
	if err != nil {
		return explain(local(from), err)
	}
	defer func() { _ = file.Close() }()
	return c.putFile(file, to)
}

func (c *call) putDirectory(from string, to place) error {
	client, err := c.client(to)
	if err != nil {
		return err
	}
	if err := client.MkdirAll(to.path, directoryMode); err != nil {
		return explain(to, err)
	}
	inside, err := os.ReadDir(from)
	if err != nil {
		return explain(local(from), err)
	}
	for _, each := range inside {
		if err := c.putOne(filepath.Join(from, each.Name()), to.child(each.Name())); err != nil {
			return err
		}
	}
	return nil
}

func (c *call) putFile(from io.Reader, to place) error {
	there, err := c.stat(to)
	switch {
	case err != nil:
		return err
	case there.info != nil && there.info.IsDir():
		return explain(to, syscall.EISDIR)
	case there.info != nil && !c.has("-f"):
		return explain(to, os.ErrExist)
	}
	return c.upload(from, to)
}

// upload makes a file, or replaces it, in one piece.
func (c *call) upload(from io.Reader, to place) error {
	client, err := c.client(to)
	if err != nil {
		return err
	}
	err = c.replace(client, from, to.path)
	if err != nil {
		return explain(to, err)
	}
	return nil
}

func (c *call) replace(client *hdfs.Client, from io.Reader, to string) error {
	unfinished := to + copying
	file, err := client.Create(unfinished)
	if errors.Is(err, os.ErrExist) { // somebody was killed
		if err = client.Remove(unfinished); err == nil {
			file, err = client.Create(unfinished)
		}
	}
	if err != nil {
		return err
	}
	_, err = io.Copy(file, stoppable{c.ctx, from})
	if finished := c.finish(file); err == nil {
		err = finished
	}
	if err == nil {
		err = client.Rename(unfinished, to)
	}
	if err != nil {
		_ = client.Remove(unfinished)
	}
	return err
}

// finish closes a file and waits until its last block is on a datanode.
func (c *call) finish(file *hdfs.FileWriter) error {
	giveUp := time.Now().Add(c.cfg.Timeout)
	for {
		err := file.Close()
		if !hdfs.IsErrReplicating(err) || time.Now().After(giveUp) {
			return err
		}
		if stopped := pause.For(c.ctx, 50*time.Millisecond); stopped != nil {
			return stopped
		}
	}
}

// stoppable is a stream that ends with an error when the command is stopped.
type stoppable struct {
	ctx  context.Context //nolint:containedctx // of this one command
	from io.Reader
}

func (s stoppable) Read(data []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.from.Read(data)
}
