package cli

import (
	"context"
	"net"

	"github.com/spf13/cobra"

	"capricornus/worker/httpcall"
)

// httpCallName is how workers call the command below.
const httpCallName = "http-call"

// httpCallCommand is started by workers, not by people: it is what an attempt
// of an http task runs.
func httpCallCommand(a *app) *cobra.Command {
	return withoutMaster(&cobra.Command{
		Use: httpCallName + " FILE", Short: "Make the call of an http task", Args: arguments(1, 1), Hidden: true,
		RunE: a.do(func(ctx context.Context, args []string) error {
			if code := httpcall.Run(ctx, args[0], net.DefaultResolver, a.out); code != httpcall.ExitSuccess {
				return &outcome{code: code}
			}
			return nil
		}),
	})
}
