package place

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"capricornus/common/datapath"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// ReadSnapshot reads everything a pass decides by, but the batches themselves.
// Whether a worker is alive and switched on comes from the table every time.
func ReadSnapshot(ctx context.Context, t *store.ViewTx, termSince int64) (*Snapshot, error) {
	s := &Snapshot{
		Now: t.Now(), TermSince: termSince, Dead: map[string]bool{}, Off: map[string]string{}, Active: map[int64]int{}, Holds: map[string]store.Hold{},
		Excluded: map[int64]map[string]bool{}, Unlucky: map[int64]map[string]bool{}, Resting: map[int64]int64{}, Tasks: map[store.VersionKey]TaskFacts{},
	}
	holds, err := t.Holds(ctx)
	if err != nil {
		return nil, err
	}
	for _, h := range holds {
		s.Holds[HoldKey(h.Kind, h.ObjectID)] = h
	}
	settings, err := t.Settings(ctx)
	if err != nil {
		return nil, err
	}
	s.settings(settings)
	return s, s.readWorkers(ctx, t)
}

func (s *Snapshot) settings(all map[string]string) {
	s.Reschedule = 5 * time.Minute
	if n, err := strconv.Atoi(all[store.SettingReschedule]); err == nil && n > 0 {
		s.Reschedule = time.Duration(n) * time.Second
	}
	if at, err := time.Parse(time.RFC3339, all[store.SettingLatestSchedule]); err == nil {
		s.LatestAt = at.UnixMilli()
	}
}

func (s *Snapshot) readWorkers(ctx context.Context, t *store.ViewTx) error {
	hosts, err := t.Hosts(ctx)
	if err != nil {
		return err
	}
	usages, err := t.Usages(ctx)
	if err != nil {
		return err
	}
	byHost := make(map[string]*Worker, len(hosts))
	for i := range hosts {
		w, err := workerOf(&hosts[i], s.Now)
		if err != nil {
			return err
		}
		byHost[w.Host] = w
		s.Workers = append(s.Workers, w)
		s.Dead[w.Host] = !w.Alive && s.Now-s.TermSince >= hosts[i].CheckInterval
		if w.Stopped {
			s.Off[w.Host] = offWords(&hosts[i], s.Now)
		}
	}
	for _, u := range usages {
		s.Active[u.TaskID] += u.Count
		if w := byHost[u.Host]; w != nil {
			w.Used += u.Count
			w.Reserved += u.Memory
		}
	}
	return nil
}

func workerOf(h *store.Host, now int64) (*Worker, error) {
	w := &Worker{
		Host: h.Host, Incarnation: h.Incarnation, Group: h.Group, Alive: h.AliveAt(now), Stopped: h.StoppedAt(now) || h.GroupOff,
		Slots: h.Slots, Memory: h.Memory, Load: h.Load, LoadLimit: h.LoadLimit,
	}
	if h.Labels == "" {
		return w, nil
	}
	if err := json.Unmarshal([]byte(h.Labels), &w.Labels); err != nil {
		return nil, fmt.Errorf("labels of worker %s: %w", h.Host, err)
	}
	return w, nil
}

// offWords names a worker that is off, with by whom and why.
func offWords(h *store.Host, now int64) string {
	text := h.Host
	switch {
	case !h.StoppedAt(now):
		return text + ", with its group " + h.Group
	case h.StopBy != "":
		text += ", by " + h.StopBy
	default:
		text += ", in the database"
	}
	if h.StopReason != "" {
		text += ": " + h.StopReason
	}
	return text
}

// Facts reads what is needed of the tasks of these batches.
func (s *Snapshot) Facts(ctx context.Context, t *store.ViewTx, defs *store.Definitions, works []store.Work) error {
	var keys []store.VersionKey
	var ids []int64
	operations := false
	for i := range works {
		operations = operations || works[i].OperationID != 0
		k := store.VersionKey{TaskID: works[i].TaskID, Version: works[i].TaskVersion}
		if _, known := s.Tasks[k]; !known {
			s.Tasks[k] = TaskFacts{}
			keys = append(keys, k)
			ids = append(ids, k.TaskID)
		}
	}
	if operations && s.Pending == nil {
		pending, err := t.PendingOperations(ctx)
		if err != nil {
			return err
		}
		s.Pending = pending
	}
	if len(keys) == 0 {
		return nil
	}
	found, err := defs.In(ctx, t, keys)
	if err != nil {
		return err
	}
	rows, err := t.TaskStates(ctx, ids)
	if err != nil {
		return err
	}
	accounts := false
	for _, k := range keys {
		def, row := found[k], rows[k.TaskID]
		if def == nil {
			continue
		}
		spec := &def.Spec
		accounts = accounts || spec.Account != ""
		s.Tasks[k] = TaskFacts{
			Name:       def.Metadata.Name,
			Need:       Need{Group: spec.Workers.Group, Labels: spec.Workers.Labels, Memory: int64(spec.Workers.Memory), Policy: spec.Workers.Policy},
			MaxRunning: spec.MaxRunning, Account: spec.Account, OwnerID: row.OwnerID,
			Enabled: row.IsEnabled, Quality: spec.Quality.Enabled,
		}
	}
	if accounts && s.Grants == nil {
		s.Grants, err = t.Grants(ctx)
	}
	return err
}

// Exclusions reads which hosts batches were taken away from lately, and on which
// they could not run.
func (s *Snapshot) Exclusions(ctx context.Context, t *store.ViewTx, works []store.Work) error {
	ids := make([]int64, 0, len(works))
	for i := range works {
		if works[i].Attempt > 0 {
			ids = append(ids, works[i].ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := t.Reassignments(ctx, ids, s.Now-ExclusionLife.Milliseconds())
	if err != nil {
		return err
	}
	for _, r := range rows {
		s.recall(r)
	}
	misfortunes, err := t.Misfortunes(ctx, ids, s.Now-ExclusionLife.Milliseconds())
	for _, m := range misfortunes {
		note(s.Unlucky, m.WorkID, m.Host)
	}
	return err
}

// recall draws from the log what a batch has met with on a host. One that was
// switched off has not failed it: once it is on it may have it again. One that a
// file system did not answer is the last choice, and no more than that: when
// none was answered, all must have their batches again as soon as it is. While
// it does not answer the masters either, the batch rests, so that a long outage
// moves nothing to and fro.
func (s *Snapshot) recall(r store.Reassignment) {
	switch {
	case strings.HasPrefix(r.Reason, store.ReasonOff):
	case strings.HasPrefix(r.Reason, wire.ReassignedForLook):
		note(s.Unlucky, r.WorkID, r.OldHost)
		if s.silent(r.Reason) {
			s.Resting[r.WorkID] = max(s.Resting[r.WorkID], r.At+ExclusionLife.Milliseconds())
		}
	default:
		s.exclude(r.WorkID, r.OldHost)
	}
}

// silent tells whether a worker's reason names a file system that does not
// answer the masters either.
func (s *Snapshot) silent(reason string) bool {
	name, is := datapath.OutageIn(reason)
	return is && slices.Contains(s.Silent, name)
}
