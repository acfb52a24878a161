package cli

import (
	"log/slog"

	"github.com/spf13/cobra"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/common/logs"
)

// daemonFlags are the flags of a command that has a configuration: --config,
// --log-level and one for each key that may be a flag.
type daemonFlags struct {
	app   *app
	cmd   *cobra.Command
	keys  []config.Key
	file  string
	level string
}

func (a *app) daemonFlags(cmd *cobra.Command, keys []config.Key) *daemonFlags {
	f := &daemonFlags{app: a, cmd: cmd, keys: keys}
	flags := cmd.Flags()
	flags.StringVar(&f.file, "config", "", "`FILE` of configuration, see `capri config reference`")
	flags.StringVar(&f.level, "log-level", "info", "least level of what is logged, `debug|info|warn|error`")
	for _, key := range keys {
		switch {
		case key.Flag() == "":
		case key.Kind == config.KindSwitch:
			flags.Bool(key.Flag(), key.Value() == "true", key.About)
		default:
			flags.String(key.Flag(), key.Value(), key.About)
		}
	}
	withoutMaster(cmd)
	return f
}

// source is where the configuration is read from, with the flags that were
// given.
func (f *daemonFlags) source() config.Source {
	given := map[string]string{}
	for _, key := range f.keys {
		if flag := f.cmd.Flags().Lookup(key.Flag()); flag != nil && flag.Changed {
			given[key.Path] = flag.Value.String()
		}
	}
	return config.Source{File: f.file, Environ: f.app.environ, Flags: given}
}

// logger makes the daemon's logger; it writes to stderr.
func (f *daemonFlags) logger() (*slog.Logger, error) {
	level, err := logs.Level(f.level)
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "--log-level %s", err)
	}
	return logs.New(f.app.err, level), nil
}
