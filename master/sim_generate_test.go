package master_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"capricornus/common/period"
	"capricornus/common/store"
)

// exactly wants a task to have a batch for each slot of a calendar in a time,
// and no other.
func (c *cluster) exactly(task string, kind period.Kind, cron string, from, to time.Time) {
	c.t.Helper()
	cycle, err := period.NewCycle(kind, cron, c.zone)
	c.must(err)
	var want []string
	for _, slot := range cycle.Due(from, to, 1<<20) {
		want = append(want, slot.WorkNo)
	}
	if got := c.workNos(task); !slices.Equal(got, want) {
		c.t.Errorf("got batches %v of %s, want %v", got, task, want)
	}
}

// TestSimGenerationIsExactOverTermChanges lets terms begin and end in the very
// second of base times, the old leader still believing in its own.
func TestSimGenerationIsExactOverTermChanges(t *testing.T) {
	t.Parallel()
	simulate(t, setup{stretch: 60}, func(_ *testing.T, c *cluster) {
		c.startMaster("m2")
		for n := range 40 {
			c.define(fmt.Sprintf("h%d", n), "period: hour")
		}
		c.define("often", `period: cron, cron: "*/5 * * * *"`)
		began := time.Now()
		for n, node := range []string{"m2", "m1", "m2", "m1"} {
			c.at(fmt.Sprintf("2026-11-20 %02d:01:00", 7+n))
			c.must(c.terms.Usurp(node))
			c.pass(20 * time.Minute)
			c.stopMaster([]string{"m1", "m2"}[n%2])
			c.startMaster([]string{"m1", "m2"}[n%2])
		}
		c.at("2026-11-20 12:30:00")
		for n := range 40 {
			c.exactly(fmt.Sprintf("h%d", n), period.Hour, "", began, time.Now())
		}
		c.exactly("often", period.Cron, "*/5 * * * *", began, time.Now())
		c.sound()
	})
}

// TestSimOutageIsMadeUpExactly ends the only term for 35 days.
func TestSimOutageIsMadeUpExactly(t *testing.T) {
	t.Parallel()
	simulate(t, setup{stretch: 60, zone: "Europe/Berlin", begin: time.Date(2026, 3, 10, 5, 0, 0, 0, time.UTC)}, func(t *testing.T, c *cluster) {
		c.define("h", "period: hour", "d", "period: day", "w", "period: week", "m", "period: month", "c", `period: cron, cron: "30 2 * * *"`)
		began := time.Now()
		c.pass(5 * time.Hour)
		c.depose()
		c.pass(35 * 24 * time.Hour)
		c.elect("m1")
		c.pass(time.Minute)
		for task, kind := range map[string]period.Kind{"h": period.Hour, "d": period.Day, "w": period.Week, "m": period.Month} {
			c.exactly(task, kind, "", began, time.Now())
		}
		c.exactly("c", period.Cron, "30 2 * * *", began, time.Now())
		if alerts := c.alerts("generate-too-old"); alerts != 0 {
			t.Errorf("got %d alerts of what is too old, want none", alerts)
		}
		c.sound()
	})
}

// TestSimWhatIsTooOldIsTold bounds how far back generation reaches.
func TestSimWhatIsTooOldIsTold(t *testing.T) {
	t.Parallel()
	simulate(t, setup{stretch: 60}, func(t *testing.T, c *cluster) {
		c.define("d", "period: day", "c", `period: cron, cron: "0 3 * * *"`)
		c.setting(store.SettingRecoverDays, "10")
		c.pass(48 * time.Hour)
		began := time.Now()
		c.depose()
		c.pass(35 * 24 * time.Hour)
		c.elect("m1")
		c.pass(time.Minute)
		oldest := time.Now().AddDate(0, 0, -10)
		want := []string{"20261121", "20261122"}
		for day := oldest.AddDate(0, 0, 1); !day.After(time.Now()); day = day.AddDate(0, 0, 1) {
			want = append(want, day.Format("20060102"))
		}
		if got := c.workNos("d"); !slices.Equal(got, want) {
			t.Errorf("got batches %v, want %v: those of before %s and of the last 10 days", got, want, began)
		}
		if alerts := c.alerts("generate-too-old"); alerts < 2 {
			t.Errorf("got %d alerts of what is too old, want one for the days and one for the cron task", alerts)
		}
	})
}

// TestSimChangesInAnOutageKeepEachSlotsVersion changes expression and period of
// tasks while nobody leads: what was due before is made by what stood then.
func TestSimChangesInAnOutageKeepEachSlotsVersion(t *testing.T) {
	t.Parallel()
	simulate(t, setup{stretch: 60}, func(t *testing.T, c *cluster) {
		c.define("c", `period: cron, cron: "0 * * * *"`, "h", "period: hour", "d", "period: day")
		c.at("2026-11-20 07:30:00")
		c.depose()
		c.at("2026-11-20 09:30:00")
		c.define("c", `period: cron, cron: "*/20 * * * *"`, "h", "period: day", "d", "period: hour")
		c.at("2026-11-20 10:30:00")
		c.define("c", `period: cron, cron: "*/20 * * * *", enabled: false`)
		c.at("2026-11-20 12:10:00")
		c.elect("m1")
		c.pass(time.Second)
		for task, want := range map[string][]string{
			"c": {"20261120070000", "20261120080000", "20261120090000", "20261120094000", "20261120100000", "20261120102000"},
			"h": {"2026112006", "2026112007", "2026112008", "2026112009"},
			"d": {"2026112010", "2026112011", "2026112012"},
		} {
			if got := c.workNos(task); !slices.Equal(got, want) {
				t.Errorf("got batches %v of %s, want %v", got, task, want)
			}
		}
		for ref, want := range map[string]int{"c/20261120090000": 1, "c/20261120094000": 2, "h/2026112009": 1, "d/2026112010": 2} {
			if b := c.batch(ref); b == nil || b.TaskVersion != want {
				t.Errorf("got %s of %+v, want version %d", ref, b, want)
			}
		}
		c.sound()
	})
}

func (c *cluster) alerts(kind string) int {
	c.t.Helper()
	var n int
	c.must(c.db.Raw().QueryRowContext(c.t.Context(), "SELECT COUNT(*) FROM capri_alert WHERE kind = ?", kind).Scan(&n))
	return n
}
