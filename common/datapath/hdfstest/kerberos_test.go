package hdfstest

import (
	"testing"

	"github.com/colinmarc/hdfs/v2"
)

func TestKerberosLetsInWhoIsKnown(t *testing.T) {
	t.Parallel()
	c := StartKerberos(t)
	c.Put(t, "/a/b", []byte("known"))
	if got := string(c.Get(t, "/a/b")); got != "known" {
		t.Errorf("got %q, want known", got)
	}
	c.SafeMode(t, true)
	stranger := func(client *hdfs.Client) error {
		_, err := client.Stat("/a/b")
		return err
	}
	if err := At(c.Address()).connected(stranger); err == nil {
		t.Error("got no error without Kerberos, want the namenode to refuse")
	}
}
