package config

import (
	"maps"
	"slices"
	"strings"
)

// anyName stands in the table of keys for the names that people give to
// sections of their own, as in alerts.webhooks.NAME.url.
const anyName = "NAME"

// namedKeys are the keys of sections that people name. keysOf makes those of
// one name, with its section if there is none yet; names lists the sections
// that there are. Such keys have no flags, and the environment sets them only
// for names that the file has.
func namedKeys(names func() []string, example []Key, keysOf func(name string) []Key) []Key {
	keys := slices.Clone(example)
	for i := range keys {
		keys[i].NoFlag = true
		keys[i].names = names
		keys[i].of = func(name string) Key { return keysOf(name)[i] }
	}
	return keys
}

// named is the key of one name.
func (k Key) named(name string) Key {
	key := k.of(name)
	key.NoFlag = true
	key.environ = strings.Replace(k.environ, anyName, strings.ToUpper(name), 1)
	return key
}

// pathFor is the path of a key within the section that another path is in: of
// alerts.webhooks.NAME.url for alerts.webhooks.ops.format, alerts.webhooks.ops.url.
func (k Key) pathFor(path string) string {
	if k.of == nil {
		return k.Path
	}
	before, after, _ := strings.Cut(k.Path, anyName)
	rest, under := strings.CutPrefix(path, before)
	if !under || rest == "" {
		return k.Path
	}
	name, _, _ := strings.Cut(rest, ".")
	return before + name + after
}

// sectionOf is the name of the section that a path names by itself, as
// alerts.webhooks.ops does.
func (k Key) sectionOf(path string) (string, bool) {
	if k.of == nil {
		return "", false
	}
	before, _, _ := strings.Cut(k.Path, anyName)
	name, under := strings.CutPrefix(path, before)
	return name, under && name != "" && !strings.Contains(name, ".")
}

// expanded puts in place of keys with anyName those of the sections there are.
func expanded(keys []Key) []Key {
	out := make([]Key, 0, len(keys))
	for _, key := range keys {
		if key.of == nil {
			out = append(out, key)
			continue
		}
		for _, name := range key.names() {
			out = append(out, key.named(name))
		}
	}
	return out
}

func sortedNames[V any](sections map[string]V) func() []string {
	return func() []string { return slices.Sorted(maps.Keys(sections)) }
}

// originOf is where a value came from, or the section it is missing in.
func originOf(origins map[string]string, path string) string {
	for path != "" {
		if from := origins[path]; from != "" {
			return from
		}
		path = path[:max(0, strings.LastIndexByte(path, '.'))]
	}
	return ""
}
