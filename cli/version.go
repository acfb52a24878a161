package cli

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/wire"
)

// statusTimeout bounds the look at a master that `version` takes in passing.
const statusTimeout = 2 * time.Second

// versions is what `version` prints.
type versions struct {
	Version  string       `json:"version"`
	Revision string       `json:"revision,omitempty"`
	Go       string       `json:"go"`
	Platform string       `json:"platform"`
	Master   *wire.Status `json:"master,omitempty"`
}

func versionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version of this program and of the master, if one answers", Args: arguments(0, 0),
		RunE: a.do(func(ctx context.Context, _ []string) error {
			v := ownVersion()
			v.Master = a.masterStatus(ctx)
			return a.show(v, []string{v.Version}, func() { a.drawVersion(v) })
		}),
	}
}

// ownVersion is what the Go tool wrote into the binary.
func ownVersion() versions {
	v := versions{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			v.Revision = setting.Value
		}
	}
	return v
}

func (a *app) masterStatus(ctx context.Context) *wire.Status {
	c, err := a.client()
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	status, err := c.Status(ctx)
	if err != nil {
		return nil
	}
	return &status
}

func (a *app) drawVersion(v versions) {
	a.print("capri %s (%s, %s)", v.Version, v.Go, v.Platform)
	if v.Master != nil {
		a.print("master %s %s, leader %s, term %d, zone %s",
			v.Master.Node, v.Master.Version, dash(v.Master.Leader), v.Master.Epoch, v.Master.Zone)
	}
}
