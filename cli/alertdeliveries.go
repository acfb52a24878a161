package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/wire"
)

func alertDeliveriesCommand(a *app) *cobra.Command {
	var lang string
	cmd := &cobra.Command{
		Use: "deliveries ID", Short: "Show who is told of an alert, by which rule, and whether it arrived", Args: arguments(1, 1),
		Example: "  capri alert deliveries 4711",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			id, err := alertID(args[0])
			if err != nil {
				return err
			}
			told, err := c.AlertDeliveries(ctx, id, a.language(lang))
			if err != nil {
				return err
			}
			names := namesOf(told.Items, func(d wire.AlertDelivery) string { return d.Message.Channel + ":" + d.Message.Recipient })
			return a.show(told, names, func() { a.deliveryTable(a.clock(ctx, c), &told) })
		}),
	}
	cmd.Flags().StringVar(&lang, "lang", "", "`en|zh`: the language of the rules")
	return cmd
}

func (a *app) deliveryTable(k clock, told *wire.AlertDeliveries) {
	if len(told.Items) == 0 {
		a.say("%s", untold(&told.Alert))
		return
	}
	rows := make([]row, len(told.Items))
	for i := range told.Items {
		d := &told.Items[i]
		m := &d.Message
		rows[i] = row{m.Recipient, m.Channel, dash(m.Address), d.Because, m.Purpose, a.messageState(k, m), m.Tries, dash(m.Answer)}
	}
	a.table([]string{"WHO", "CHANNEL", "ADDRESS", "WHY", "WHAT", "STATE", "TRIES", "ANSWER"}, rows)
	if told.More {
		a.say("the first %d; there are more", len(told.Items))
	}
}

// untold says why nobody is told of an alert.
func untold(alert *wire.Alert) string {
	switch {
	case alert.DealtAt == 0:
		return "it is not decided yet whom to tell: that takes seconds while a master leads"
	case alert.Silence != 0:
		return fmt.Sprintf("nobody is told: silence %d keeps it from people; capri alert silence list --all says why", alert.Silence)
	case alert.Incident != "":
		return "nobody is told of this alert itself; capri incident show " + alert.Incident + " has what was sent about its incident, capri alert explain the rules"
	}
	return "nobody was told; capri alert explain says by which rules somebody would be now"
}

func alertTemplatesCommand(a *app) *cobra.Command {
	var lang, provider, link string
	cmd := &cobra.Command{
		Use: "templates", Short: "List the texts of short messages, to register at a provider", Args: arguments(0, 0),
		Long: `Lists what short messages are made of: providers in mainland China send registered texts
only. With --provider variables are written as that provider does, and the signature, which
it registers apart, is left out. --link is the console's address, which is fixed text.`,
		Example: "  capri alert templates --link a.example.cn\n  capri alert templates --provider huawei --link a.example.cn -o json",
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			list, err := c.SMSTemplates(ctx, lang, provider, link)
			if err != nil {
				return err
			}
			names := namesOf(list.Items, func(t wire.SMSTemplate) string { return t.Code })
			return a.show(list, names, func() {
				rows := make([]row, len(list.Items))
				for i, t := range list.Items {
					most := namesOf(t.Variables, func(v wire.SMSVariable) string { return fmt.Sprintf("%s %d", v.Name, v.Most) })
					rows[i] = row{t.Code, t.Name, t.Text, dash(strings.Join(most, ", "))}
				}
				a.table([]string{"CODE", "NAME", "TEXT", "VARIABLES, AND HOW LONG"}, rows)
				if list.Signature != "" {
					a.say("register the signature %s apart; -o json has the forms for messages that would be too long with the link, too", list.Signature)
				}
			})
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&lang, "lang", "zh", "`zh|en`: the language of the messages")
	flags.StringVar(&provider, "provider", "", "write variables as this provider does: `huawei`")
	flags.StringVar(&link, "link", "", "the console's `ADDRESS` without https://")
	return cmd
}
