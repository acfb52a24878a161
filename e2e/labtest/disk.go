package labtest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// Disk is a small file system of its own, a loop device, that can be full or
// frozen. It needs the namespaces that Main makes.
type Disk struct {
	c      *Cluster
	name   string // directory of the cluster that it is mounted on
	frozen bool
}

func newDisk(c *Cluster, name string, megabytes int) *Disk {
	c.Helper()
	if c.network == nil {
		c.Fatalf("a cluster on the loopback has no file systems of its own: make it with a Network")
	}
	d := &Disk{c: c, name: name}
	image := c.path(name + ".img")
	file, err := os.Create(image)
	if err == nil {
		err = file.Truncate(int64(megabytes) << 20)
		_ = file.Close()
	}
	if err == nil {
		err = os.Mkdir(d.Dir(), 0o700)
	}
	if err != nil {
		c.Fatalf("make disk %s: %v", name, err)
	}
	d.run("mkfs.ext4", "-q", "-F", "-m", "0", image)
	d.run("mount", "-o", "loop", image, d.Dir())
	return d
}

func (d *Disk) run(call ...string) {
	d.c.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(d.c.Context()), call[0], call[1:]...) //nolint:gosec // our own calls
	if out, err := cmd.CombinedOutput(); err != nil {
		d.c.Fatalf("%v: %v: %s", call, err, out)
	}
}

// Dir is where it is mounted.
func (d *Disk) Dir() string { return d.c.path(d.name) }

// RaftDisk is that of a master, of a cluster with Options.RaftDisk.
func (c *Cluster) RaftDisk(master *Process) *Disk { return c.disks[master.Name] }

// DatabaseDisk is MariaDB's, of a cluster with Options.DatabaseDisk.
func (c *Cluster) DatabaseDisk() *Disk { return c.disks["db"] }

// Freeze lets every write to it hang until Thaw; the processes that do so cannot
// even be killed.
func (d *Disk) Freeze() {
	d.c.Helper()
	d.c.Event("freeze the disk of %s", d.name)
	if err := entrust(d.Dir()); err != nil {
		d.c.Fatalf("%v", err)
	}
	d.run("fsfreeze", "-f", d.Dir())
	d.frozen = true
}

// Thaw lets writes go on; it does nothing to a disk that is not frozen.
func (d *Disk) Thaw() {
	d.c.Helper()
	if !d.frozen {
		return
	}
	d.c.Event("thaw the disk of %s", d.name)
	d.frozen = false
	d.run("fsfreeze", "-u", d.Dir())
	if err := relieve(d.Dir()); err != nil {
		d.c.Errorf("tell the guard of %s: %v", d.Dir(), err)
	}
}

const filler = "filler"

// Fill leaves no byte free on it.
func (d *Disk) Fill() {
	d.c.Helper()
	d.c.Event("fill the disk of %s", d.name)
	file, err := os.Create(filepath.Join(d.Dir(), filler))
	if err != nil {
		d.c.Fatalf("fill disk %s: %v", d.name, err)
	}
	defer func() { _ = file.Close() }()
	var free syscall.Statfs_t
	for size := int64(64 << 20); size >= 1024; { // the last pieces are small
		err := syscall.Fallocate(int(file.Fd()), 0, fileSize(file), size)
		if err != nil {
			size /= 2
		}
	}
	if err := syscall.Statfs(d.Dir(), &free); err == nil {
		d.c.Event("%d KiB are free on the disk of %s", int64(free.Bavail)*free.Bsize>>10, d.name) //nolint:gosec // far from the bounds
	}
}

func fileSize(file *os.File) int64 {
	info, err := file.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

// Drain makes room again.
func (d *Disk) Drain() {
	d.c.Helper()
	d.c.Event("make room on the disk of %s", d.name)
	if err := os.Remove(filepath.Join(d.Dir(), filler)); err != nil {
		d.c.Fatalf("make room on disk %s: %v", d.name, err)
	}
}

func (d *Disk) unmount() {
	// the guard lets go of it a moment after it was told to
	if !until(patience, func() bool { return syscall.Unmount(d.Dir(), 0) == nil }) {
		d.c.Errorf("disk %s cannot be unmounted", d.name)
	}
}
