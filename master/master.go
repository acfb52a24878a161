// Package master composes a master: the election, the duties of the leader
// with their clocks and wakes, and the API that every master serves.
package master

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"capricornus/common/datapath"
	"capricornus/common/job"
	"capricornus/common/logs"
	"capricornus/common/metrics"
	"capricornus/common/store"
	"capricornus/common/trace"
	"capricornus/master/api"
	"capricornus/master/console"
	"capricornus/master/duty"
	"capricornus/master/election"
	"capricornus/master/gate"
	"capricornus/master/guard"
	"capricornus/master/identity"
	"capricornus/master/intake"
	"capricornus/master/jobs"
	"capricornus/master/live"
	"capricornus/master/notice"
	"capricornus/master/notice/channel"
	"capricornus/master/notice/deliver"
	"capricornus/master/place"
	"capricornus/master/plan"
	"capricornus/master/report"
	"capricornus/master/roster"
	"capricornus/master/watch"
	"capricornus/master/why"
)

// Config says who a master is.
type Config struct {
	Node    string
	Version string
	// Advertise is the URL under which others reach this master's API.
	Advertise string
	// Members are the masters of the cluster; nil: there is this one alone.
	Members api.Members
	// Peers is how the API of other masters is reached; nil: over the network,
	// without TLS of our own.
	Peers http.RoundTripper
	// OwnClock leaves the database's clock alone: this process's is the cluster's.
	OwnClock bool
	// QualityURL is where the data-quality service takes questions; empty: there is none.
	QualityURL string
	// QualityNet is how it is reached; nil: over the network.
	QualityNet http.RoundTripper
	// Jobs are those of the file that the configuration names; nil: it names none.
	Jobs []job.Job
	// Login says how long logins last, and where people log in besides here.
	Login identity.Config
	// CallRate bounds the calls a second of one credential; 0: not bounded.
	CallRate int
	// Paths looks at data paths; nil: at local ones only. Run closes it in the end.
	Paths *datapath.Checker
	// Heartbeat is how an outside monitor is called; without Call there is none.
	Heartbeat Heartbeat
	// Senders are the channels that people are told on; the zero value: none.
	Senders channel.Senders
	// Large is the profile: the monitor measures the fleets by fixed numbers.
	Large bool
	// Stretch multiplies the intervals of what only makes up for lost wakes: the
	// duties' ticks, long polls, this master's announcements. 0 and 1 leave them
	// as they are; simulations of weeks stretch them.
	Stretch int
	// Trace takes the spans of calls and passes; nil: nothing is traced.
	Trace *trace.Tracer
}

// stretched is an interval as this master has it.
func (c Config) stretched(interval time.Duration) time.Duration {
	return interval * time.Duration(max(c.Stretch, 1))
}

// dialTimeout is for a connection to another master.
const dialTimeout = time.Second

// definitionLimit bounds how many task definitions a master remembers.
const definitionLimit = 20000

// Master is one master. New wires it, Run serves until its context ends.
type Master struct {
	cfg       Config
	db        *store.DB
	terms     election.Terms
	log       *slog.Logger
	zone      *time.Location
	planner   *plan.Planner
	gate      *gate.Gate
	quality   *gate.Quality
	placer    *place.Placer
	intake    *intake.Intake
	guard     *guard.Guard
	watch     *watch.Watch
	live      *live.Hub
	jobs      *jobs.Jobs
	reports   *report.Reports
	roster    *roster.Roster
	notifier  *notice.Notifier
	deliverer *deliver.Deliverer
	engine    *duty.Engine
	handler   http.Handler
	term      atomic.Pointer[reign]

	announcer *announcer
	courier   *courier
	metrics   *metrics.Master
	figures   *figures
	stopping  atomic.Bool
}

// reign is the term this master leads, while it does.
type reign struct {
	*election.Term

	since    time.Time
	watchdog *time.Timer // ends it when the database is away
}

