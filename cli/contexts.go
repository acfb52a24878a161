package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/goccy/go-yaml"

	"capricornus/common/config"
	"capricornus/common/fault"
)

// contexts is the file that says where a person's clusters are, and as whom
// they are spoken to.
type contexts struct {
	Current  string       `yaml:"current,omitempty"`
	Contexts []savedPlace `yaml:"contexts"`
}

// savedPlace is one context: a cluster, and a token for it and for nobody else.
type savedPlace struct {
	Name       string    `yaml:"name"`
	Addr       []string  `yaml:"addr"`
	CA         string    `yaml:"ca,omitempty"`
	Token      string    `yaml:"token,omitempty"`
	TokenFile  string    `yaml:"tokenFile,omitempty"`
	User       string    `yaml:"user,omitempty"`
	Expires    time.Time `yaml:"expires,omitempty"`
	Production bool      `yaml:"production,omitempty"`
}

var contextName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// checkContextName refuses names that would be mistaken for something else.
func checkContextName(name string) error {
	if contextName.MatchString(name) {
		return nil
	}
	return fault.New(fault.Usage, "%q is no name of a context: write letters, digits, dots, dashes and underscores", name)
}

// contextsFile is where the contexts are kept; "" when there is no home to
// keep them in.
func (a *app) contextsFile() string {
	dir := a.env("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) { // a relative one is to be ignored, says the standard
		home := a.env("HOME")
		if home == "" {
			return ""
		}
		dir = filepath.Join(home, ".config")
	}
	return filepath.Join(dir, "capri", "config.yaml")
}

// contexts reads the file; without one there are none.
func (a *app) contexts() (contexts, error) {
	path := a.contextsFile()
	if path == "" {
		return contexts{}, nil
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return contexts{}, nil
	}
	text, readErr := os.ReadFile(path)
	if err = errors.Join(err, readErr); err != nil {
		return contexts{}, fileFault(fault.Invalid, err, path)
	}
	return parseContexts(path, info.Mode().Perm(), text)
}

// parseContexts refuses a file that others can read once there is something in
// it that they must not.
func parseContexts(path string, mode fs.FileMode, text []byte) (contexts, error) {
	var all contexts
	if err := yaml.UnmarshalWithOptions(text, &all, yaml.Strict()); err != nil && strings.TrimSpace(string(text)) != "" {
		// The parser's own words would show the lines around, tokens included.
		return contexts{}, fault.New(fault.Invalid, "%s is not a file of contexts: %s", path, yamlPlace(err)).
			WithHint("capri help environment shows its form; without the file there are no contexts")
	}
	if mode&0o077 != 0 && slices.ContainsFunc(all.Contexts, func(p savedPlace) bool { return p.Token != "" }) {
		return contexts{}, fault.New(fault.Invalid, "%s holds tokens and others on this machine can read it", path).
			WithHint("chmod 600 %s, and have the tokens revoked if somebody may have seen them", path)
	}
	for i, place := range all.Contexts {
		if err := checkContextName(place.Name); err != nil {
			return contexts{}, fault.New(fault.Invalid, "%s: context %d: %s", path, i+1, err)
		}
		if _, again := all.find(place.Name); again != i {
			return contexts{}, fault.New(fault.Invalid, "%s: context %s stands there twice", path, place.Name)
		}
	}
	return all, nil
}

// yamlPlace says what is wrong with YAML without quoting it.
func yamlPlace(err error) string {
	var syntax yaml.Error
	if errors.As(err, &syntax) && syntax.GetToken() != nil {
		at := syntax.GetToken().Position
		return fmt.Sprintf("line %d, column %d is not understood", at.Line, at.Column)
	}
	return "it is not YAML of that form"
}

// find returns a context and its index, -1 when there is none.
func (c contexts) find(name string) (savedPlace, int) {
	i := slices.IndexFunc(c.Contexts, func(p savedPlace) bool { return p.Name == name })
	if i < 0 {
		return savedPlace{}, -1
	}
	return c.Contexts[i], i
}

// named is find that knows what to say when there is none.
func (c contexts) named(name string) (savedPlace, error) {
	place, i := c.find(name)
	if i >= 0 {
		return place, nil
	}
	err := fault.New(fault.NotFound, "there is no context %q", name)
	names := c.names()
	if near := config.Nearest(name, names); near != "" {
		return place, err.WithHint("did you mean %s?", near)
	}
	if len(names) == 0 {
		return place, err.WithHint("capri login ADDR --context %s makes one", name)
	}
	return place, err.WithHint("there are: %s", strings.Join(names, ", "))
}

func (c contexts) names() []string {
	return namesOf(c.Contexts, func(p savedPlace) string { return p.Name })
}

// put adds a context or replaces the one of its name.
func (c *contexts) put(place savedPlace) {
	if _, i := c.find(place.Name); i >= 0 {
		c.Contexts[i] = place
		return
	}
	c.Contexts = append(c.Contexts, place)
	slices.SortFunc(c.Contexts, func(a, b savedPlace) int { return strings.Compare(a.Name, b.Name) })
}

func (c *contexts) remove(name string) {
	c.Contexts = slices.DeleteFunc(c.Contexts, func(p savedPlace) bool { return p.Name == name })
	if c.Current == name {
		c.Current = ""
	}
}

// changeContexts reads the file, has it changed and writes it as a whole, one
// command at a time: two logins at once both count.
func (a *app) changeContexts(change func(*contexts) error) error {
	path := a.contextsFile()
	if path == "" {
		return fault.New(fault.Invalid, "there is no place for contexts: neither HOME nor XDG_CONFIG_HOME is set")
	}
	if whole, err := filepath.EvalSymlinks(path); err == nil {
		path = whole // a link that somebody has made stays one
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fault.Wrap(fault.Invalid, err, "%s cannot be made: %s", filepath.Dir(path), reasonOf(err))
	}
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "%s cannot be written: %s", path, reasonOf(err))
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fault.Wrap(fault.Invalid, err, "%s cannot be locked: %s", path, reasonOf(err))
	}
	all, err := a.contexts()
	if err != nil {
		return err
	}
	if err := change(&all); err != nil {
		return err
	}
	text, err := yaml.Marshal(all)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "the contexts cannot be written as YAML")
	}
	return replaceFile(path, strings.TrimRight(string(text), "\n"))
}
