package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/pause"
	"capricornus/common/wire"
)

func clusterCommand(a *app) *cobra.Command {
	return group("cluster", "Look at the masters, hand leadership over, take masters in and out",
		clusterStatusCommand(a), clusterTransferCommand(a), clusterJoinCommand(a), clusterRemoveCommand(a), clusterQueueCommand(a))
}

func clusterTransferCommand(a *app) *cobra.Command {
	var reason string
	var timeout time.Duration
	cmd := &cobra.Command{
		Use: "transfer [NODE] --reason TEXT", Short: "Hand leadership to another master", Args: arguments(0, 1),
		Long: `Hands leadership to a master, or to the most up to date one, and waits until a master leads
a new term. Nothing is lost: what runs goes on, and decisions are made again within about
a second. Do it before the leader's machine is stopped.`,
		Example: "  capri cluster transfer m2 --reason 'new kernel on m1'",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			switch {
			case reason == "":
				return noReason()
			case timeout <= 0:
				return fault.New(fault.Usage, "--timeout %s is not a time to come", timeout)
			}
			request := wire.MemberRequest{Reason: reason}
			if len(args) == 1 {
				request.Node = args[0]
			}
			return a.transfer(ctx, c, request, timeout)
		}),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` kept with it")
	cmd.Flags().DurationVar(&timeout, "timeout", 30*time.Second, "give up waiting for the new term after `TIME`")
	return cmd
}

func (a *app) transfer(ctx context.Context, c *wire.Client, request wire.MemberRequest, timeout time.Duration) error {
	before, err := c.Cluster(ctx)
	if err != nil {
		return err
	}
	reply, err := c.Transfer(ctx, request)
	if err != nil {
		return err
	}
	if !reply.Changed {
		a.say("%s leads already, term %d", oneLine(reply.Leader), before.Epoch)
		return a.show(before, []string{reply.Leader}, func() {})
	}
	after, err := a.awaitTerm(ctx, c, before.Epoch, request.Node, timeout)
	if err != nil {
		return err
	}
	return a.show(after, []string{after.Leader}, func() {
		a.say("%s leads, term %d; %s before, term %d", oneLine(after.Leader), after.Epoch, oneLine(dash(before.Leader)), before.Epoch)
	})
}

// awaitTerm waits until a master leads a later term; node, when it is named.
func (a *app) awaitTerm(ctx context.Context, c *wire.Client, epoch int64, node string, timeout time.Duration) (wire.Cluster, error) {
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	last := ""
	for {
		now, err := c.Cluster(bounded)
		if err == nil && now.Leader != "" && now.Epoch > epoch && (node == "" || now.Leader == node) {
			return now, nil
		}
		if err == nil {
			last = now.Leader
		} else if code := fault.CodeOf(err); bounded.Err() == nil && code != fault.Unavailable && code != fault.NotLeader {
			return now, err
		}
		if pause.For(bounded, a.poll) == nil {
			continue
		}
		if ctx.Err() != nil {
			return now, ctx.Err()
		}
		return now, fault.New(fault.Timeout, "leadership was handed over, and after %s %s", span(timeout), whoLeads(last)).
			WithHint("capri cluster status shows how it stands; capri doctor looks for the reason")
	}
}

func whoLeads(leader string) string {
	if leader == "" {
		return "nobody leads a new term"
	}
	return leader + " leads"
}

func clusterJoinCommand(a *app) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "join NODE HOST:PORT --reason TEXT", Short: "Take a new master into the cluster", Args: arguments(2, 2),
		Long: `Takes a master into the cluster: NODE is its name, HOST:PORT where the others reach its raft
port. Start it first, with raft.join: true in its configuration, the same database, and
itself among raft.peers; it waits until it is taken in. The others need not be told.`,
		Example: "  capri cluster join m4 m4:7400 --reason 'a master in the second room'",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			if reason == "" {
				return noReason()
			}
			reply, err := c.JoinMaster(ctx, wire.JoinRequest{Node: args[0], Raft: args[1], Reason: reason})
			if err != nil {
				return err
			}
			return a.changed(reply, fmt.Sprintf("%s is a master of this cluster", args[0]),
				fmt.Sprintf("it counts at once: %s; capri cluster status shows when it is heard of and has caught up (lag 0)", majorityText(len(reply.Masters))))
		}),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` kept with it")
	return cmd
}

// changed says what became of a change of the members, and what comes next.
func (a *app) changed(reply wire.ClusterReply, done, next string) error {
	return a.show(reply, reply.Masters, func() {
		if !reply.Changed {
			done += " already, nothing was changed"
		}
		a.say("%s: %s", oneLine(done), oneLine(strings.Join(reply.Masters, ", ")))
		a.say("  %s", oneLine(next))
	})
}

func majorityText(members int) string {
	return fmt.Sprintf("%d of %d masters must be there", members/2+1, members)
}

func clusterRemoveCommand(a *app) *cobra.Command {
	var reason string
	var yes bool
	cmd := &cobra.Command{
		Use: "remove NODE --reason TEXT", Short: "Take a master out of the cluster for good", Args: arguments(1, 1),
		Long: `Takes a master out of the cluster, whether it runs or not; a leader hands over first. To
come back it must be taken in again, with an empty raft directory. A master that is only
stopped for a while stays a member: that needs no command.`,
		Example: "  capri cluster remove m3 --reason 'the board is burnt'",
		RunE: a.do(func(ctx context.Context, args []string) error {
			if reason == "" {
				return noReason()
			}
			if err := a.mayAsk(yes); err != nil {
				return err
			}
			c, err := a.client()
			if err != nil {
				return err
			}
			return a.removeMaster(ctx, c, wire.MemberRequest{Node: args[0], Reason: reason}, yes)
		}),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` kept with it")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func (a *app) removeMaster(ctx context.Context, c *wire.Client, request wire.MemberRequest, yes bool) error {
	if !yes {
		cluster, err := c.Cluster(ctx)
		if err != nil {
			return err
		}
		if err := a.confirm(false, removalQuestion(cluster, request.Node)); err != nil {
			return err
		}
	}
	reply, err := c.RemoveMaster(ctx, request.Node, request.Reason)
	if err != nil {
		return err
	}
	if !reply.Changed {
		return a.show(reply, reply.Masters, func() { a.say("%s was no member any more; what was left of it is forgotten", oneLine(request.Node)) })
	}
	return a.changed(reply, request.Node+" is no master of this cluster any more",
		"stop it, and delete its raft directory before it is ever taken in again; "+majorityText(len(reply.Masters)))
}

// removalQuestion says what a removal means for the majority.
func removalQuestion(c wire.Cluster, node string) string {
	left := slices.DeleteFunc(slices.Clone(c.Masters), func(m wire.Member) bool { return m.Node == node || m.State == wire.MemberGone })
	heard := slices.DeleteFunc(slices.Clone(left), func(m wire.Member) bool { return m.State == wire.MemberSilent || m.State == wire.MemberUnknown })
	quorum := len(left)/2 + 1
	text := fmt.Sprintf("Remove %s? %s left, %d of them must be there and %d heard of", oneLine(node), plural(len(left), "master"), quorum, len(heard))
	switch spare := len(heard) - quorum; {
	case spare < 0:
		text += ": that is no majority, nothing would be decided"
	case spare == 0:
		text += ": none may fail then"
	default:
		text += fmt.Sprintf(": %d may fail then", spare)
	}
	if node == c.Leader {
		text += "; it leads, and hands over first"
	}
	return text + "."
}
