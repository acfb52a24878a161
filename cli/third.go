package cli

import (
	"context"

	"github.com/spf13/cobra"

	"capricornus/common/wire"
)

func thirdCommand(a *app) *cobra.Command {
	return group("third", "Tell of data that other systems have delivered", thirdPutCommand(a))
}

func thirdPutCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "put CODE KEY", Short: "Announce that data has arrived", Args: arguments(2, 2),
		Long:    "Announces data of an external system. Batches that wait for it go on at once. Doing it twice is no harm.",
		Example: "  capri third put pay-settle 20150518",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			request := wire.ThirdPartyRequest{Code: args[0], Key: args[1]}
			if err := c.Announce(ctx, request); err != nil {
				return err
			}
			return a.show(request, []string{request.Code + "/" + request.Key}, func() {
				a.say("announced %s/%s: batches that wait for it go on by themselves", request.Code, request.Key)
			})
		}),
	}
}
