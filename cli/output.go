package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"capricornus/common/fault"
)

// format is a way to print data; it is the value of -o.
type format string

const (
	formatTable format = "table"
	formatJSON  format = "json"
	formatYAML  format = "yaml"
	formatName  format = "name"
)

func formats() []string {
	return []string{string(formatTable), string(formatJSON), string(formatYAML), string(formatName)}
}

// String returns the format as it is written after -o.
func (f *format) String() string { return string(*f) }

// Type names the kind of value for help.
func (f *format) Type() string { return "format" }

// Set accepts a known format.
func (f *format) Set(text string) error {
	if slices.Contains(formats(), text) {
		*f = format(text)
		return nil
	}
	return fmt.Errorf("write %s", strings.Join(formats(), ", "))
}

// show prints a value the way -o asks: as it travelled, or its names one a
// line, or by draw for people.
func (a *app) show(value any, names []string, draw func()) error {
	switch a.flags.output {
	case formatJSON:
		return a.showJSON(value)
	case formatYAML:
		return a.showYAML(value)
	case formatName:
		for _, name := range names {
			a.print("%s", printable(name))
		}
	case formatTable:
		draw()
	}
	return nil
}

func (a *app) showJSON(value any) error {
	encoder := json.NewEncoder(a.out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fault.Wrap(fault.Internal, err, "the answer cannot be written as JSON")
	}
	return nil
}

// showYAML goes through JSON, so that names and omissions are the same. Control
// characters, which YAML forbids, are replaced: -o json keeps them.
func (a *app) showYAML(value any) error {
	text, err := json.Marshal(value)
	if err == nil {
		text, err = yaml.JSONToYAML(text)
	}
	if err != nil {
		return fault.Wrap(fault.Internal, err, "the answer cannot be written as YAML")
	}
	a.print("%s", strings.TrimRight(printable(string(text)), "\n"))
	return nil
}

// namesOf collects one name of each item.
func namesOf[T any](items []T, name func(T) string) []string {
	names := make([]string, len(items))
	for i, item := range items {
		names[i] = name(item)
	}
	return names
}
