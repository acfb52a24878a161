package dfs

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/colinmarc/hdfs/v2"
)

func (c *call) mkdir() {
	for _, arg := range c.args {
		if err := c.makeDirectory(arg); err != nil {
			c.fail(err)
		}
	}
}

func (c *call) makeDirectory(arg string) error {
	at, err := c.parsePlace(arg)
	if err != nil {
		return err
	}
	client, err := c.client(at)
	if err != nil {
		return err
	}
	if c.has("-p") {
		err = client.MkdirAll(at.path, directoryMode)
	} else {
		err = client.Mkdir(at.path, directoryMode)
	}
	if errors.Is(err, os.ErrNotExist) {
		at.path = path.Dir(at.path)
	}
	if err != nil {
		return explain(at, err)
	}
	return nil
}

func (c *call) move() {
	last := len(c.args) - 1
	items := c.found(c.args[:last])
	to, err := c.target(c.args[last], len(items) > 1)
	if err != nil {
		c.fail(err)
		return
	}
	c.each(items, func(it item) error { return c.moveOne(it, to(it.at.name())) })
}

// moveOne looks first whether something is there: the call would replace it.
func (c *call) moveOne(it item, to place) error {
	if it.at.root != to.root {
		return errors.New("Does not match target filesystem") //nolint:staticcheck // Hadoop's words
	}
	there, err := c.stat(to)
	if err != nil {
		return err
	}
	if there.info != nil {
		return explain(to, os.ErrExist)
	}
	client, err := c.client(to)
	if err != nil {
		return err
	}
	err = client.Rename(it.at.path, to.path)
	if errors.Is(err, os.ErrNotExist) { // what is moved was there just now
		return explain(to, err)
	}
	return err
}

func (c *call) remove() {
	for _, arg := range c.args {
		at, err := c.parsePlace(arg)
		if err != nil {
			c.fail(err)
			continue
		}
		found, err := c.glob(at)
		if err == nil && len(found) == 0 && !c.has("-f") {
			err = explain(at, os.ErrNotExist)
		}
		if err != nil {
			c.fail(err)
		}
		for _, it := range found {
			if err := c.removeOne(it); err != nil {
				c.fail(explain(it.at, err))
			}
		}
	}
}

func (c *call) removeOne(it item) error {
	if it.info.IsDir() && !c.has("-r") && !c.has("-R") {
		return syscall.EISDIR
	}
	if it.at.path == "/" {
		return errors.New("the root is not removed")
	}
	client, err := c.client(it.at)
	if err != nil {
		return err
	}
	if it.info.IsDir() {
		err = client.RemoveAll(it.at.path)
	} else {
		err = client.Remove(it.at.path)
	}
	if errors.Is(err, os.ErrNotExist) && c.has("-f") { // somebody else was first
		return nil
	}
	if err == nil {
		fmt.Fprintf(c.Out, "Deleted %s\n", it.at)
	}
	return err
}

func (c *call) touch() {
	for _, arg := range c.args {
		if err := c.touchOne(arg); err != nil {
			c.fail(err)
		}
	}
}

func (c *call) touchOne(arg string) error {
	at, err := c.parsePlace(arg)
	if err != nil {
		return err
	}
	it, err := c.stat(at)
	switch {
	case err != nil:
		return err
	case it.info != nil && it.info.IsDir():
		return explain(at, syscall.EISDIR)
	case it.info != nil && it.info.Size() > 0:
		return explain(at, errors.New("Not a zero-length file")) //nolint:staticcheck // Hadoop's words
	}
	return c.upload(strings.NewReader(""), at)
}

// test answers by its exit code: 0 yes, 1 no, codeUnable when it cannot say.
func (c *call) test() {
	at, err := c.parsePlace(c.args[0])
	if err == nil && len(c.options) != 1 {
		err = errors.New("one of -e, -d, -f, -s and -z is wanted")
	}
	var it item
	if err == nil {
		it, err = c.stat(at)
	}
	switch {
	case err != nil:
		c.fail(err)
		c.code = codeUnable
	case !holds(c.options[0], it.info):
		c.code = codeFailed
	}
}

func holds(option string, info os.FileInfo) bool {
	if info == nil {
		return false
	}
	switch option {
	case "-d":
		return info.IsDir()
	case "-f":
		return !info.IsDir()
	case "-s":
		return info.IsDir() || info.Size() > 0
	case "-z":
		return !info.IsDir() && info.Size() == 0
	}
	return true
}

func (c *call) list() {
	if len(c.args) == 0 {
		c.args = []string{"."}
	}
	c.each(c.found(c.args), func(it item) error {
		if c.has("-d") || !it.info.IsDir() {
			c.table([]item{it})
			return nil
		}
		inside, err := c.entries(it.at)
		if len(inside) > 0 {
			fmt.Fprintf(c.Out, "Found %d items\n", len(inside))
		}
		c.table(inside)
		return err
	})
}

// table prints a line for each, in columns as wide as they must be.
func (c *call) table(items []item) {
	rows := make([][]string, 0, len(items))
	widths := []int{0, 3, 0, 0, 10, 0, 0}
	for _, it := range items {
		row := row(it)
		for i, text := range row {
			widths[i] = max(widths[i], len(text))
		}
		rows = append(rows, row)
	}
	for _, r := range rows {
		fmt.Fprintf(c.Out, "%s %*s %-*s %-*s %*s %s %s\n", r[0], widths[1], r[1], widths[2], r[2], widths[3], r[3], widths[4], r[4], r[5], r[6])
	}
}

func row(it item) []string {
	status, ok := it.info.Sys().(*hdfs.FileStatus)
	if !ok {
		return make([]string, 7)
	}
	mode, copies := "-", fmt.Sprint(status.GetBlockReplication())
	if it.info.IsDir() {
		mode, copies = "d", "-"
	}
	bits := []byte(os.FileMode(status.GetPermission().GetPerm() & 0o777).String()[1:])
	if status.GetPermission().GetPerm()&0o1000 != 0 { // sticky
		bits[8] = map[bool]byte{true: 't', false: 'T'}[bits[8] == 'x']
	}
	return []string{
		mode + string(bits), copies, status.GetOwner(), status.GetGroup(), fmt.Sprint(it.info.Size()),
		it.info.ModTime().Format("2006-01-02 15:04"), it.at.String(),
	}
}

func (p place) name() string { return path.Base(p.path) }
