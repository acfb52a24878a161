package hdfs_test

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"capricornus/common/datapath"
	"capricornus/common/datapath/hdfs"
	"capricornus/common/datapath/hdfstest"
)

// TestKerberos has a Kerberos server, a namenode and a datanode that let in
// nobody without a ticket.
func TestKerberos(t *testing.T) {
	t.Parallel()
	c := hdfstest.StartKerberos(t)
	c.Touch(t, "/in/_SUCCESS")
	c.Put(t, "/in/data", []byte("some data"))
	c.Touch(t, "/closed/in/_SUCCESS")
	c.Chmod(t, "/closed", 0o700)
	good := hdfs.Config{
		Namenodes: c.Namenodes(),
		Kerberos: hdfs.Kerberos{
			Principal: "capri@" + hdfstest.Realm, Keytab: filepath.Join(c.KDC, "capri.keytab"),
			Config: filepath.Join(c.KDC, "krb5.conf"), Service: "nn/_HOST",
		},
	}
	known := newLooker(t, good)
	known.ready(t, "with a ticket", "hdfs:///in")
	_, err := known.Ready(t.Context(), "hdfs:///closed/in", "")
	if err == nil || datapath.Unavailable(err) || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("got %v of a path that others may not see, want a refusal of this path alone", err)
	}
	for _, protection := range []string{"", "authentication", "integrity", "privacy"} {
		cfg := good
		cfg.Protection = protection
		reads(t, newLooker(t, cfg), protection)
	}

	t.Run("WithoutATicket", func(t *testing.T) {
		newLooker(t, hdfs.Config{Namenodes: c.Namenodes()}).away(t, "no Kerberos", "hdfs:///in")
	})
	t.Run("AnotherService", func(t *testing.T) {
		cfg := good
		cfg.Kerberos.Service = "hdfs/_HOST"
		newLooker(t, cfg).away(t, "a service that is unknown", "hdfs:///in")
	})
	t.Run("WrongKeys", func(t *testing.T) {
		cfg := good
		cfg.Kerberos.Keytab = filepath.Join(c.KDC, "dn.keytab")
		newLooker(t, cfg).away(t, "keys of somebody else", "hdfs:///in")
	})
	t.Run("SafeMode", func(t *testing.T) {
		c.SafeMode(t, true)
		fresh := newLooker(t, good)
		fresh.away(t, "in safe mode", "hdfs:///in")
		c.SafeMode(t, false)
		fresh.comesBack(t)
		fresh.ready(t, "out of safe mode", "hdfs:///in")
	})
	t.Run("KerberosServerAway", func(t *testing.T) {
		c.StopKDC(t)
		known.ready(t, "with a ticket from before", "hdfs:///in")
		late := newLooker(t, good)
		late.away(t, "without a ticket yet", "hdfs:///in")
		c.StartKDC(t)
		late.comesBack(t)
		late.ready(t, "with the server back", "hdfs:///in")
	})
}

// reads wants the content of a file, which the datanode hands out.
func reads(t *testing.T, l *looker, protection string) {
	t.Helper()
	file, err := l.Open(t.Context(), "hdfs:///in/data")
	if err != nil {
		t.Errorf("protection %q: %v", protection, err)
		return
	}
	content, err := io.ReadAll(file)
	if err != nil || string(content) != "some data" {
		t.Errorf("protection %q: got %q, error %v; want some data", protection, content, err)
	}
	if err := file.Close(); err != nil {
		t.Errorf("protection %q: close: %v", protection, err)
	}
}
