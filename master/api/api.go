package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"capricornus/common/batch"
	"capricornus/common/metrics"
	"capricornus/common/period"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/trace"
	"capricornus/common/wire"
	"capricornus/master/define"
	"capricornus/master/election"
	"capricornus/master/identity"
	"capricornus/master/live"
	"capricornus/master/plan"
	"capricornus/master/roster"
)

// Deps are what the calls are passed on to. All of them but Epoch are needed.
type Deps struct {
	DB            *store.DB
	Defs          *store.Definitions
	Zone          *time.Location
	Node, Version string
	Plans         Planner
	Intake        Intake
	Why           func(ctx context.Context, ref batch.Ref, lang string) (wire.Why, error)
	Services      Services
	Leader        func() (node, address string, ok bool)
	IsLeader      func() bool
	Epoch         func() int64 // of the term this master leads, 0 for none
	Announced     func()       // a third party announced data: dependencies may be met
	Applied       func()       // tasks were saved: there may be something to generate
	Dead          func()       // a worker was declared dead: what runs there is to be ended
	Switched      func()       // a worker was switched: batches may be assigned, or must leave it
	Answered      func()       // a data-quality answer came: batches may be assigned
	Rostered      func()       // the duty roster, a user or a setting has changed; nil: nobody is told
	Noticed       func()       // an incident was acknowledged, or a silence begun or ended; nil: nobody is told
	Posted        func()       // there is a message to be sent; nil: nobody is told
	QualityURL    string       // of the data-quality service; empty: there is none
	Missing       func(ctx context.Context, q wire.MissingQuery) (wire.MissingList, error)
	Canary        func(ctx context.Context) (*wire.Canary, error) // nil: nothing is watched
	Reports       Reports
	Members       Members           // nil: this master has no raft, and no member but itself
	Hear          func(wire.News)   // another master has news for the leader; nil: nobody takes them
	CallKey       string            // what other masters sign their calls to this one with
	Peers         http.RoundTripper // to other masters; nil: over the network, without TLS of our own
	Login         identity.Config   // how long logins last, and where else people log in
	SecureCookies bool              // browsers come by https, whatever this master listens on
	Live          *live.Hub         // tells people who watch what happens; nil: one of the API's own
	CallRate      int               // calls a second of one credential; 0: not bounded
	Metrics       *metrics.Master   // nil: nothing is counted
	Trace         *trace.Tracer     // nil: nothing is traced
	Stopping      func() bool       // nil: never
	Console       Console           // nil: there is a plain page instead
	Log           *slog.Logger
}

// Console serves the web console's files and pages; false: it has none such.
type Console interface {
	Serve(w http.ResponseWriter, r *http.Request) bool
}

// Members are the masters of the cluster, as raft knows them.
type Members interface {
	Status() election.Status
	Transfer(ctx context.Context, to string) error
	Join(ctx context.Context, node, address string) error
	Remove(ctx context.Context, node string) error
}

// Planner makes batches by hand and by plan, and does what persons command.
type Planner interface {
	Plan(ctx context.Context, by plan.Caller, req wire.PlanRequest) (wire.Plan, error)
	Apply(ctx context.Context, by plan.Caller, planID int64, fingerprint string) (store.Operation, error)
	Execute(ctx context.Context, by plan.Caller, task string) (plan.Executed, error)
	Cancel(ctx context.Context, by plan.Caller, operation int64, reason string) (store.Operation, error)
	Resume(ctx context.Context, by plan.Caller, operation int64, reason string) (store.Operation, error)
	Links(ctx context.Context, tasks []store.Task) ([]plan.Link, error)
	Needs(ctx context.Context, row store.Task, def *task.Task, slot period.Slot) ([]plan.Need, error)
	Command(ctx context.Context, by plan.Caller, ref batch.Ref, c plan.Command) (wire.CommandReply, error)
	HoldObject(ctx context.Context, by plan.Caller, o plan.Object, c plan.Command) (wire.CommandReply, error)
	ReleaseObject(ctx context.Context, by plan.Caller, o plan.Object, c plan.Command) (wire.CommandReply, error)
}

// Intake takes what workers say.
type Intake interface {
	Beat(ctx context.Context, beat wire.Heartbeat) (wire.HeartbeatReply, error)
	Claim(ctx context.Context, claim wire.Claim) (wire.ClaimReply, error)
	Facts(ctx context.Context, facts wire.FactsRequest) (wire.FactsReply, error)
	Notices(ctx context.Context, notices wire.NoticesRequest) (wire.NoticesReply, error)
}

// Services are the duties of the leader.
type Services interface {
	RunNow(ctx context.Context, name string) error
	Names() []string
	Intervals() map[string]time.Duration // between the ticks of each; 0: it goes by the clock
}

