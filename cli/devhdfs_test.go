package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"capricornus/common/config"
	"capricornus/common/fault"
)

func TestHDFSThatCannotStartSaysWhatIsMissing(t *testing.T) {
	t.Setenv("JAVA_HOME", "/no/java/here")
	var said bytes.Buffer
	d := &devCluster{app: newApp(strings.NewReader(""), &said, &said), cfg: config.Dev{HDFS: true}, dir: t.TempDir()}
	stop, err := d.startHDFS(t.Context())
	if fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "JAVA_HOME is /no/java/here, where there is no bin/java") {
		t.Errorf("got %v, want that there is no Java", err)
	}
	if err := stop(); err != nil {
		t.Errorf("got %v from a stop of what did not start, want nothing", err)
	}
	if !strings.Contains(said.String(), "can take a minute") {
		t.Errorf("said %q, want that it can take a minute", said.String())
	}
}

// capri dev installs nothing on anybody's machine.
func TestHDFSInstallsNoPackages(t *testing.T) {
	t.Parallel()
	own := &ownHDFS{dir: t.TempDir()}
	if err := own.unpack(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", filepath.Join(own.dir, "scripts", "package.sh"), "no-such-command", "deb-of-it", "rpm-of-it", "apk-of-it")
	cmd.Env = append(os.Environ(), "CAPRI_INSTALL=no")
	said, err := cmd.CombinedOutput()
	if err == nil || !strings.HasPrefix(string(said), "no-such-command is not installed: install it first, for example by 'apt-get install deb-of-it'") {
		t.Errorf("got error %v, said %q; want a refusal that says what to install", err, said)
	}
}

func TestHDFSThatIsThereIsUsedInsteadOfAnOwnOne(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	d := &devCluster{app: newApp(strings.NewReader(""), &said, &said), cfg: config.Dev{HDFS: true, Namenodes: []string{"nn1:8020"}}, dir: t.TempDir()}
	stop, err := d.startHDFS(t.Context())
	if err != nil || stop() != nil || said.Len() > 0 || d.hdfs().Namenodes[0] != "nn1:8020" {
		t.Errorf("got error %v, said %q, namenodes %v; want nn1:8020 and nothing started", err, said.String(), d.hdfs().Namenodes)
	}
}
