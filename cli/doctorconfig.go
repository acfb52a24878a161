package cli

import (
	"errors"
	"strings"

	"github.com/goccy/go-yaml"

	"capricornus/common/config"
	"capricornus/common/fault"
)

// Kinds of configuration.
const (
	kindMaster = "master"
	kindWorker = "worker"
)

// configKind tells by its keys what a configuration is of: more keys that only
// a master has, or more that only a worker has. Empty: neither.
func configKind(text []byte) string {
	var doc map[string]any
	if yaml.Unmarshal(text, &doc) != nil {
		return ""
	}
	m, w := config.DefaultMaster(), config.DefaultWorker()
	ofMaster, ofWorker := firstKeys(m.Keys()), firstKeys(w.Keys())
	balance := 0
	for key := range doc {
		switch {
		case ofMaster[key] && !ofWorker[key]:
			balance++
		case ofWorker[key] && !ofMaster[key]:
			balance--
		}
	}
	switch {
	case balance > 0:
		return kindMaster
	case balance < 0:
		return kindWorker
	}
	return ""
}

// firstKeys are the keys of the first level.
func firstKeys(keys []config.Key) map[string]bool {
	out := map[string]bool{}
	for _, key := range keys {
		first, _, _ := strings.Cut(key.Path, ".")
		out[first] = true
	}
	return out
}

// badConfig makes a finding of each problem of a configuration.
func badConfig(err error) []finding {
	f, ok := asFaultError(err)
	if !ok {
		return []finding{failed("valid", "%s", err)}
	}
	lines := strings.Split(f.Message, "\n")
	if len(lines) > 1 {
		lines = lines[1:] // the first counts them
	}
	var found []finding
	for _, line := range lines {
		found = append(found, failed("valid", "%s", strings.TrimSpace(line)))
	}
	found[len(found)-1].Hint = f.Hint
	return found
}

// judgeSecret says how a file with a secret is.
func judgeSecret(check, path string, err error) finding {
	if err != nil {
		return failedBy(check, err)
	}
	return fine(check, "%s can be read by its owner and group only", path)
}

func asFaultError(err error) (*fault.Error, bool) { return errors.AsType[*fault.Error](err) }
