package main_test

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// unit reads a systemd unit: the values of each key, in order, by section and key.
func unit(t *testing.T, file string) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	values, section := map[string][]string{}, ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		key, value, assigns := strings.Cut(line, "=")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			section = strings.Trim(line, "[]")
		case !assigns || section == "" || strings.HasSuffix(line, `\`):
			t.Errorf("%s: got a line %q, want a section or key=value", file, line)
		default:
			values[section+"."+key] = append(values[section+"."+key], value)
		}
	}
	return values
}

// TestUnits holds what must not get lost when somebody tidies the units up.
func TestUnits(t *testing.T) {
	common := map[string]string{
		"Unit.Wants": "network-online.target", "Unit.After": "network-online.target", "Unit.StartLimitIntervalSec": "0",
		"Service.Restart": "always", "Service.RestartSec": "1", "Service.Type": "exec", "Service.LimitNOFILE": "65536",
		"Install.WantedBy": "multi-user.target",
	}
	for name, own := range map[string]map[string]string{
		"master": {
			"Service.User": "capri", "Service.StateDirectory": "capri/raft", "Service.StateDirectoryMode": "0700",
			"Service.NoNewPrivileges": "yes", "Service.ProtectSystem": "strict", "Service.CapabilityBoundingSet": "",
		},
		"worker": {
			"Service.User": "root", "Service.KillMode": "process", "Service.OOMPolicy": "continue",
			"Service.Delegate": "memory pids", "Service.DelegateSubgroup": "capri-worker", "Service.TasksMax": "infinity",
		},
	} {
		values := unit(t, "conf/capri-"+name+".service")
		wants := func(key, want string) {
			if !slices.Equal(values[key], []string{want}) {
				t.Errorf("%s: got %s=%q, want %q once", name, key, values[key], want)
			}
		}
		for key, want := range common {
			wants(key, want)
		}
		for key, want := range own {
			wants(key, want)
		}
		wants("Service.ExecStart", "/usr/bin/capri "+name+" --config /etc/capri/"+name+".yaml")
	}
	// What locks the worker in locks its scripts in.
	for key := range unit(t, "conf/capri-worker.service") {
		for _, lock := range []string{"Protect", "Private", "Restrict", "ReadOnly", "Inaccessible", "SystemCall", "Memory", "NoNewPrivileges", "Capability"} {
			if strings.HasPrefix(key, "Service."+lock) {
				t.Errorf("the worker's unit has %s, which holds for scripts, too", key)
			}
		}
	}
}
