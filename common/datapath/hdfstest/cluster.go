package hdfstest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	krb "github.com/jcmturner/gokrb5/v8/client"
	krbconfig "github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/keytab"
)

// HA makes Start start two namenodes of one file system.
const HA = "--ha"

// Realm is the realm of StartKerberos.
const Realm = "EXAMPLE.COM"

// Cluster is an HDFS of one test, which may break it.
type Cluster struct {
	*Files
	Dir     string // logs and data
	KDC     string // where krb5.conf and the keytabs are; empty: no Kerberos
	address string
}

// Start starts an HDFS, which takes a few seconds, and stops it when the test
// ends. Its one option is HA.
func Start(t testing.TB, options ...string) *Cluster {
	t.Helper()
	leaveOut(t)
	c := &Cluster{Dir: t.TempDir()}
	t.Cleanup(func() { c.stop(t) })
	c.address = strings.TrimSpace(run(t, "dev-hdfs.sh", append([]string{"start", c.Dir}, options...)...))
	c.Files = At(c.address)
	return c
}

// StartKerberos starts a Kerberos server and an HDFS that lets in nobody it does
// not know. The keytab of capri@EXAMPLE.COM is KDC/capri.keytab.
func StartKerberos(t testing.TB) *Cluster {
	t.Helper()
	leaveOut(t)
	kdc := t.TempDir()
	t.Cleanup(func() { run(t, "dev-kdc.sh", "stop", kdc) })
	run(t, "dev-kdc.sh", "start", kdc)
	c := Start(t, "--kerberos", kdc)
	c.KDC = kdc
	c.kerberos = func() (*krb.Client, error) { return login(kdc, "nn/localhost", "nn.keytab") }
	return c
}

// StopKDC ends the Kerberos server; StartKDC starts it again where it was.
func (c *Cluster) StopKDC(t testing.TB) { t.Helper(); run(t, "dev-kdc.sh", "stop", c.KDC) }

// StartKDC starts the Kerberos server again.
func (c *Cluster) StartKDC(t testing.TB) { t.Helper(); run(t, "dev-kdc.sh", "start", c.KDC) }

// login is a Kerberos client of one of the server's principals.
func login(kdc, principal, keys string) (*krb.Client, error) {
	cfg, err := krbconfig.Load(filepath.Join(kdc, "krb5.conf"))
	if err != nil {
		return nil, err
	}
	tab, err := keytab.Load(filepath.Join(kdc, keys))
	if err != nil {
		return nil, err
	}
	client := krb.NewWithKeytab(principal, Realm, tab, cfg, krb.DisablePAFXFAST(true))
	return client, client.Login()
}

// Address is the namenodes' addresses as --namenodes takes them: host:port,
// with a comma between two.
func (c *Cluster) Address() string { return c.address }

// Namenodes are the namenodes' addresses.
func (c *Cluster) Namenodes() []string { return strings.Split(c.address, ",") }

// PauseNamenode makes the first namenode hang: it answers nothing, though its
// connections stay.
func (c *Cluster) PauseNamenode(t testing.TB) { t.Helper(); c.Namenode(t, "pause", 1) }

// ResumeNamenode lets the first namenode go on.
func (c *Cluster) ResumeNamenode(t testing.TB) { t.Helper(); c.Namenode(t, "resume", 1) }

// KillNamenode ends the first namenode as kill -9 does.
func (c *Cluster) KillNamenode(t testing.TB) { t.Helper(); c.Namenode(t, "kill", 1) }

// StartNamenode starts the first namenode again. It is in safe mode until the
// datanode has reported, which takes a second or two.
func (c *Cluster) StartNamenode(t testing.TB) { t.Helper(); c.Namenode(t, "start", 1) }

// Namenode does pause, resume, kill or start to the n-th namenode, from 1.
func (c *Cluster) Namenode(t testing.TB, action string, n int) {
	t.Helper()
	run(t, "dev-hdfs.sh", "namenode", action, c.Dir, strconv.Itoa(n))
}

// PauseDatanode makes the datanode hang.
func (c *Cluster) PauseDatanode(t testing.TB) { t.Helper(); c.datanode(t, "pause") }

// ResumeDatanode lets the datanode go on.
func (c *Cluster) ResumeDatanode(t testing.TB) { t.Helper(); c.datanode(t, "resume") }

// KillDatanode ends the datanode as kill -9 does. The namenode takes it for dead
// after twelve seconds.
func (c *Cluster) KillDatanode(t testing.TB) { t.Helper(); c.datanode(t, "kill") }

// StartDatanode starts the datanode again, and returns when it has reported.
func (c *Cluster) StartDatanode(t testing.TB) { t.Helper(); c.datanode(t, "start") }

func (c *Cluster) datanode(t testing.TB, action string) {
	t.Helper()
	run(t, "dev-hdfs.sh", "datanode", action, c.Dir)
}

// SafeMode makes the namenode enter safe mode, where nothing can be written, or
// leave it.
func (c *Cluster) SafeMode(t testing.TB, on bool) {
	t.Helper()
	action := "leave"
	if on {
		action = "enter"
	}
	run(t, "dev-hdfs.sh", "safemode", action, c.Dir)
}

// Failover makes the other of two namenodes the active one, whatever became of
// the first.
func (c *Cluster) Failover(t testing.TB) {
	t.Helper()
	run(t, "dev-hdfs.sh", "failover", c.Dir)
}

func (c *Cluster) stop(t testing.TB) {
	t.Helper()
	run(t, "dev-hdfs.sh", "stop", c.Dir)
	if !t.Failed() {
		return
	}
	logs, err := filepath.Glob(filepath.Join(c.Dir, "*.log"))
	if err != nil {
		t.Error(err)
	}
	for _, name := range logs {
		text, err := os.ReadFile(name)
		t.Logf("%s ends with (error %v)\n%s", filepath.Base(name), err, text[max(0, len(text)-4000):])
	}
}

// run runs one of the module's scripts and returns what it prints.
func run(t testing.TB, script string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "sh", append([]string{filepath.Join(root(t), "scripts", script)}, args...)...) //nolint:gosec // scripts of this module
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", script, strings.Join(args, " "), err, said.String())
	}
	return out.String()
}

// root is the module's directory, above the package that is tested.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("found no go.mod above this package")
	return ""
}
