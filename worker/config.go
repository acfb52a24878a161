package worker

import (
	"errors"
	"fmt"
	"time"

	"capricornus/common/datapath/hdfs"
	"capricornus/common/outbound"
)

// Config is what a worker is told. Default gives the values of keys nobody sets.
type Config struct {
	Host          string            // name in the cluster
	Masters       []string          // base URLs
	Token         string            // credential for the masters
	CA            []byte            // PEM certificates that those of https masters must be signed by; empty: the system's
	Root          string            // directory for attempts and results
	Group         string            // group that tasks choose workers by
	Labels        map[string]string // labels that tasks choose workers by
	Slots         int               // attempts at the same time
	Heartbeat     time.Duration     // between heartbeats; shorter than CheckInterval
	CheckInterval time.Duration     // silence after which the masters take the host for dead
	Lease         time.Duration     // silence after which attempts of fence tasks are ended
	LongPoll      time.Duration     // how long one request for work waits; masters grant at most 30 s
	Sample        time.Duration     // between two measurements of what runs
	Accounts      []string          // whom scripts may run as besides the worker's own user
	Account       string            // whom scripts of tasks without an account run as when this is root; empty: nobody, unless OwnUser
	OwnUser       bool              // run them as the worker's own user, even when that is root: capri dev
	Cgroups       bool              // keep each attempt in a control group of its own where that can be
	HTTPCommand   []string          // command that makes the call of an http task; empty: no http tasks
	HTTPHosts     []string          // hosts that http tasks may call
	HDFS          hdfs.Config       // how HDFS is reached
	Fetch         time.Duration     // for fetching a program package
	FetchHung     time.Duration     // without a byte of it, fetching counts as hung
	HDFSPorts     []int             // ports of namenodes and datanodes
	HDFSHung      time.Duration     // without progress on a connection to them, a process counts as hung; 0: never
	KeeperCommand []string          // command that runs the keeper, without --root; empty: no keeper
	ListenLogs    string            // host:port that serves logs; empty: none
	Advertise     string            // URL of ListenLogs for the masters; empty: as it listens
	Limits        Limits
	Version       string
	Grace         time.Duration // between TERM and KILL
	Drain         time.Duration // for reporting results when the worker stops
	KeepAttempts  time.Duration // age from which reported attempts are deleted
}

// Limits are the figures of the host beyond which nothing is started, and those
// of one attempt beyond which it is ended; 0 is no limit. What a task itself
// needs is checked besides.
type Limits struct {
	MinFreeMemory  int64
	MaxLoadPerCore float64
	MinFreeDisk    int64

	AttemptMemory int64   // bytes
	MemoryTimes   float64 // times what the task declares
	Processes     int
	File          int64 // bytes of the largest file a script may write
	Log           int64 // bytes of output
	LogKeep       int64 // bytes of it that stay on disk

	Program  int64 // bytes of a program package that is fetched
	Unpacked int64 // bytes of it once unpacked
}

// Default returns a complete configuration except for Host, Masters, Token and
// Root.
func Default() Config {
	return Config{
		Group:         "default",
		Slots:         16,
		Heartbeat:     5 * time.Second,
		CheckInterval: 30 * time.Second,
		Lease:         10 * time.Minute,
		LongPoll:      25 * time.Second,
		Sample:        2 * time.Second,
		ListenLogs:    "127.0.0.1:0",
		Grace:         10 * time.Second,
		Drain:         10 * time.Second,
		KeepAttempts:  7 * 24 * time.Hour,
		Cgroups:       true,
		HDFSPorts:     []int{8020, 9000, 9820, 9866, 50010},
		HDFSHung:      30 * time.Minute,
		Fetch:         4 * time.Minute,
		FetchHung:     time.Minute,
		Limits:        Limits{MemoryTimes: 2, Processes: 4096, Log: 16 << 30, LogKeep: 256 << 20, Program: 2 << 30, Unpacked: 8 << 30},
	}
}

// Validate reports all problems at once.
func (c Config) Validate() error {
	var problems []error
	check := func(good bool, format string, args ...any) {
		if !good {
			problems = append(problems, fmt.Errorf("worker: "+format, args...))
		}
	}
	check(c.Host != "", "the host name is missing")
	check(len(c.Masters) > 0, "no masters are given")
	check(c.Token != "", "the token is missing")
	check(c.Root != "", "the root directory is missing")
	check(c.Slots > 0, "slots is %d; it must be at least 1", c.Slots)
	check(c.Heartbeat > 0 && c.Heartbeat < c.CheckInterval,
		"the heartbeat period %s must be above 0 and below the check interval %s", c.Heartbeat, c.CheckInterval)
	check(c.Fetch > 0 && c.FetchHung > 0, "the times for fetching packages, %s and %s, must be above 0", c.Fetch, c.FetchHung)
	check(c.Sample > 0, "the time between two samples %s must be above 0", c.Sample)
	check(c.LongPoll > 0, "the long poll %s must be above 0", c.LongPoll)
	_, err := outbound.ParseHosts(c.HTTPHosts)
	check(err == nil, "the hosts that http tasks may call: %v", err)
	check(c.Lease > c.CheckInterval, "the lease %s must be longer than the check interval %s", c.Lease, c.CheckInterval)
	return errors.Join(problems...)
}
