package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/config"
	"capricornus/common/fault"
)

func configCommand(a *app) *cobra.Command {
	return group("config", "Explain and check the configuration of daemons", configReferenceCommand(a), configCheckCommand(a))
}

// configKey is one key as `config reference -o json` prints it.
type configKey struct {
	Command string `json:"command"`
	Key     string `json:"key"`
	Kind    string `json:"kind"`
	Default string `json:"default"`
	Environ string `json:"environment"`
	Flag    string `json:"flag,omitempty"`
	About   string `json:"about"`
}

func configReferenceCommand(a *app) *cobra.Command {
	var form string
	cmd := withoutMaster(&cobra.Command{
		Use: "reference", Short: "Print every key with its default, environment variable and flag", Args: arguments(0, 0),
		Example: "  capri config reference --format md >keys.md",
		RunE: a.do(func(context.Context, []string) error {
			switch form {
			case "":
			case "md":
				a.markdownReference(config.Reference())
				return nil
			case string(formatJSON), string(formatYAML):
				a.flags.output = format(form)
			default:
				return fault.New(fault.Usage, "--format %q is not known: write md, yaml or json", form)
			}
			var keys []configKey
			for _, section := range config.Reference() {
				keys = append(keys, sectionKeys(section)...)
			}
			names := namesOf(keys, func(k configKey) string { return k.Environ })
			return a.show(keys, names, func() { a.drawReference(config.Reference()) })
		}),
	})
	cmd.Flags().StringVar(&form, "format", "", "print as `md|yaml|json`; yaml and json are what -o prints")
	return cmd
}

// markdownReference prints tables as docs/configuration.md has them.
func (a *app) markdownReference(sections []config.Section) {
	cell := strings.NewReplacer("|", `\|`, "\n", " ")
	for i, section := range sections {
		if i > 0 {
			a.print("")
		}
		a.print("## %s\n\n| key | default | meaning | environment, flag |\n|---|---|---|---|", section.Name)
		for _, key := range sectionKeys(section) {
			value, source := "", "`"+key.Environ+"`"
			if key.Default != "" {
				value = "`" + cell.Replace(key.Default) + "`"
			}
			if key.Flag != "" {
				source += ", `--" + key.Flag + "`"
			}
			a.print("| `%s` | %s | %s | %s |", key.Key, value, cell.Replace(key.About), source)
		}
	}
}

func sectionKeys(section config.Section) []configKey {
	keys := make([]configKey, len(section.Keys))
	for i, key := range section.Keys {
		keys[i] = configKey{
			Command: section.Name, Key: key.Path, Kind: string(key.Kind), Default: key.Value(),
			Environ: key.Environ(), Flag: key.Flag(), About: unquoted(key.About),
		}
	}
	return keys
}

func (a *app) drawReference(sections []config.Section) {
	for i, section := range sections {
		if i > 0 {
			a.print("")
		}
		a.print("%s  %s", a.paint(bold, section.Name), a.paint(grey, section.File))
		for _, key := range sectionKeys(section) {
			a.print("")
			value := ""
			if key.Default != "" {
				value = " " + key.Default
			}
			a.print("  %s:%s", a.paint(bold, key.Key), value)
			a.print("      %s", key.About)
			source := key.Environ
			if key.Flag != "" {
				source += "  --" + key.Flag
			}
			a.print("      %s", a.paint(grey, source))
		}
	}
}

// unquoted takes away the back quotes that mark a flag's placeholder.
func unquoted(about string) string {
	out := make([]rune, 0, len(about))
	for _, r := range about {
		if r != '`' {
			out = append(out, r)
		}
	}
	return string(out)
}
