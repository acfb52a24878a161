// Package metrics is the door to Prometheus: the one list of figures that
// masters and workers show, the registries that hold them, and the listener
// that serves them with the profiles of the process. Names and labels are an
// interface: rules and dashboards of other people are built on them.
package metrics

// Kind is what a figure is to Prometheus.
type Kind string

// The kinds.
const (
	Gauge     Kind = "gauge"
	Counter   Kind = "counter"
	Histogram Kind = "histogram"
)

// Metric describes one figure.
type Metric struct {
	Name   string
	Kind   Kind
	Labels []string
	Help   string
}

// Names of the figures of a master that are read when somebody asks.
const (
	Batches          = "capri_batches"
	BatchesExpected  = "capri_batches_expected"
	BatchesGenerated = "capri_batches_generated"
	BatchesMissing   = "capri_batches_missing"
	GenerationTook   = "capri_generation_seconds"
	DepcheckTook     = "capri_depcheck_seconds"
	DepcheckAge      = "capri_depcheck_age_seconds"
	QueueDepth       = "capri_queue_depth"
	Reassigned       = "capri_reassign_total"
	TimeoutDelay     = "capri_timeout_alert_delay_seconds"
	Workers          = "capri_workers"
	WorkerSlots      = "capri_worker_slots"
	WorkerOffSince   = "capri_worker_off_since_timestamp"
	Masters          = "capri_masters"
	MastersMembers   = "capri_masters_members"
	RaftLeader       = "capri_raft_leader"
	ServiceLastRun   = "capri_service_last_run_timestamp"
	ServiceSuccess   = "capri_service_last_success_timestamp"
	ServiceTook      = "capri_service_seconds"
	HDFSProbe        = "capri_hdfs_probe_seconds"
	HDFSUp           = "capri_hdfs_up"
	Database         = "capri_db_seconds"
	SSEClients       = "capri_sse_clients"
	Conditions       = "capri_conditions"
	Incidents        = "capri_incidents"
	CanaryAge        = "capri_canary_age_seconds"
	Stale            = "capri_metrics_stale"
)

// Names of the figures of a master that are counted as things happen.
const (
	buildInfo    = "capri_build_info"
	httpCalls    = "capri_http_requests_total"
	httpSeconds  = "capri_http_request_seconds"
	attempts     = "capri_attempts_total"
	runSeconds   = "capri_run_seconds"
	dispatchTook = "capri_dispatch_latency_seconds"
	startTook    = "capri_start_latency_seconds"
	alertSends   = "capri_alert_send_total"
)

// Names of the figures of a worker.
const (
	hostSlots    = "capri_host_slots"
	hostRunning  = "capri_host_running"
	hostMemory   = "capri_host_free_memory_bytes"
	hostDisk     = "capri_host_free_disk_bytes"
	hostLoad     = "capri_host_load"
	hostAttempts = "capri_host_attempts_total"
	hostRun      = "capri_host_run_seconds"
	hostOutbox   = "capri_host_outbox_length"
	hostContact  = "capri_host_last_contact_timestamp"
	hostStalled  = "capri_host_stalled"
	hostHung     = "capri_host_hung_total"
)

// OfMaster lists the figures of a master, beside those of the Go runtime and
// the process.
func OfMaster() []Metric {
	return append(readFigures(), countedFigures()...)
}

