package cli

import (
	"context"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func userSetCommand(a *app) *cobra.Command {
	var role, department, title, phone, mail, lang, reason string
	cmd := &cobra.Command{
		Use: "set [NAME]", Short: "Change a user, or how you are reached yourself", Args: arguments(0, 1),
		Long: `Changes what is given of a user and leaves the rest. An empty text empties: --phone ''.
Without NAME it is yourself; then phone, mail and language alone can be given.`,
		Example: `  capri user set ann --role operator --reason 'on duty from May'
  capri user set --mail ann@example.com --lang zh`,
	}
	flags := cmd.Flags()
	flags.StringVar(&role, "role", "", "what it may do: `viewer|developer|operator|admin|superadmin`")
	flags.StringVar(&department, "department", "", "`NAME` of its department")
	flags.StringVar(&title, "title", "", "`TEXT` that people know it by")
	flags.StringVar(&phone, "phone", "", "`NUMBER` to call")
	flags.StringVar(&mail, "mail", "", "`ADDRESS` to write to")
	flags.StringVar(&lang, "lang", "", "what it is sent is written in: `zh|en`; an empty text is the cluster's own")
	reasonFlag(cmd, &reason)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		change, given := wire.UserChange{Reason: reason}, 0
		for name, at := range map[string]**string{"role": &change.Role, "department": &change.Department, "title": &change.Title, "phone": &change.Phone, "mail": &change.Mail, "lang": &change.Lang} {
			if flag := flags.Lookup(name); flag.Changed {
				text := flag.Value.String()
				*at, given = &text, given+1
			}
		}
		if given == 0 {
			return fault.New(fault.Usage, "nothing is to be changed").WithHint("give --role, --department, --title, --phone, --mail or --lang")
		}
		return a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			if len(args) == 0 {
				return a.changeMe(ctx, c, change)
			}
			return a.changeUser(ctx, c, args[0], change, changedUser(args[0], change))
		})(cmd, args)
	}
	return cmd
}

// changedUser says what is so now.
func changedUser(name string, change wire.UserChange) string {
	said := "user " + name + " is changed"
	if change.Lang != nil {
		said += map[string]string{"zh": "; what it is sent is in Chinese", "en": "; what it is sent is in English", "": "; what it is sent is in the cluster's language"}[*change.Lang]
	}
	if change.Role != nil {
		said += "; its tokens are good for what it may do now"
	}
	return said
}

// changeMe changes the caller, who may not change all that there is of a user.
func (a *app) changeMe(ctx context.Context, c *wire.Client, change wire.UserChange) error {
	if change.Role != nil || change.Department != nil || change.Title != nil {
		return fault.New(fault.Usage, "role, department and title are not one's own to change").WithHint("capri user set NAME does it for who manages users")
	}
	user, err := c.ChangeMe(ctx, wire.MeChange{Phone: change.Phone, Mail: change.Mail, Lang: change.Lang, Reason: change.Reason})
	if err != nil {
		return err
	}
	return a.show(user, []string{user.Name}, func() { a.say("%s", oneLine(changedUser(user.Name, change))) })
}

func (a *app) changeUser(ctx context.Context, c *wire.Client, name string, change wire.UserChange, done string) error {
	user, err := c.ChangeUser(ctx, name, change)
	if err != nil {
		return err
	}
	return a.show(user, []string{user.Name}, func() { a.say("%s", oneLine(done)) })
}
