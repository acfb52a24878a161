package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"capricornus/common/fault"
)

// SettingRow is a setting as people see it.
type SettingRow struct {
	Key       string `db:"dicKey"`
	Value     string `db:"dicValue"`
	Meaning   string `db:"meaning"`
	ChangedBy string `db:"changedBy"`
	ChangedAt int64  `db:"changedAt"`
}

// SettingRows lists all settings by key.
func (t *ViewTx) SettingRows(ctx context.Context) ([]SettingRow, error) {
	var out []SettingRow
	if err := t.all(ctx, &out, "SELECT dicKey, dicValue, meaning, changedBy, changedAt FROM capri_dic_data ORDER BY dicKey LIMIT 1000"); err != nil {
		return nil, fmt.Errorf("list settings: %w", err)
	}
	return out, nil
}

// LockSetting reads one setting and keeps it locked, so that what it was is known.
func (t *OperateTx) LockSetting(ctx context.Context, key string) (SettingRow, error) {
	var row SettingRow
	err := t.get(ctx, &row, "SELECT dicKey, dicValue, meaning, changedBy, changedAt FROM capri_dic_data WHERE dicKey = ?"+t.d.forUpdate, key)
	return row, err
}

// CheckSetting refuses a value that the masters could not use: whoever reads a
// setting falls back to the default for one that makes no sense, silently.
func CheckSetting(key, value string) error {
	known := SettingsKnown()[key]
	switch known.Kind {
	case SettingIsZone:
		return fault.New(fault.Conflict, "setting %s is fixed at the first migration: every work number depends on it", key)
	case SettingIsLanguage:
		if value != "en" && value != "zh" {
			return fault.New(fault.Invalid, "setting %s is a language, not %q", key, value).WithHint("write en or zh")
		}
	case SettingIsInstant:
		if _, err := time.Parse(time.RFC3339, value); err != nil && value != "" {
			return fault.New(fault.Invalid, "setting %s is an instant, not %q", key, value).WithHint("write it as 2026-11-20T08:00:00+08:00, or empty for now")
		}
	case SettingIsNumber:
		if n, err := strconv.Atoi(value); err != nil || n < 1 {
			return fault.New(fault.Invalid, "setting %s is a whole number from 1, not %q", key, value).WithHint("its default is %s", known.Default)
		}
	}
	return nil
}
