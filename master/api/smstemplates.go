package api

import (
	"cmp"
	"context"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"capricornus/common/permit"
	"capricornus/common/wire"
	smstext "capricornus/master/notice/text"
)

// providerHuawei has variables that are named after their length, and keeps the
// signature apart (console.md §3.1).
const providerHuawei = "huawei"

// mostAtHuawei is how long a variable may be there.
const mostAtHuawei = 20

type templateQuery struct {
	Lang     string `query:"lang" default:"zh" enum:"zh,en" doc:"language of the messages"`
	Provider string `query:"provider" enum:"huawei" doc:"write variables as this provider does"`
	Link     string `query:"link" maxLength:"60" pattern:"^[A-Za-z0-9.:/-]*$" doc:"the console's address as messages have it, a.example.cn: fixed text in a template"`
}

func (a *api) templateRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/alerts/templates", may: permit.View, id: "list-sms-templates", tag: tagAlerts,
		summary: "The texts that short messages are made of, to register at a provider"}, a.listTemplates)
}

func (a *api) listTemplates(_ context.Context, q *templateQuery) (wire.SMSTemplateList, error) {
	list := wire.SMSTemplateList{Lang: q.Lang, Provider: q.Provider, Items: []wire.SMSTemplate{}}
	for _, t := range smstext.Templates(q.Lang) {
		item := wire.SMSTemplate{Code: t.Code, Name: t.Name, Text: t.Text, Unlinked: t.Unlinked, Variables: []wire.SMSVariable{}}
		for _, v := range t.Variables {
			if q.Link == "" || v.Name != "link" {
				item.Variables = append(item.Variables, wire.SMSVariable{Name: v.Name, Most: v.Most, Example: v.Example})
			}
		}
		if q.Link != "" {
			item.Text = strings.ReplaceAll(item.Text, "${link}", q.Link)
		}
		if q.Provider == providerHuawei {
			list.Signature = cmp.Or(list.Signature, asHuawei(&item))
		}
		list.Items = append(list.Items, item)
	}
	return list, nil
}

var (
	smsVariable  = regexp.MustCompile(`\$\{(\w+)\}`)
	smsSignature = regexp.MustCompile(`^【([^】]+)】`)
)

// asHuawei writes a template's variables as ${TXT_n}, n being how long they are,
// and takes the signature off, which it returns. The address of the console is
// no variable there: it stays ${link} until somebody says what it is.
func asHuawei(t *wire.SMSTemplate) (signature string) {
	long := map[string]int{}
	for i := range t.Variables {
		v := &t.Variables[i]
		if v.Name != "link" {
			v.Most = min(v.Most, mostAtHuawei)
			long[v.Name] = v.Most
		}
	}
	for _, form := range []*string{&t.Text, &t.Unlinked} {
		if found := smsSignature.FindStringSubmatch(*form); found != nil {
			signature = found[1]
			*form = strings.TrimPrefix(*form, found[0])
		}
		*form = smsVariable.ReplaceAllStringFunc(*form, func(name string) string {
			if n := long[name[2:len(name)-1]]; n > 0 {
				return "${TXT_" + strconv.Itoa(n) + "}"
			}
			return name
		})
	}
	return signature
}