// readFigures are read when somebody asks.
func readFigures() []Metric {
	return []Metric{
		{Batches, Gauge, []string{"state", "period"}, "Batches by state: waiting, assigned, running now; success, failed, killed, skipped, lost: ended in the last 24 hours"},
		{BatchesExpected, Gauge, []string{"period"}, "Batches that should be there of the last three hours, as the leader's last look for missing ones counted"},
		{BatchesGenerated, Gauge, []string{"period"}, "Those of capri_batches_expected that are there"},
		{BatchesMissing, Gauge, []string{"period"}, "Those of capri_batches_expected that are not there"},
		{GenerationTook, Gauge, []string{"period"}, "How long the last pass of generation took; one pass makes the batches of all periods: period is all"},
		{DepcheckTook, Gauge, nil, "How long the last dependency check took, the slower of depend and paths"},
		{DepcheckAge, Gauge, nil, "How long ago a dependency check last succeeded, the older of depend and paths"},
		{QueueDepth, Gauge, []string{"priority"}, "Waiting batches whose dependencies are met, by priority; 0 is the most urgent"},
		{Reassigned, Counter, []string{"worker"}, "Batches that were taken away from a worker, since this master began to look"},
		{TimeoutDelay, Gauge, nil, "How long the oldest deadline that has passed has not been told yet; 0: all are"},
		{Workers, Gauge, []string{"state"}, "Workers by state: on, off (switched off, or their group is), silent (not heard of for a check interval), dead (declared so)"},
		{WorkerSlots, Gauge, []string{"host", "kind"}, "Slots of a worker: total; assigned and running ones are taken"},
		{WorkerOffSince, Gauge, []string{"host"}, "When a worker was switched off; there is none for workers that are on"},
		{Masters, Gauge, nil, "Masters that are heard of"},
		{MastersMembers, Gauge, nil, "Masters that are members of the cluster"},
		{RaftLeader, Gauge, nil, "1 when this master leads"},
		{ServiceLastRun, Gauge, []string{"service"}, "When the last pass of a duty of the masters ended"},
		{ServiceSuccess, Gauge, []string{"service"}, "When the last pass of a duty without an error ended"},
		{ServiceTook, Gauge, []string{"service"}, "How long the last pass of a duty took"},
		{HDFSProbe, Gauge, nil, "How long the last look at all quiet file systems took; the leader looks every 30 s"},
		{HDFSUp, Gauge, []string{"filesystem"}, "1 when a file system answers this master, 0 when it does not"},
		{Database, Gauge, nil, "How long the database took to answer a question that needs no table"},
		{SSEClients, Gauge, nil, "Clients that follow events at this master"},
		{Conditions, Gauge, []string{"kind", "level"}, "What the platform's monitor has told of and what is not over, by kind and level"},
		{Incidents, Gauge, []string{"sev"}, "Open incidents by level: critical, important, notice, task"},
		{CanaryAge, Gauge, nil, "How long the canary task's oldest batch since its last success has been due; there is none without that task"},
		{Stale, Gauge, nil, "1 when the figures of the database are old: it did not answer within 2 s"},
	}
}

// countedFigures are counted as things happen.
func countedFigures() []Metric {
	return []Metric{
		{buildInfo, Gauge, []string{"version"}, "1, with the version of this program"},
		{httpCalls, Counter, []string{"route", "status"}, "HTTP calls by the pattern of their route and the status of the answer"},
		{httpSeconds, Histogram, []string{"route"}, "How long HTTP calls took, long polls and streams included"},
		{attempts, Counter, []string{"outcome"}, "Attempts whose end this master took, by outcome"},
		{runSeconds, Histogram, nil, "How long attempts ran whose end this master took"},
		{dispatchTook, Histogram, nil, "How long batches waited for a place after everything else allowed them to run, until they were assigned; the leader knows"},
		{alertSends, Counter, []string{"channel", "result"}, "Tries to send a message, by channel (phone, sms, mail, webhook) and result: sent, again (another try follows), failed (for good)"},
		{startTook, Histogram, nil, "How long batches took from being assigned to the start of their attempt"},
	}
}

// OfWorker lists the figures of a worker, beside those of the Go runtime and
// the process.
func OfWorker() []Metric {
	return []Metric{
		{buildInfo, Gauge, []string{"version"}, "1, with the version of this program"},
		{hostSlots, Gauge, nil, "Attempts that this worker takes at the same time"},
		{hostRunning, Gauge, nil, "Attempts that this worker has in hand"},
		{hostMemory, Gauge, nil, "Memory available to new processes"},
		{hostDisk, Gauge, nil, "Free space on the file system of the worker's root"},
		{hostLoad, Gauge, nil, "One-minute load average divided by cores"},
		{hostAttempts, Counter, []string{"outcome"}, "Attempts that ended here: success, failed, killed, timeout, over, infra, lost"},
		{hostRun, Histogram, nil, "How long attempts ran here"},
		{hostOutbox, Gauge, nil, "Results that no master has taken yet"},
		{hostContact, Gauge, nil, "When the last answered heartbeat was sent"},
		{hostStalled, Gauge, nil, "Attempts that have written nothing and used next to no processor time for 5 minutes"},
		{hostHung, Counter, []string{"what"}, "What hung on HDFS and was ended: download (of a program package), process (of an attempt)"},
	}
}
