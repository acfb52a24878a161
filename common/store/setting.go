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

// setting is one that a new database gets. Its unit is that of a number; both
// meanings say the same.
type setting struct{ key, value, unit, meaning, chinese string }

func defaultSettings(zone string) []setting {
	return append([]setting{
		{SettingZone, zone, "", "time zone of all schedule times; fixed at the first migration", "所有调度时间的时区，首次迁移时确定，之后不可更改"},
		{SettingLatestSchedule, "", "", "batches scheduled later than this instant (RFC 3339) are not assigned; empty = now", "调度时间晚于该时刻（RFC 3339）的批次不分配；留空表示当前时刻"},
		{SettingReschedule, "300", UnitSeconds, "seconds an assigned batch may stay unstarted before it is given to another worker", "已分配的批次多少秒未启动即改派给其他执行机"},
		{SettingRecoverDays, "62", UnitDays, "days of missed batches that generation makes up by itself", "自动补生成多少天内遗漏的批次"},
		{SettingPlanLimit, "20000", UnitBatches, "batches one plan may hold", "一个计划最多包含的批次数"},
		{SettingBigTaskPercent, "50", UnitPercent, "a duration is far from the expected one from this many percent, and big_task_minutes", "时长偏离预期达到该百分比、且达到 big_task_minutes 时视为异常"},
		{SettingBigTaskMinutes, "10", UnitMinutes, "a duration is far from the expected one from this many minutes, and big_task_percent", "时长偏离预期达到该分钟数、且达到 big_task_percent 时视为异常"},
		{SettingLongRunMinutes, "120", UnitMinutes, "runs of yesterday that took more minutes are told to the task's people", "昨日运行超过该分钟数的批次会通知任务相关人员"},
		{SettingKeepBatch, "400", UnitDays, "days that ended batches are kept, with all that belongs to them; never fewer than generate_recover_days", "已结束的批次及其全部记录的保留天数，不会少于 generate_recover_days"},
		{SettingKeepLog, "30", UnitDays, "days that the ends of long logs are kept in the database, for when their worker is gone", "长日志的末尾在数据库中的保留天数，供执行机不在时查看"},
		{SettingKeepAlert, "180", UnitDays, "days that alerts are kept", "告警的保留天数"},
		{SettingKeepOperation, "400", UnitDays, "days that ended operations, released holds, reports and past days of the duty roster are kept", "已结束的操作、已解除的暂停、报告以及过去的值班表的保留天数"},
		{SettingPlatformDepartment, "", "", "department whose people are on duty for the platform itself; empty = none", "负责平台自身值班的部门；留空表示没有"},
		{SettingDutyGapDays, "3", UnitDays, "days ahead that gaps of the duty roster are told", "提前多少天提醒值班表的空缺"},
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
