package api

import (
	"context"
	"encoding/json"
	"net/http"

	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
)

const tagSettings = "settings"

type settingInput struct {
	Name    string `path:"name" maxLength:"100" doc:"key of the setting"`
	Lang    string `query:"lang" default:"en" enum:"en,zh" doc:"language of the meaning"`
	RawBody []byte
}

type settingsQuery struct {
	Lang string `query:"lang" default:"en" enum:"en,zh" doc:"language of the meanings"`
}

func (a *api) settingRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/settings", may: permit.View, id: "list-settings", tag: tagSettings,
		summary: "Every setting with its default, its meaning and who changed it last"}, a.listSettings)
	put := route{method: http.MethodPost, path: root + "/settings/{name}", may: permit.ChangeSettings, id: "put-setting", tag: tagSettings,
		summary: "Change a setting; the next pass of every service heeds it"}
	call(a, put, a.putSetting)
	describeBody[wire.SettingRequest](a, put)
}

// viewSetting is a setting as people see it. What this program does not know is
// shown as the database has it: of another version, or made by hand.
func viewSetting(r store.SettingRow, known map[string]store.SettingKnown, lang string) wire.Setting {
	s := wire.Setting{Key: r.Key, Value: r.Value, Default: r.Value, Kind: store.SettingIsText, Meaning: r.Meaning, ChangedBy: r.ChangedBy, ChangedAt: r.ChangedAt}
	k, ours := known[r.Key]
	if !ours {
		return s
	}
	s.Kind, s.Unit, s.Meaning = k.Kind, k.Unit, k.English
	if lang == "zh" {
		s.Meaning = k.Chinese
	}
	if k.Kind != store.SettingIsZone {
		s.Default, s.Changed = k.Default, r.Value != k.Default
	}
	return s
}

func (a *api) listSettings(ctx context.Context, q *settingsQuery) (wire.SettingList, error) {
	list := wire.SettingList{Items: []wire.Setting{}}
	known := store.SettingsKnown()
	err := a.DB.View(ctx, func(t *store.ViewTx) error {
		rows, err := t.SettingRows(ctx)
		items := make([]wire.Setting, 0, len(rows))
		for _, r := range rows {
			items = append(items, viewSetting(r, known, q.Lang))
		}
		list.Items = items
		return err
	})
	return list, err
}

func (a *api) putSetting(ctx context.Context, in *settingInput) (wire.Setting, error) {
	body, err := decode[wire.SettingRequest](in.RawBody, false)
	if err != nil {
		return wire.Setting{}, err
	}
	audit, err := a.DB.ID(ctx)
	if err != nil {
		return wire.Setting{}, err
	}
	var after store.SettingRow
	who := callerOf(ctx)
	err = a.DB.Operate(ctx, who.actor(), func(t *store.OperateTx) error {
		before, err := t.LockSetting(ctx, in.Name)
		if err != nil {
			return named(err, "setting", in.Name)
		}
		if err := store.CheckSetting(in.Name, body.Value); err != nil {
			return err
		}
		if err := t.PutSetting(ctx, in.Name, body.Value); err != nil {
			return err
		}
		if after, err = t.LockSetting(ctx, in.Name); err != nil {
			return err
		}
		detail, err := json.Marshal(map[string]string{"before": before.Value, "after": body.Value, "reason": body.Reason})
		if err != nil {
			return err
		}
		return t.Audit(ctx, store.Audit{ID: audit, Action: "setting.put", Object: in.Name, Source: who.source, Detail: string(detail)})
	})
	if err != nil {
		return wire.Setting{}, err
	}
	a.Applied()
	a.rostered()
	return viewSetting(after, store.SettingsKnown(), in.Lang), nil
}
