package api

import (
	"net/http"
	"testing"

	"capricornus/common/wire"
	"capricornus/master/roster"
)

func TestEventsTellWhatPeopleDoAboutIncidents(t *testing.T) {
	t.Parallel()
	troubledEngines(t, func(t *testing.T, r *troubled) {
		t.Helper()
		r.quick()
		server := r.serve(t)
		w := watchEvents(t, server, "viewer", wire.LiveQuery{Topics: []string{wire.TopicIncident, wire.TopicCluster}})
		w.leads()
		stands := func(what, code string, wanted func(i *wire.LiveIncident) bool) {
			w.until(what, func(e wire.LiveEvent) bool { return e.Incident != nil && e.Incident.Code == code && wanted(e.Incident) })
		}
		stands("how it stands", r.code, func(i *wire.LiveIncident) bool {
			return i.State == "open" && i.AckBy == "" && i.Level == "important"
		})
		another, _ := r.incident("/data/other", 1)
		stands("another one", another, func(i *wire.LiveIncident) bool { return i.State == "open" })
		r.must(http.MethodPost, root+"/incidents/"+r.code+"/ack", "operator", wire.AckRequest{Note: "on it"}, nil)
		stands("its acknowledgement", r.code, func(i *wire.LiveIncident) bool {
			return i.State == "open" && i.AckBy == "admin" && i.AckAt > 0
		})
		r.resolve(r.code)
		stands("its end", r.code, func(i *wire.LiveIncident) bool { return i.State == "ended" })
		late := watchEvents(t, server, "viewer", wire.LiveQuery{Topics: []string{wire.TopicIncident, wire.TopicCluster}})
		late.leads()
		late.until("how the other stands", func(e wire.LiveEvent) bool { return e.Incident != nil && e.Incident.Code == another })
		for _, e := range late.seen {
			if e.Incident != nil && e.Incident.Code == r.code {
				t.Errorf("got %+v, want nothing of what is over", e.Incident)
			}
		}
	})
}

func TestEventsTellOfTheRoster(t *testing.T) {
	t.Parallel()
	onDutyEngines(t, func(t *testing.T, r *onDuty) {
		t.Helper()
		r.quick()
		r.must(http.MethodPost, root+"/duty/data/"+r.day(9), "operator", wire.DutyRequest{Primary: "ann", Reason: "before anybody looks"}, nil)
		server := r.serve(t)
		w := watchEvents(t, server, "viewer", wire.LiveQuery{Topics: []string{wire.TopicDuty, wire.TopicCluster}})
		w.leads()
		tells := func(change, department string) wire.LiveEvent {
			return w.until(change, func(e wire.LiveEvent) bool {
				return e.Duty != nil && e.Duty.Change == change && e.Duty.Department == department && e.Duty.By == "admin" && e.Duty.At > 0
			})
		}
		r.must(http.MethodPost, root+"/duty-rotations/data", "operator", wire.DutyRotationRequest{EveryDays: 7, Members: []string{"ann", "bob"}, Reason: "summer"}, nil)
		tells("rotation-put", "data")
		r.must(http.MethodPost, root+"/duty/data/"+r.day(1), "operator", wire.DutyRequest{Primary: "bob", Reason: "swapped"}, nil)
		last := tells("set", "data")
		r.must(http.MethodPost, root+"/duty/data/"+r.day(1)+"/clear", "operator", wire.DutyClearRequest{Reason: "back"}, nil)
		tells("clear", "data")
		r.world.Change("DELETE FROM capri_duty WHERE day = ?", int(r.today.Add(30))) // as if it had been yesterday
		if _, err := r.api.roster.Keep(t.Context(), r.world.Lead); err != nil {
			t.Fatal(err)
		}
		w.until("the day that the leader has filled", func(e wire.LiveEvent) bool {
			return e.Duty != nil && e.Duty.Change == "fill" && e.Duty.Department == "" && e.Duty.By == roster.Duty && e.Duty.At > 0
		})
		w.stop()
		r.api.hub.Wake()
		behind := watchEvents(t, server, "viewer", wire.LiveQuery{Topics: []string{wire.TopicDuty}, Since: last.ID})
		behind.until("what came behind", func(e wire.LiveEvent) bool { return e.Duty != nil && e.Duty.Change == "clear" })
		told := 0
		for _, e := range w.seen {
			if e.Duty != nil && e.Duty.Change == "set" {
				told++
			}
		}
		if told != 1 {
			t.Errorf("got the change %d times, want it once, and nothing of before", told)
		}
	})
}
