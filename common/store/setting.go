package store

import (
	"context"
	"fmt"
)

// Keys of settings in capri_dic_data; the spellings with "reschudle" are the seed's.
const (
	SettingLatestSchedule = "latest_schedule_time"
	SettingReschedule     = "task_need_reschudle_time"
	SettingRecoverDays    = "generate_recover_days"
	SettingPlanLimit      = "plan_max_batches"
	SettingBigTaskPercent = "big_task_percent"
	SettingBigTaskMinutes = "big_task_minutes"
	SettingLongRunMinutes = "long_run_minutes"
	SettingKeepBatch      = "keep_batch_days"
	SettingKeepAlert      = "keep_alert_days"
	SettingKeepOperation  = "keep_operation_days"
	SettingKeepLog        = "keep_log_days"

	SettingPlatformDepartment = "platform_department"
	SettingDutyGapDays        = "duty_gap_days"
)

type setting struct{ key, value, meaning string }

func defaultSettings(zone string) []setting {
	return append([]setting{
		{SettingZone, zone, "time zone of all schedule times; fixed at the first migration"},
		{SettingLatestSchedule, "", "batches scheduled later than this instant (RFC 3339) are not assigned; empty = now"},
		{SettingReschedule, "300", "seconds an assigned batch may stay unstarted before it is given to another worker"},
		{SettingRecoverDays, "62", "days of missed batches that generation makes up by itself"},
		{SettingPlanLimit, "20000", "batches one plan may hold"},
		{SettingBigTaskPercent, "50", "a duration is far from the expected one from this many percent, and big_task_minutes"},
		{SettingBigTaskMinutes, "10", "a duration is far from the expected one from this many minutes, and big_task_percent"},
		{SettingLongRunMinutes, "120", "runs of yesterday that took more minutes are told to the task's people"},
		{SettingKeepBatch, "400", "days that ended batches are kept, with all that belongs to them; never fewer than generate_recover_days"},
		{SettingKeepLog, "30", "days that the ends of long logs are kept in the database, for when their worker is gone"},
		{SettingKeepAlert, "180", "days that alerts are kept"},
		{SettingKeepOperation, "400", "days that ended operations, released holds, reports and past days of the duty roster are kept"},
		{SettingPlatformDepartment, "", "department whose people are on duty for the platform itself; empty = none"},
		{SettingDutyGapDays, "3", "days ahead that gaps of the duty roster are told"},
	}, append(noticeSettings(), monitorSettings()...)...)
}

// Settings reads all settings.
func (t *ViewTx) Settings(ctx context.Context) (map[string]string, error) {
	var rows []struct {
		Key   string `db:"dicKey"`
		Value string `db:"dicValue"`
	}
	// dicKey, dicValue by the primary key: a few dozen rows.
	if err := t.all(ctx, &rows, "SELECT dicKey, dicValue FROM capri_dic_data ORDER BY dicKey LIMIT 1000"); err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	out := make(map[string]string, len(rows))
	for _, r := range rows {
		out[r.Key] = r.Value
	}
	return out, nil
}

// PutSetting changes one setting that exists.
func (t *OperateTx) PutSetting(ctx context.Context, key, value string) error {
	n, err := t.exec(ctx, "UPDATE capri_dic_data SET dicValue = ?, changedBy = ?, changedAt = ? WHERE dicKey = ?", value, t.by.ID, t.now, key)
	if err != nil {
		return fmt.Errorf("put setting %s: %w", key, err)
	}
	if n == 0 {
		return fmt.Errorf("setting %s: %w", key, ErrNotFound)
	}
	return nil
}
