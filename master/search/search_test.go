package search

import (
	"fmt"
	"strings"
	"testing"

	"capricornus/common/wire"
)

func TestTheBestComesFirst(t *testing.T) {
	t.Parallel()
	var entries []entry
	for name, title := range map[string]string{
		"order": "", "order_d": "", "dwd_order_d": "", "reorder": "", "Order_H": "", "ods_pay": "订单支付", "ads": "每日订单", "x": "order",
	} {
		entries = append(entries, newEntry(wire.Found{Name: name, Text: title}))
	}
	for text, want := range map[string]string{
		"order":  "order/exact x/exact order_d/prefix Order_H/prefix dwd_order_d/part reorder/part",
		"ORDER_": "order_d/prefix Order_H/prefix dwd_order_d/part",
		"订单":     "ods_pay/prefix ads/part",
		" pay ":  "ods_pay/part",
		"nobody": "",
	} {
		found, more := find(entries, text, 10)
		var got []string
		for _, f := range found {
			got = append(got, f.Name+"/"+f.Match)
		}
		if strings.Join(got, " ") != want || more {
			t.Errorf("%s: got %s, %t, want %s", text, strings.Join(got, " "), more, want)
		}
	}
	if found, more := find(entries, "order", 2); len(found) != 2 || !more {
		t.Errorf("got %+v, %t, want two, and to be told of more", found, more)
	}
}

// BenchmarkFind looks through 20,000 names and titles.
func BenchmarkFind(b *testing.B) {
	entries := make([]entry, 20_000)
	for i := range entries {
		entries[i] = newEntry(wire.Found{Name: fmt.Sprintf("dwd_some_table_of_project_%05d_d", i), Text: "每日明细表"})
	}
	for b.Loop() {
		if _, more := find(entries, "table", 10); !more {
			b.Fatal("got few, want many")
		}
	}
}