// api is what the handlers share.
type api struct {
	Deps
	views
	mux      *http.ServeMux
	huma     huma.API
	rights   map[string]permit.Action // what a call does, by pattern of the mux; what is missing is denied
	public   map[string][]byte        // pages by exact path, /healthz and /readyz excepted
	open     map[string]bool          // by pattern, the routes that need no credential
	anyScope map[string]bool          // by pattern, the routes that narrowed tokens have, too
	identity *identity.Service
	defined  *define.Catalog
	roster   *roster.Roster
	tokens   *tokens
	hosts    *hostKeys
	rates    *rates
	queue    queueCount
	relayed  map[string]relayed   // by pattern, the routes that the leader alone can answer
	once     map[string]onceRoute // by pattern, what idempotency keys have to know of a route
	leader   *http.Client         // passes calls on
	worker   *http.Client         // fetches logs
	ended    *ended               // what hangs on batches that ended
	follow   chan struct{}        // a place for each log that is sent as events
	styles   string               // what the Content-Security-Policy of pages allows
	outage   told                 // of the database
	checks   *checks              // of /readyz
}

// New wires the handler of a master.
func New(d Deps) (http.Handler, error) {
	a, err := newAPI(d)
	if err != nil {
		return nil, err
	}
	return a.handler(), nil
}

func newAPI(d Deps) (*api, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	config := huma.Config{
		OpenAPI:       describe(d.Version),
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}, // the second is for +json
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{asProblem},

		RejectUnknownQueryParameters: true,
	}
	logins := identity.New(d.DB, d.Login)
	a := &api{
		Deps: d, mux: mux, huma: humago.New(mux, config), rights: map[string]permit.Action{}, relayed: map[string]relayed{}, once: map[string]onceRoute{}, leader: relayClient(d.Peers), tokens: newTokens(d.DB, logins.Idle()), identity: logins,
		open: map[string]bool{}, anyScope: map[string]bool{},
		hosts: newHostKeys(), rates: newRates(d.CallRate), worker: logClient(), ended: newEnded(), follow: make(chan struct{}, maxFollowers),
		checks: newChecks(),
	}
	a.defined = define.New(d.DB, d.Defs, d.Zone, d.Plans)
	a.roster = roster.New(roster.Deps{DB: d.DB, Zone: d.Zone})
	a.newViews()
	a.register()
	a.describeErrors()
	if err := a.renderPages(); err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	return a, nil
}

func (a *api) register() {
	a.taskRoutes()
	a.projectRoutes()
	a.groupRoutes()
	a.batchRoutes()
	a.planRoutes()
	a.commandRoutes()
	a.holdRoutes()
	a.clusterRoutes()
	a.hostRoutes()
	a.settingRoutes()
	a.workerRoutes()
	a.qualityRoutes()
	a.missingRoutes()
	a.alertRoutes()
	a.alertTestRoutes()
	a.reportRoutes()
	a.alertPeopleRoutes()
	a.incidentRoutes()
	a.silenceRoutes()
	a.templateRoutes()
	a.dutyRoutes()
	a.tanzhiRoutes()
	a.queueRoutes()
	a.loginRoutes()
	a.userRoutes()
	a.tokenRoutes()
	a.accountRoutes()
	a.projectMemberRoutes()
	a.auditRoutes()
	a.viewRoutes()
}

// check finds what is missing now instead of at the first call that needs it.
func (d *Deps) check() error {
	var missing []error
	for _, dep := range []struct {
		name  string
		given bool
	}{
		{"DB", d.DB != nil}, {"Defs", d.Defs != nil}, {"Zone", d.Zone != nil}, {"Plans", d.Plans != nil}, {"Intake", d.Intake != nil},
		{"Why", d.Why != nil}, {"Services", d.Services != nil}, {"Leader", d.Leader != nil}, {"IsLeader", d.IsLeader != nil},
		{"Announced", d.Announced != nil}, {"Applied", d.Applied != nil}, {"Dead", d.Dead != nil}, {"Answered", d.Answered != nil}, {"Missing", d.Missing != nil}, {"Reports", d.Reports != nil}, {"Log", d.Log != nil},
	} {
		if !dep.given {
			missing = append(missing, fmt.Errorf("api: %s is missing", dep.name))
		}
	}
	return errors.Join(missing...)
}

// Limits of the server, beside those of single routes.
const (
	headTimeout  = 5 * time.Second
	writeTimeout = 2 * time.Minute // longer than any answer takes, long polls included; logs prolong it
	idleTimeout  = 2 * time.Minute
	maxHead      = 32 << 10
)

// Server returns a server for the handler that closes slow clients.
func Server(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headTimeout, // bodies have deadlines of their own, by route
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHead,
	}
}
