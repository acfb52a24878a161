package search

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"capricornus/common/batch"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// Kinds of what is found, in the order they are shown.
const (
	KindTask      = "task"
	KindBatch     = "batch"
	KindHost      = "host"
	KindOperation = "operation"
	KindProject   = "project"
	KindUser      = "user"
)

// othersAge is how old the remembered lists of hosts, projects and users may be.
const othersAge = 5 * time.Second

// tasksOfNumber is for how many tasks a batch is looked up when only a part of
// the task's name is given with the work number.
const tasksOfNumber = 50

// Config is what is searched.
type Config struct {
	DB      *store.DB
	Catalog *store.Catalog
	Zone    *time.Location
}

// Searcher searches. It is safe for concurrent use.
type Searcher struct {
	cfg Config

	mu     sync.Mutex // held while a list is made: whoever comes meanwhile wants the same
	mark   string     // of the tasks
	tasks  []entry
	ids    map[string]int64
	others map[string][]entry
	read   time.Time
}

// New makes a searcher that has nothing in memory yet.
func New(cfg Config) *Searcher { return &Searcher{cfg: cfg} }

// Find lists at most limit things of each kind.
func (s *Searcher) Find(ctx context.Context, text string, limit int) (wire.SearchReply, error) {
	reply := wire.SearchReply{Query: text, Groups: []wire.FoundGroup{}}
	text = strings.TrimSpace(text)
	if text == "" {
		return reply, nil
	}
	known, err := s.lists(ctx)
	if err != nil {
		return reply, err
	}
	add := func(kind string, items []wire.Found, more bool) {
		if len(items) > 0 {
			reply.Groups = append(reply.Groups, wire.FoundGroup{Kind: kind, Items: items, More: more})
		}
	}
	items, more := find(known.tasks, text, limit)
	add(KindTask, items, more)
	if items, more, err = s.batches(ctx, known, text, limit); err != nil {
		return reply, err
	}
	add(KindBatch, items, more)
	items, more = find(known.others[KindHost], text, limit)
	add(KindHost, items, more)
	if items, err = s.operations(ctx, text); err != nil {
		return reply, err
	}
	add(KindOperation, items, false)
	for _, kind := range []string{KindProject, KindUser} {
		items, more = find(known.others[kind], text, limit)
		add(kind, items, more)
	}
	return reply, nil
}

// lists is what is looked through in memory. It is not changed once made.
type lists struct {
	tasks  []entry
	ids    map[string]int64
	others map[string][]entry
}

