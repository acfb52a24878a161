package cli

import (
	"context"

	"github.com/spf13/cobra"

	"capricornus/common/wire"
)

func qualityCommand(a *app) *cobra.Command {
	return group("quality", "Answer the data-quality gate", qualitySetCommand(a))
}

func qualitySetCommand(a *app) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "set BATCH run|block", Short: "Say whether a batch may run", Args: arguments(2, 2),
		Long: `Answers the data-quality gate of a batch: run lets it through and ends a block, block
holds it. A data-quality service answers by the same call; an operator may do it in its
stead. Answering twice is no harm, and an answer that comes too late changes nothing.`,
		Example: "  capri quality set dwd_access_d/20150518 run --reason 'checked by hand'",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			ref, err := parseRef(args[0])
			if err != nil {
				return err
			}
			reply, err := c.AnswerQuality(ctx, ref, wire.QualityAnswer{Answer: args[1], Reason: reason})
			if err != nil {
				return err
			}
			return a.show(reply, []string{reply.Batch}, func() { a.say("%s", answeredLine(reply)) })
		}),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` kept with the answer")
	return cmd
}

// answeredLine says what an answer has done.
func answeredLine(r wire.QualityReply) string {
	text := r.Batch + ": " + r.Answer
	if !r.Changed {
		text = r.Batch + ": nothing changed"
	}
	if r.Note != "" {
		text += "; " + r.Note
	}
	return text
}
