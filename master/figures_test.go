package master

import (
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/metrics"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/master/watch"
)

// TestFiguresOfASighting: what the database says is what is shown.
func TestFiguresOfASighting(t *testing.T) {
	t.Parallel()
	now := int64(1_000_000_000)
	s := &sighting{
		now: now, took: 2 * time.Second, due: now - 90_000,
		tallies: []store.Tally{{State: batch.Running, Period: int(period.Day), Count: 3}, {State: batch.Done, Finish: batch.Failed, Period: int(period.Hour), Count: 2}},
		depths:  []store.Depth{{Priority: 1, Count: 5}},
		hosts: []store.Host{
			{Host: "on", LastCheckTime: now, CheckInterval: 30_000, Slots: 4},
			{Host: "off", LastCheckTime: now, CheckInterval: 30_000, Slots: 4, IsStop: true, StopTime: now - 5_000},
			{Host: "silent", LastCheckTime: now - 60_000, CheckInterval: 30_000},
			{Host: "dead", DeadAt: 1},
		},
		taken:      []store.Taken{{Host: "on", State: batch.Running, Count: 3}, {Host: "forgotten", State: batch.Running, Count: 1}},
		masters:    []store.Master{{LastSeen: now}, {LastSeen: now - 60_000}},
		runs:       []store.ServiceRun{{Name: "depend", StartedAt: now - 9_000, EndedAt: now - 8_000, SucceededAt: now - 8_000}, {Name: "paths", StartedAt: now - 7_000, EndedAt: now - 4_000, SucceededAt: now - 4_000}, {Name: "generate", StartedAt: 1_000, EndedAt: 3_500}},
		incidents:  []store.IncidentTally{{Level: "critical", Count: 4}},
		canary:     &watch.Canary{Task: "capri_canary", Due: time.UnixMilli(now - 7_000)},
		conditions: []store.Condition{{Kind: "moves", Object: "w1", Level: "important"}, {Kind: "moves", Object: "w2", Level: "important"}},
	}
	m := moves{byHost: map[string]int{"w1": 2}}
	got := map[string]float64{}
	for _, all := range [][]metrics.Sample{
		s.batches(), s.workers(), s.platform(), s.told(), m.samples(),
		covered(&watch.Coverage{ByPeriod: map[period.Kind]watch.Cover{period.Day: {Expected: 9, Missing: 2}}}),
	} {
		for _, sample := range all {
			key := sample.Name
			for _, label := range sample.Labels {
				key += " " + label
			}
			got[key] = sample.Value
		}
	}
	for key, want := range map[string]float64{
		"capri_batches running day": 3, "capri_batches failed hour": 2, "capri_queue_depth 1": 5, "capri_timeout_alert_delay_seconds": 90,
		"capri_workers on": 1, "capri_workers off": 1, "capri_workers silent": 1, "capri_workers dead": 1,
		"capri_worker_slots on total": 4, "capri_worker_slots on running": 3, "capri_worker_off_since_timestamp off": 999_995,
		"capri_masters": 1, "capri_db_seconds": 2, "capri_depcheck_seconds": 3, "capri_depcheck_age_seconds": 8, "capri_generation_seconds all": 2.5,
		"capri_service_seconds depend": 1, "capri_service_last_run_timestamp paths": 999_996, "capri_conditions moves important": 2,
		"capri_incidents critical": 4, "capri_incidents important": 0, "capri_incidents notice": 0, "capri_incidents task": 0, "capri_canary_age_seconds": 7,
		"capri_reassign_total w1": 2, "capri_batches_expected day": 9, "capri_batches_generated day": 7, "capri_batches_missing day": 2,
	} {
		if value, there := got[key]; !there || value != want {
			t.Errorf("%s: got %v (%v), want %v", key, value, there, want)
		}
	}
	if _, there := got["capri_worker_slots forgotten running"]; there {
		t.Error("got slots of a worker that is no more")
	}
	known := metrics.OfMaster()
	for key := range got {
		named := false
		for _, m := range known {
			named = named || len(key) >= len(m.Name) && key[:len(m.Name)] == m.Name
		}
		if !named {
			t.Errorf("%s is in no list", key)
		}
	}
}
