package wire

import (
	"context"
	"net/url"
)

// Setting is one setting of the cluster.
type Setting struct {
	Key       string `json:"key"`
	Value     string `json:"value"`
	Default   string `json:"default"`
	Changed   bool   `json:"changed"` // it is not the default
	Kind      string `json:"kind" enum:"text,number,instant,language,zone"`
	Unit      string `json:"unit,omitempty"` // of a number: seconds, days
	Meaning   string `json:"meaning"`
	ChangedBy string `json:"changedBy"` // "migration": as it was installed
	ChangedAt int64  `json:"changedAt"`
}

// SettingList lists all settings.
type SettingList struct {
	Items []Setting `json:"items"`
}

// SettingRequest changes one setting.
type SettingRequest struct {
	Value  string `json:"value"`
	Reason string `json:"reason,omitempty"`
}

// Settings lists all settings.
func (c *Client) Settings(ctx context.Context) (SettingList, error) {
	var list SettingList
	err := c.get(ctx, "/settings", nil, &list)
	return list, err
}

// PutSetting changes one setting and returns it.
func (c *Client) PutSetting(ctx context.Context, key string, request SettingRequest) (Setting, error) {
	var setting Setting
	err := c.post(ctx, "/settings/"+url.PathEscape(key), request, &setting)
	return setting, err
}
