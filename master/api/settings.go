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
	RawBody []byte
}

func (a *api) settingRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/settings", may: permit.View, id: "list-settings", tag: tagSettings,
		summary: "Every setting with its meaning and who changed it last"}, a.listSettings)
	put := route{method: http.MethodPost, path: root + "/settings/{name}", may: permit.ChangeSettings, id: "put-setting", tag: tagSettings,
		summary: "Change a setting; the next pass of every service heeds it"}
	call(a, put, a.putSetting)
	describeBody[wire.SettingRequest](a, put)
}

func viewSetting(r store.SettingRow) wire.Setting {
	return wire.Setting{Key: r.Key, Value: r.Value, Meaning: r.Meaning, ChangedBy: r.ChangedBy, ChangedAt: r.ChangedAt}
}

func (a *api) listSettings(ctx context.Context, _ *nothing) (wire.SettingList, error) {
	list := wire.SettingList{Items: []wire.Setting{}}
	err := a.DB.View(ctx, func(t *store.ViewTx) error {
		rows, err := t.SettingRows(ctx)
		items := make([]wire.Setting, 0, len(rows))
		for _, r := range rows {
			items = append(items, viewSetting(r))
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
	return viewSetting(after), nil
}