// New wires a master over an open, migrated database.
func New(ctx context.Context, cfg Config, db *store.DB, terms election.Terms, log *slog.Logger) (*Master, error) {
	if err := db.CheckSchema(ctx, ""); err != nil {
		return nil, err
	}
	zone, err := db.Zone(ctx)
	if err != nil {
		return nil, err
	}
	if cfg.Peers == nil {
		cfg.Peers = &http.Transport{DialContext: (&net.Dialer{Timeout: dialTimeout}).DialContext, IdleConnTimeout: time.Minute}
	}
	if cfg.Paths == nil {
		cfg.Paths = datapath.New(datapath.Options{})
	}
	m := &Master{cfg: cfg, db: db, terms: terms, log: log, zone: zone}
	if m.announcer, err = m.newAnnouncer(ctx); err != nil {
		return nil, err
	}
	m.courier = newCourier(m)
	m.newMetrics()
	defs := store.NewDefinitions(db, definitionLimit)
	m.planner = plan.New(db, defs, zone, plan.Notify{
		Generated: m.generated, Operation: m.ordered, Killed: m.rung, Finished: m.finished, Freed: m.assignable,
	}, log)
	m.gate = gate.New(db, cfg.Paths, m.assignable, log)
	m.intake = intake.New(intake.Deps{
		DB: db, Defs: defs, Zone: zone, Node: cfg.Node, Leader: m.leading, Log: log,
		MaxWait: cfg.stretched(intake.MaxWait),
		Notify:  intake.Notify{Finished: m.finished, Freed: m.assignable, Doubted: m.doubted, Returned: m.returned, Started: m.metrics.Started, Ended: m.metrics.Ended},
	})
	m.guard = m.newGuard(defs)
	explainer := why.New(why.Config{DB: db, Defs: defs, Zone: zone, Quality: cfg.QualityURL != "", Silent: cfg.Paths.Silent})
	m.watch = m.newWatch(defs, explainer)
	m.reports = m.newReports(explainer)
	m.notifier = m.newNotifier(defs)
	m.deliverer = m.newDeliverer(explainer)
	m.jobs = jobs.New(jobs.Deps{DB: db, Config: cfg.Jobs, Applied: m.applied, Log: log})
	m.roster = roster.New(roster.Deps{DB: db, Zone: zone})
	m.placer = place.New(db, defs, cfg.Paths.Silent, place.Notify{Assigned: m.rung, Quality: m.beforeQuality, Dispatched: m.metrics.Dispatched}, log)
	m.quality = m.newQuality(defs)
	m.engine, err = duty.New(duty.Config{
		Duties: m.duties(), Recorder: &recorder{master: m}, Zone: zone, Logger: log, Ahead: db.ClockOffset,
		Fatal: func(err error) bool { return errors.Is(err, store.ErrFenced) },
	})
	if err != nil {
		return nil, err
	}
	cfg.Paths.OnChange(m.fileSystemChanged)
	m.live = live.New(live.Config{DB: db, Leader: terms.Leader, Log: log})
	pages, err := console.New()
	if err != nil {
		return nil, err
	}
	m.handler, err = api.New(api.Deps{
		DB: db, Defs: defs, Zone: zone, Node: cfg.Node, Version: cfg.Version, Plans: m.planner, Intake: m.intake,
		Why: explainer.Explain, Services: m.engine,
		Leader: terms.Leader, IsLeader: func() bool { return m.term.Load() != nil }, Epoch: m.epoch,
		Announced: m.announced, Applied: m.applied, Dead: m.repair, Switched: m.assignable, Answered: m.assignable, Rostered: m.rostered, Noticed: m.noticed, Posted: m.posted,
		Members: cfg.Members, Hear: m.hear, CallKey: m.announcer.callKey, CallRate: cfg.CallRate, Peers: cfg.Peers, QualityURL: cfg.QualityURL, Login: cfg.Login, SecureCookies: strings.HasPrefix(cfg.Advertise, "https://"), Missing: m.watch.MissingBatches, Canary: m.watch.ShowCanary, Reports: m.reports,
		Live: m.live, Console: pages, Metrics: m.metrics, Trace: cfg.Trace, Stopping: m.stopping.Load, Log: log,
	})
	return m, err
}

