package hdfstest

import (
	"bytes"
	"testing"
)

// TestAnHDFSOfOnesOwn goes through what tests do to a cluster; each step is one
// that the real thing answers to.
func TestAnHDFSOfOnesOwn(t *testing.T) {
	t.Parallel()
	c := Start(t)
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<17) // two blocks
	c.Put(t, "/a/b", content)
	if got := c.Get(t, "/a/b"); !bytes.Equal(got, content) {
		t.Errorf("got %d bytes, want the %d that were put", len(got), len(content))
	}
	c.KillNamenode(t)
	c.StartNamenode(t)
	c.SafeMode(t, true)
	if !c.Exists(t, "/a/b") {
		t.Error("a file is gone after the namenode was killed")
	}
	c.SafeMode(t, false)
	c.Remove(t, "/a")
	if c.Exists(t, "/a/b") {
		t.Error("a file is there after it was removed")
	}
}

func TestDirIsTheTestsOwn(t *testing.T) {
	t.Parallel()
	address := Shared(t)
	var dir string
	t.Run("Inside", func(t *testing.T) {
		dir = Dir(t, address)
		At(address).Touch(t, dir+"/_SUCCESS")
		if dir == Dir(t, address) {
			t.Errorf("got the directory %s twice", dir)
		}
	})
	if At(address).Exists(t, dir) {
		t.Errorf("%s is there after its test", dir)
	}
}
