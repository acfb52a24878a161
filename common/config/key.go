package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind says how a key is written.
type Kind string

// The kinds. In the environment and in flags a list is written a,b and a map
// is written a=1,b=2.
const (
	KindText   Kind = "text"
	KindNumber Kind = "number"
	KindSize   Kind = "size"
	KindTime   Kind = "time"
	KindSwitch Kind = "switch"
	KindList   Kind = "list"
	KindMap    Kind = "map"
)

// value is what was written for a key, before it is understood. Exactly one
// of the fields is meant, by the key's kind.
type value struct {
	text  string
	list  []string
	pairs map[string]string
}

// Key is one key of a configuration file and where it lives.
type Key struct {
	Path    string // dotted, as nested in the file: database.dsn_file
	About   string // what it means; a word in back quotes stands for the value
	Kind    Kind
	Secret  bool // never printed
	NoFlag  bool // comes from a file or the environment only, as secrets do
	set     func(value) error
	get     func() string
	environ string

	// Of a key in sections that people name: makes that of one name, which is
	// then there; and lists the names.
	of    func(name string) Key
	names func() []string
}

// Environ is the name of the environment variable that sets the key.
func (k Key) Environ() string { return k.environ }

// Flag is the name of the flag that sets the key, empty when there is none.
func (k Key) Flag() string {
	if k.NoFlag {
		return ""
	}
	return strings.NewReplacer(".", "-", "_", "-").Replace(k.Path)
}

// Value is the present value as it would be written, redacted if secret.
func (k Key) Value() string {
	if k.Secret && k.get() != "" {
		return redacted
	}
	return k.get()
}

func withEnviron(prefix string, keys []Key) []Key {
	for i := range keys {
		keys[i].environ = prefix + strings.ToUpper(strings.ReplaceAll(keys[i].Path, ".", "_"))
	}
	return keys
}

func textKey(path string, at *string, about string) Key {
	return Key{
		Path: path, About: about, Kind: KindText,
		get: func() string { return *at },
		set: func(v value) error { *at = v.text; return nil },
	}
}

func secretKey(path string, at *Secret, about string) Key {
	return Key{
		Path: path, About: about, Kind: KindText, Secret: true, NoFlag: true,
		get: func() string { return at.Reveal() },
		set: func(v value) error { *at = Secret(v.text); return nil },
	}
}

func intKey(path string, at *int, about string) Key {
	return Key{
		Path: path, About: about, Kind: KindNumber,
		get: func() string { return strconv.Itoa(*at) },
		set: func(v value) error {
			n, err := strconv.Atoi(v.text)
			if err != nil {
				return fmt.Errorf("%q is not a whole number", v.text)
			}
			*at = n
			return nil
		},
	}
}

func floatKey(path string, at *float64, about string) Key {
	return Key{
		Path: path, About: about, Kind: KindNumber,
		get: func() string { return strconv.FormatFloat(*at, 'f', -1, 64) },
		set: func(v value) error {
			n, err := strconv.ParseFloat(v.text, 64)
			if err != nil {
				return fmt.Errorf("%q is not a number", v.text)
			}
			*at = n
			return nil
		},
	}
}

func sizeKey(path string, at *Size, about string) Key {
	return Key{
		Path: path, About: about, Kind: KindSize,
		get: func() string { return at.String() },
		set: func(v value) (err error) {
			size, err := ParseSize(v.text)
			if err == nil {
				*at = size
			}
			return err
		},
	}
}

func durationKey(path string, at *time.Duration, about string) Key {
	return Key{
		Path: path, About: about, Kind: KindTime,
		get: func() string { return shortDuration(*at) },
		set: func(v value) error {
			length, err := time.ParseDuration(v.text)
			if err != nil && v.text != "0" {
				return fmt.Errorf("%q is not a length of time: write a number with ms, s, m or h, for example 30s or 10m", v.text)
			}
			*at = length
			return nil
		},
	}
}

// shortDuration writes 10m0s as 10m and 168h0m0s as 168h.
func shortDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func switchKey(path string, at *bool, about string) Key {
	return Key{
		Path: path, About: about, Kind: KindSwitch,
		get: func() string { return strconv.FormatBool(*at) },
		set: func(v value) error {
			if v.text != "true" && v.text != "false" {
				return fmt.Errorf("%q is neither true nor false", v.text)
			}
			*at = v.text == "true"
			return nil
		},
	}
}

func listKey(path string, at *[]string, about string) Key {
	return Key{
		Path: path, About: about, Kind: KindList,
		get: func() string { return strings.Join(*at, ",") },
		set: func(v value) error { *at = v.list; return nil },
	}
}

func mapKey(path string, at *map[string]string, about string) Key {
	return Key{
		Path: path, About: about, Kind: KindMap,
		get: func() string { return joinPairs(*at) },
		set: func(v value) error { *at = v.pairs; return nil },
	}
}

// secretMapKey is a map whose values are not shown.
func secretMapKey(path string, at *map[string]Secret, about string) Key {
	return Key{
		Path: path, About: about, Kind: KindMap, Secret: true, NoFlag: true,
		get: func() string { return strings.Join(slices.Sorted(maps.Keys(*at)), ",") },
		set: func(v value) error {
			*at = make(map[string]Secret, len(v.pairs))
			for name, text := range v.pairs {
				(*at)[name] = Secret(text)
			}
			return nil
		},
	}
}

func joinPairs(pairs map[string]string) string {
	parts := make([]string, 0, len(pairs))
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		parts = append(parts, name+"="+pairs[name])
	}
	return strings.Join(parts, ",")
}

// parseLine reads a value of the key from one line of text: a flag or an
// environment variable.
func (k Key) parseLine(text string) (value, error) {
	switch k.Kind {
	case KindText, KindNumber, KindSize, KindTime, KindSwitch:
		return value{text: text}, nil
	case KindList:
		return value{list: splitList(text)}, nil
	case KindMap:
		pairs := map[string]string{}
		for _, part := range splitList(text) {
			name, rest, found := strings.Cut(part, "=")
			if !found || name == "" {
				return value{}, fmt.Errorf("%q is not name=value", part)
			}
			pairs[name] = rest
		}
		return value{pairs: pairs}, nil
	}
	return value{}, fmt.Errorf("key %s has no kind", k.Path)
}

func splitList(text string) []string {
	var parts []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
