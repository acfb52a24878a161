package cli

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/wire"
)

func auditCommand(a *app) *cobra.Command {
	return group("audit", "Look at who did what", auditListCommand(a))
}

func auditListCommand(a *app) *cobra.Command {
	var query wire.AuditQuery
	var limit int
	cmd := &cobra.Command{
		Use: "list", Short: "List what was changed, by whom and why, newest first", Args: arguments(0, 0),
		Long: "Lists the audit log. -o json shows of every change what was before and after.",
		Example: `  capri audit list --actor ann --from 2015-05-18
  capri audit list --action host. --object w3 -o json`,
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			entries, next, err := collect(limit, func(cursor string, size int) ([]wire.AuditEntry, string, error) {
				query.Cursor, query.Limit = cursor, size
				page, err := c.AuditLog(ctx, query)
				return page.Items, page.Next, err
			})
			if err != nil {
				return err
			}
			return showList(a, entries, next, func(e wire.AuditEntry) string { return number64(e.ID) }, func() { a.auditTable(a.clock(ctx, c), entries) })
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&query.Actor, "actor", "", "what this `USER` did")
	flags.StringVar(&query.Action, "action", "", "actions that begin with `TEXT`, for example host. or batch.kill")
	flags.StringVar(&query.Object, "object", "", "what was done to `NAME`")
	flags.StringVar(&query.From, "from", "", "not before this `TIME`: 2015-05-18, or with hours and offset")
	flags.StringVar(&query.To, "to", "", "before this `TIME`")
	limitFlag(cmd, &limit, 20)
	return cmd
}

func (a *app) auditTable(k clock, entries []wire.AuditEntry) {
	rows := make([]row, len(entries))
	for i, e := range entries {
		rows[i] = row{k.at(e.At), e.Actor, e.Action, e.Object, dash(e.Source), auditWords(e.Detail)}
	}
	a.table([]string{k.header("AT"), "BY", "ACTION", "ON", "FROM", "CHANGE"}, rows)
}

// auditWords is the reason, or what has changed in few words.
func auditWords(detail any) string {
	told, ok := detail.(map[string]any)
	if !ok {
		return "-"
	}
	if reason, ok := told["reason"].(string); ok && reason != "" {
		return reason
	}
	before, _ := told["before"].(map[string]any)
	after, _ := told["after"].(map[string]any)
	var words []string
	for _, key := range slices.Sorted(maps.Keys(after)) {
		is, was := inShort(after[key]), inShort(before[key])
		if is != was {
			words = append(words, key+": "+was+" → "+is)
		}
	}
	return dash(cutWords(strings.Join(words, ", ")))
}

// inShort is a value as JSON, a dash for none.
func inShort(value any) string {
	if value == nil {
		return "-"
	}
	if text, ok := value.(string); ok {
		return dash(text)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return "?"
	}
	return string(text)
}

// auditWidth is how much of a change a table shows.
const auditWidth = 100

func cutWords(text string) string {
	if runes := []rune(text); len(runes) > auditWidth {
		return string(runes[:auditWidth-1]) + "…"
	}
	return text
}

func permissionCommand(a *app) *cobra.Command {
	return group("permission", "Look at who may do what", permissionListCommand(a))
}

func permissionListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List all actions with the least role that may", Args: arguments(0, 0),
		Long: `Lists the one table that every call is checked against. Each role may what those before it
may: viewer, developer, operator, admin, superadmin. What is marked own a developer may do
with tasks that are its own, its department's, or in a project it is a member of.`,
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			list, err := c.Permissions(ctx)
			if err != nil {
				return err
			}
			names := namesOf(list.Items, func(p wire.Permission) string { return p.Action })
			return a.show(list, names, func() {
				rows := make([]row, len(list.Items))
				for i, p := range list.Items {
					rows[i] = row{p.Action, p.Least, map[bool]string{true: "own", false: "-"}[p.Own], p.Scope, p.Text}
				}
				a.table([]string{"ACTION", "LEAST ROLE", "BELOW OPERATOR", "SCOPE", "WHAT"}, rows)
			})
		}),
	}
}
