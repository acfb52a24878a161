package cli

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func alertTestCommand(a *app) *cobra.Command {
	var request wire.TestAlertRequest
	var timeout time.Duration
	cmd := &cobra.Command{
		Use: "test --channel CHANNEL", Short: "Send a test message as alerts are sent, and show what the other side answered", Args: arguments(0, 0),
		Long: `Puts a test message among those that the leader sends, with the channels of its
configuration, and waits for the answer. It is tried once. Exit code 0 when the other side
took it, 1 when it did not, 8 when there was no answer in time.

Without --to it goes to who calls. --lang is as for capri batch why; without it, the
message is in the language that its user has chosen.`,
		Example: "  capri alert test --channel mail\n  capri alert test --channel sms --to bob\n  capri alert test --channel phone --to 13800000000\n  capri alert test --channel webhook:ops",
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			if request.Channel == "" {
				return fault.New(fault.Usage, "which channel is to be tried?").WithHint("give --channel phone, sms, mail or webhook:NAME")
			}
			test, err := c.TestAlert(ctx, request)
			if err != nil {
				return err
			}
			if test, err = a.awaitTest(ctx, c, test, timeout); err != nil {
				return err
			}
			return a.showTest(test)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&request.Channel, "channel", "", "`phone|sms|mail|webhook:NAME`")
	flags.StringVar(&request.To, "to", "", "`USER`, number or mail address; who calls")
	flags.StringVar(&request.Lang, "lang", "", "`en|zh`: the language of the message")
	flags.DurationVar(&timeout, "timeout", 90*time.Second, "wait at most `TIME` for the answer")
	return cmd
}

// awaitTest waits for the answer to a test message.
func (a *app) awaitTest(ctx context.Context, c *wire.Client, test wire.AlertTest, timeout time.Duration) (wire.AlertTest, error) {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for test.State == wire.TestWaiting {
		err := a.pause(limited)
		if err == nil {
			var now wire.AlertTest
			if now, err = c.AlertTest(limited, test.ID); err == nil {
				test = now
			}
		}
		switch {
		case limited.Err() != nil && ctx.Err() == nil:
			return test, fault.New(fault.Timeout, "after %s test message %d by %s has no answer", timeout, test.ID, test.Channel).WithHint("is there a leader? capri service list shows when deliver has run")
		case err != nil && (!passing(err) || errors.Is(err, context.Canceled)):
			return test, err
		}
	}
	return test, nil
}

// showTest prints the answer; one that is no receipt ends the command with an
// error.
func (a *app) showTest(test wire.AlertTest) error {
	to := test.To
	if test.Address != "" && test.Address != to {
		to += " (" + test.Address + ")"
	}
	err := a.show(test, []string{strconv.FormatInt(test.ID, 10)}, func() {
		a.fields("Test", test.ID, "Channel", test.Channel, "To", to, "Result", cell{test.State, testColor(test.State)}, "Answer", test.Answer, "Sent", test.Text)
	})
	if err == nil && test.State != wire.TestSent {
		return &outcome{code: exitFailed}
	}
	return err
}

func testColor(state string) color {
	if state == wire.TestSent {
		return green
	}
	return red
}
