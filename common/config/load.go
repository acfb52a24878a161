package config

import (
	"errors"
	"io/fs"
	"os"

	"capricornus/common/fault"
)

// Source says where a configuration is read from.
type Source struct {
	File     string                      // path of the YAML file; empty: none
	Environ  func(string) (string, bool) // os.LookupEnv, or a map in tests; nil: nothing
	Flags    map[string]string           // values by the path of their key, as given on the command line
	Hostname string                      // names the node or worker that the file does not name; empty: asked of the system
}

// LoadMaster reads, completes and checks the configuration of a master.
func LoadMaster(source Source) (Master, error) {
	m := DefaultMaster()
	err := load(source, m.Keys(), func(hostname string) error {
		m.complete(hostname)
		return m.Validate()
	})
	return m, err
}

// LoadWorker reads, completes and checks the configuration of a worker.
func LoadWorker(source Source) (Worker, error) {
	w := DefaultWorker()
	err := load(source, w.Keys(), func(hostname string) error {
		w.complete(hostname)
		return w.Validate()
	})
	return w, err
}

// LoadDev reads and checks the configuration of `capri dev`.
func LoadDev(source Source) (Dev, error) {
	d := DefaultDev()
	err := load(source, d.Keys(), func(string) error { return d.Validate() })
	return d, err
}

// load fills the keys from all sources, then completes and validates. It gives
// every problem the place its value came from.
func load(source Source, keys []Key, finish func(hostname string) error) error {
	origins := map[string]string{}
	problems, err := readFile(source.File, keys, origins)
	if err != nil {
		return err
	}
	for _, key := range expanded(keys) {
		if text, found := lookup(source.Environ, key.Environ()); found {
			problems = append(problems, override(key, text, key.Environ(), origins)...)
		}
		if text, found := source.Flags[key.Path]; found {
			problems = append(problems, override(key, text, "--"+key.Flag(), origins)...)
		}
	}
	hostname, err := hostnameOf(source)
	if err != nil {
		return err
	}
	if invalid, ok := errors.AsType[InvalidError](finish(hostname)); ok {
		for _, problem := range invalid {
			problem.From = originOf(origins, problem.Path)
			problems = append(problems, problem)
		}
	}
	return problems.asFault()
}

func readFile(path string, keys []Key, origins map[string]string) (InvalidError, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(fault.NotFound, err, "configuration file %s does not exist", path)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "configuration file %s cannot be read", path)
	}
	r := reader{file: path, keys: keys, origins: origins}
	r.read(data)
	return r.problems, nil
}

func lookup(environ func(string) (string, bool), name string) (string, bool) {
	if environ == nil {
		return "", false
	}
	text, found := environ(name)
	return text, found && text != ""
}

// override sets one key from a line of text. What is wrong with a secret is
// said without the secret.
func override(key Key, text, from string, origins map[string]string) InvalidError {
	v, err := key.parseLine(text)
	if err == nil {
		err = key.set(v)
	}
	if err != nil {
		return InvalidError{{Path: key.Path, Text: err.Error(), From: from}}
	}
	origins[key.Path] = from
	return nil
}

func hostnameOf(source Source) (string, error) {
	if source.Hostname != "" {
		return source.Hostname, nil
	}
	name, err := os.Hostname()
	if err != nil {
		return "", fault.Wrap(fault.Internal, err, "this machine does not tell its host name")
	}
	return name, nil
}