func (s *Searcher) lists(ctx context.Context) (lists, error) {
	rows, err := s.cfg.Catalog.Tasks(ctx)
	if err != nil {
		return lists{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tasks == nil || s.mark != rows.Mark {
		s.mark, s.tasks, s.ids = rows.Mark, make([]entry, len(rows.Rows)), make(map[string]int64, len(rows.Rows))
		for i, t := range rows.Rows {
			s.tasks[i] = newEntry(wire.Found{Kind: KindTask, Name: t.Name, Text: t.Title, Project: t.Project})
			s.ids[t.Name] = t.ID
		}
	}
	if now := s.cfg.DB.Now(); s.others == nil || now.Sub(s.read) >= othersAge {
		if s.others, err = s.readOthers(ctx); err != nil {
			return lists{}, err
		}
		s.read = now
	}
	return lists{tasks: s.tasks, ids: s.ids, others: s.others}, nil
}

func (s *Searcher) readOthers(ctx context.Context) (map[string][]entry, error) {
	out := map[string][]entry{}
	err := s.cfg.DB.View(ctx, func(t *store.ViewTx) error {
		clear(out)
		hosts, err := t.Hosts(ctx)
		if err != nil {
			return err
		}
		for _, h := range hosts {
			out[KindHost] = append(out[KindHost], newEntry(wire.Found{Kind: KindHost, Name: h.Host, Text: h.Group}))
		}
		projects, err := t.Projects(ctx)
		if err != nil {
			return err
		}
		for _, p := range projects {
			out[KindProject] = append(out[KindProject], newEntry(wire.Found{Kind: KindProject, Name: p.Name, Text: p.Title}))
		}
		users, err := t.Users(ctx)
		for _, u := range users {
			out[KindUser] = append(out[KindUser], newEntry(wire.Found{Kind: KindUser, Name: u.Name}))
		}
		return err
	})
	return out, err
}

// batches finds those whose reference or work number is typed.
func (s *Searcher) batches(ctx context.Context, known lists, text string, limit int) ([]wire.Found, bool, error) {
	name, rest, isRef := strings.Cut(text, "/")
	if !isRef {
		return s.ofNumber(ctx, text, limit)
	}
	no, run, hasRun := strings.Cut(rest, ".")
	if no == "" || strings.Trim(no, "0123456789") != "" {
		return nil, false, nil
	}
	if ref, err := batch.ParseRef(text); err == nil && hasRun && known.ids[name] != 0 {
		return s.ofRef(ctx, ref)
	}
	if hasRun && run != "" {
		return nil, false, nil
	}
	tasks, _ := find(known.tasks, name, tasksOfNumber)
	keys := make([]store.ParentKey, len(tasks))
	for i, t := range tasks {
		keys[i] = store.ParentKey{TaskID: known.ids[t.Name], WorkNo: no}
	}
	var found map[store.ParentKey]store.Node
	err := s.cfg.DB.View(ctx, func(t *store.ViewTx) (err error) {
		found, err = t.Nodes(ctx, keys)
		return err
	})
	var out []wire.Found
	for i, key := range keys { // in the order of the tasks: the best first
		if b, ok := found[key]; ok {
			out = append(out, shownBatch(b.Ref(), b.State, b.Finish, tasks[i].Project, tasks[i].Match))
		}
	}
	return out[:min(limit, len(out))], len(out) > limit, err
}

func (s *Searcher) ofRef(ctx context.Context, ref batch.Ref) ([]wire.Found, bool, error) {
	var b store.Batch
	err := s.cfg.DB.View(ctx, func(t *store.ViewTx) (err error) {
		b, err = t.BatchByRef(ctx, ref)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return []wire.Found{shownBatch(b.Ref(), b.State, b.Finish, b.Project, exact.String())}, false, nil
}

// ofNumber finds batches that were due when those of this work number are: by the
// schedule time, for which there is an index.
func (s *Searcher) ofNumber(ctx context.Context, no string, limit int) ([]wire.Found, bool, error) {
	var out []wire.Found
	for _, base := range s.bases(no) {
		var rows []store.Batch
		err := s.cfg.DB.View(ctx, func(t *store.ViewTx) (err error) {
			rows, err = t.Batches(ctx, store.BatchFilter{From: base, To: base, Latest: true, Limit: 10 * (limit + 1)})
			return err
		})
		if err != nil {
			return nil, false, err
		}
		for _, b := range rows {
			if b.WorkNo == no {
				out = append(out, shownBatch(b.Ref(), b.State, b.Finish, b.Project, exact.String()))
			}
		}
	}
	return out[:min(limit, len(out))], len(out) > limit, nil
}

// bases are the base times that a text means as a work number of any period.
func (s *Searcher) bases(no string) []int64 {
	var out []int64
	for _, kind := range []period.Kind{period.Hour, period.Day, period.Week, period.Month} {
		cycle, err := period.NewCycle(kind, "", s.cfg.Zone)
		if err != nil {
			continue
		}
		if slot, err := cycle.ByWorkNo(no); err == nil && !slices.Contains(out, slot.Base.UnixMilli()) {
			out = append(out, slot.Base.UnixMilli())
		}
	}
	return out
}

func shownBatch(ref batch.Ref, state batch.State, finish batch.Finish, project, match string) wire.Found {
	text := state.String()
	if state == batch.Done {
		text = finish.String()
	}
	return wire.Found{Kind: KindBatch, Name: ref.String(), Text: text, Project: project, Match: match}
}

// operations finds the one whose id is typed.
func (s *Searcher) operations(ctx context.Context, text string) ([]wire.Found, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return nil, nil //nolint:nilerr // no number, no operation
	}
	var o store.Operation
	err = s.cfg.DB.View(ctx, func(t *store.ViewTx) (err error) {
		o, err = t.OperationByID(ctx, id)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []wire.Found{{Kind: KindOperation, Name: text, Text: o.Kind + " " + o.State + ", " + o.Author, Match: exact.String()}}, nil
}
