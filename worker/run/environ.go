package run

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

const tagName = "CAPRI_TAG"

// inherited are the worker's own variables a script gets to see. The rest of
// its environment, where secrets may be, stays its own.
func inherited() []string {
	return []string{
		"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR",
		"JAVA_HOME", "HADOOP_HOME", "HADOOP_CONF_DIR",
	}
}

// environ is the environment of an attempt: the allow-list, then what the task
// and the masters say, then what identifies the attempt and the account.
func environ(spec Spec, who *account) ([]string, error) {
	all := map[string]string{"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONUNBUFFERED": "1"}
	for _, name := range inherited() {
		if value, set := os.LookupEnv(name); set {
			all[name] = value
		}
	}
	if who != nil {
		all["HOME"], all["USER"], all["LOGNAME"], all["SHELL"] = who.home, who.name, who.name, "/bin/sh"
		delete(all, "TMPDIR")
	}
	maps.Copy(all, spec.Env)
	all["CAPRI_HOST"] = spec.Host
	tag, value, _ := strings.Cut(spec.Tag(), "=")
	all[tag] = value
	entries := make([]string, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if name == "" || strings.ContainsAny(name, "=\x00") || strings.ContainsRune(all[name], 0) {
			return nil, fmt.Errorf("%q is no environment variable: a name has no =, and neither name nor value a NUL", name)
		}
		entries = append(entries, name+"="+all[name])
	}
	return entries, nil
}