// duties is the literal list of what a leader does, with its clocks. Ticks are
// for correctness, wakes for speed.
func (m *Master) duties() []duty.Duty {
	lead := func(t *election.Term) *store.Lead { return m.db.Lead(t.Epoch, m.cfg.Node) }
	plans := []duty.Duty{
		{
			Name: plan.DutyGenerate, Every: m.cfg.stretched(30 * time.Second), Timeout: 10 * time.Minute,
			Run: func(ctx context.Context, t *election.Term) (duty.Pass, error) {
				return m.planner.Generate(ctx, lead(t))
			},
		},
		{
			Name: plan.DutyCreate, Every: m.cfg.stretched(5 * time.Second),
			Run: func(ctx context.Context, t *election.Term) (duty.Pass, error) {
				return m.planner.CreateBatches(ctx, lead(t))
			},
		},
	}
	assign := duty.Duty{
		Name: place.DutyAssign, Every: m.cfg.stretched(place.Every), Timeout: 5 * time.Minute,
		Run: func(ctx context.Context, t *election.Term) (duty.Pass, error) {
			return m.placer.Assign(ctx, lead(t), m.termSince())
		},
	}
	all := slices.Concat(plans, m.gateDuties(lead), []duty.Duty{assign}, m.guardDuties(lead), m.watchDuties(lead), m.jobDuties(lead), m.rosterDuties(lead), m.reportDuties(lead), m.noticeDuties(lead), m.deliverDuties(lead))
	all = append(all, m.heartbeatDuties(lead, all)...)
	for i := range all {
		all[i].Run = m.traced(all[i])
	}
	return all
}

// address is the URL under which the leader, while this master leads, is reached.
func (m *Master) address() string {
	_, address, _ := m.terms.Leader()
	return address
}

// leading tells the intake whose term it is.
func (m *Master) leading() (context.Context, string, bool) {
	_, address, _ := m.terms.Leader()
	r := m.term.Load()
	if r == nil {
		return nil, address, false
	}
	return r.Context(), address, true
}

func (m *Master) epoch() int64 {
	if r := m.term.Load(); r != nil {
		return r.Epoch
	}
	return 0
}

func (m *Master) termSince() time.Time {
	if r := m.term.Load(); r != nil {
		return r.since
	}
	return m.db.Now()
}

// Handler serves people, programs and workers.
func (m *Master) Handler() http.Handler { return m.handler }

// Run takes part in elections and leads when it is this master's turn, until
// ctx ends. It serves no HTTP: Serve does. A master runs once.
func (m *Master) Run(ctx context.Context) error {
	m.db.HearAlerts(m.cfg.Node, m.alerted)
	defer m.db.HearAlerts(m.cfg.Node, nil)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return m.terms.Run(ctx, m.lead) })
	g.Go(func() error { return m.announce(ctx) })
	g.Go(func() error { return m.courier.run(ctx) })
	err := g.Wait()
	m.takeLeave(ctx)
	return errors.Join(err, m.cfg.Paths.Close())
}

func (m *Master) lead(ctx context.Context, t *election.Term) error {
	m.log.Info("leading", logs.Term, t.Epoch)
	r := &reign{Term: t, since: m.db.Now(), watchdog: m.watchDatabase(t)}
	m.term.Store(r)
	m.announcer.turn()
	defer func() {
		m.term.Store(nil)
		r.watchdog.Stop()
		m.announcer.turn()
	}()
	m.gate.Begin()
	return m.engine.Run(ctx, t)
}

// Claimer lets the election claim terms in the database.
type Claimer struct{ DB *store.DB }

// Claim raises the database's epoch for a new term.
func (c Claimer) Claim(ctx context.Context, claim election.Claim) (int64, error) {
	return c.DB.Claim(ctx, store.Claim(claim))
}
