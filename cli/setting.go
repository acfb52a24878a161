package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func settingCommand(a *app) *cobra.Command {
	return group("setting", "Look at and change the settings of the cluster", settingListCommand(a), settingGetCommand(a), settingSetCommand(a), settingResetCommand(a))
}

func settingListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List all settings with their defaults and meaning", Args: arguments(0, 0),
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			list, err := c.Settings(ctx)
			if err != nil {
				return err
			}
			names := namesOf(list.Items, func(s wire.Setting) string { return s.Key })
			return a.show(list, names, func() { a.settingTable(a.clock(ctx, c), list.Items) })
		}),
	}
}

func (a *app) settingTable(k clock, settings []wire.Setting) {
	rows := make([]row, len(settings))
	for i, s := range settings {
		rows[i] = row{s.Key, dash(s.Value), dash(s.Default), s.ChangedBy, k.at(s.ChangedAt), s.Meaning}
	}
	a.table([]string{"SETTING", "VALUE", "DEFAULT", "CHANGED BY", k.header("AT"), "MEANING"}, rows)
}

func settingGetCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "get KEY", Short: "Print the value of a setting", Args: arguments(1, 1),
		Example: "  capri setting get latest_schedule_time",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			s, err := settingOf(ctx, c, args[0])
			if err != nil {
				return err
			}
			return a.show(s, []string{s.Value}, func() { a.print("%s", s.Value) })
		}),
	}
}

func settingOf(ctx context.Context, c *wire.Client, key string) (wire.Setting, error) {
	list, err := c.Settings(ctx)
	if err != nil {
		return wire.Setting{}, err
	}
	i := slices.IndexFunc(list.Items, func(s wire.Setting) bool { return s.Key == key })
	if i < 0 {
		return wire.Setting{}, fault.New(fault.NotFound, "there is no setting %q", key).WithHint("capri setting list shows them")
	}
	return list.Items[i], nil
}

func settingSetCommand(a *app) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "set KEY VALUE", Short: "Change a setting", Args: arguments(2, 2),
		Example: "  capri setting set latest_schedule_time 2026-11-20T08:00:00+08:00 --reason 'upgrade of the cluster'\n" +
			"  capri setting set latest_schedule_time '' --reason 'upgrade done'",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			return a.putSetting(ctx, c, args[0], wire.SettingRequest{Value: args[1], Reason: reason})
		}),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` kept in the audit log")
	return cmd
}

func settingResetCommand(a *app) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "reset KEY", Short: "Give a setting its default again", Args: arguments(1, 1),
		Example: "  capri setting reset keep_alert_days --reason 'disk is large enough now'",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			s, err := settingOf(ctx, c, args[0])
			if err != nil {
				return err
			}
			return a.putSetting(ctx, c, s.Key, wire.SettingRequest{Value: s.Default, Reason: reason})
		}),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` kept in the audit log")
	return cmd
}

func (a *app) putSetting(ctx context.Context, c *wire.Client, key string, request wire.SettingRequest) error {
	setting, err := c.PutSetting(ctx, key, request)
	if err != nil {
		return err
	}
	return a.show(setting, []string{setting.Key}, func() {
		a.say("%s is %q now: %s", setting.Key, setting.Value, setting.Meaning)
		a.say("capri audit list --object %s says what it was", setting.Key)
	})
}
