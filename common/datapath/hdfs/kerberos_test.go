package hdfs_test

import (
	"io"
	"os"
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
		l := newLooker(t, hdfs.Config{Namenodes: c.Namenodes()})
		l.away(t, "no Kerberos", "hdfs:///in")
		if got := l.Health()[0].Err; !strings.Contains(got, "hdfs.kerberos.principal") {
			t.Errorf("got %q, want it to name the key that is missing", got)
		}
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

// A missing file of this host must not look like a missing path on HDFS.
func TestKerberosWithoutItsFilesIsNoAbsence(t *testing.T) {
	t.Parallel()
	realms := filepath.Join(t.TempDir(), "krb5.conf")
	if err := os.WriteFile(realms, []byte("[libdefaults]\n  default_realm = EXAMPLE.COM\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, files := range map[string]hdfs.Kerberos{
		"NoKeytab": {Keytab: "/not/there", Config: realms},
		"NoConfig": {Keytab: "/not/there", Config: "/not/there/either"},
	} {
		t.Run(name, func(t *testing.T) {
			files.Principal, files.Service = "capri@EXAMPLE.COM", "nn/_HOST"
			l := newLooker(t, hdfs.Config{Namenodes: []string{"127.0.0.1:1"}, Kerberos: files})
			l.away(t, name, "hdfs:///in")
			if got := l.Health()[0].Err; !strings.Contains(got, "/not/there") {
				t.Errorf("got %q, want it to name the file", got)
			}
		})
	}
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
