package master_test

import (
	"strings"
	"sync"
	"time"

	"capricornus/common/store"
	"capricornus/common/wire"
)

// draw decides everything that befalls the cluster before the calm. All draws
// are made here, so that a seed always gives the same.
func (s *story) draw() {
	length := time.Until(s.calm)
	for _, t := range s.w.tasks {
		if t.period == "manual" { // nobody else makes batches of it, and others wait for one
			s.add(time.Now().Add(s.w.length(time.Hour)+time.Minute), func() { s.execute(t.name) }, "execute %s", t.name)
		}
	}
	n := int((length - s.w.long) / (45 * time.Minute))
	for range max(n, 6) {
		at := time.Now().Add(time.Minute + time.Duration(s.w.rng.Int64N(int64(length-time.Minute))))
		// Never at a whole second: bases are, and who is first would be a draw too.
		at = at.Truncate(time.Second).Add(500 * time.Millisecond)
		until := at.Add(s.w.length(pick(s.w.rng, 3*time.Minute, 40*time.Minute, 10*time.Hour)))
		if until.After(s.calm) {
			until = s.calm
		}
		pick(s.w.rng, s.draws()...)(at, until)
	}
	if s.w.long > 0 {
		at := time.Now().Add(length / 3).Truncate(time.Second).Add(500 * time.Millisecond)
		s.stopMasters(at, at.Add(s.w.long), "m1", "m2")
	}
}

// draws are the kinds of things that befall a cluster; what stands twice comes twice as often.
func (s *story) draws() []func(from, to time.Time) {
	return []func(from, to time.Time){
		s.drawSave, s.drawSave, s.drawExecute, s.drawExecute, s.drawTerm, s.drawTerm, s.drawUsurper, s.drawOutage, s.drawMaster,
		s.drawRestart, s.drawSilence, s.drawCrash, s.drawCrash, s.drawPoverty, s.drawSwitch, s.drawLosses, s.drawLosses, s.drawHold, s.drawFreeze,
		s.drawRerun, s.drawRerun, s.drawColdStart, s.drawTurn, s.drawKill, s.drawKill, s.drawMark, s.drawBatchHold, s.drawBulk,
		s.drawAmbush, s.drawAmbush, s.drawVanish, s.drawWipe, s.drawSlowness, s.drawSlowness, s.drawQuality, s.drawFar, s.drawFar,
	}
}

// drawSave changes one task's definition.
func (s *story) drawSave(at, until time.Time) {
	t := pick(s.w.rng, s.w.tasks...)
	zone := s.zone
	change := pick(s.w.rng,
		func() { t.enabled = !t.enabled },
		func() { t.priority = (t.priority + 3) % 10 },
		func() { t.retries = (t.retries + 1) % 4 },
		func() { t.validFrom, t.validTo = "", at.In(zone).Add(5*time.Hour).Format("2006-01-02T15:04") },
		func() { t.validFrom, t.validTo = at.In(zone).Add(-7*time.Hour).Format("2006-01-02T15:04"), "" },
		func() {
			if t.period == "cron" {
				t.cron = "7 */3 * * *"
			}
		},
	)
	s.add(at, func() { change(); s.apply() }, "save %s", t.name)
	s.add(until, func() { t.enabled = true; s.apply() }, "enable %s", t.name)
}

func (s *story) drawExecute(at, _ time.Time) {
	t := pick(s.w.rng, s.w.tasks...)
	s.add(at, func() { s.execute(t.name) }, "execute %s", t.name)
}

func (s *story) drawTerm(at, _ time.Time) {
	node := pick(s.w.rng, "m1", "m2")
	s.add(at, func() {
		if s.nodes[node] != nil && !s.outage {
			s.must(s.terms.Elect(node))
		}
	}, "elect %s", node)
}

// drawUsurper makes another leader of which the present one hears late.
func (s *story) drawUsurper(at, to time.Time) {
	node, other := "m1", "m2"
	if s.w.chance(2) {
		node, other = other, node
	}
	s.add(at, func() {
		if s.nodes[node] != nil && !s.outage {
			s.must(s.terms.Usurp(node))
		}
	}, "usurp %s", node)
	s.add(to, func() {
		if leader, _, _ := s.terms.Leader(); leader != other {
			s.terms.Depose(other, nil)
		}
	}, "depose %s", other)
}

func (s *story) drawOutage(at, to time.Time) {
	s.add(at, func() { s.outage = true; s.depose() }, "outage until %s", to.In(s.zone).Format(time.DateTime))
	s.add(to, func() { s.outage = false; s.reelect() }, "outage over")
}

func (s *story) drawMaster(at, to time.Time) {
	s.stopMasters(at, to, pick(s.w.rng, []string{"m1"}, []string{"m2"}, []string{"m1", "m2"})...)
}

func (s *story) stopMasters(at, to time.Time, nodes ...string) {
	s.add(at, func() {
		for _, node := range nodes {
			s.stopMaster(node)
		}
	}, "stop %v", nodes)
	s.add(to, func() {
		for _, node := range nodes {
			if s.nodes[node] == nil {
				s.startMaster(node)
			}
		}
	}, "start %v", nodes)
}

func (s *story) host() string { return pick(s.w.rng, "w1", "w2", "w3") }

func (s *story) drawRestart(at, to time.Time) {
	host := s.host()
	s.add(at, func() { s.stopWorker(host) }, "stop %s", host)
	s.add(to, func() { s.startWorker(host) }, "start %s", host)
}

func (s *story) drawSilence(at, to time.Time) {
	host := s.host()
	s.add(at, func() { s.net.silence(host, true) }, "silence %s", host)
	s.add(to, func() { s.net.silence(host, false) }, "hear %s again", host)
}

// drawCrash ends a machine with everything on it; its disk stays.
func (s *story) drawCrash(at, to time.Time) {
	host := s.host()
	s.add(at, func() { s.machines[host].host.Crash(); s.stopWorker(host) }, "crash %s", host)
	if s.w.chance(2) {
		s.add(at.Add(to.Sub(at)/2), func() { s.declaresDead(host) }, "declare %s dead", host)
	}
	s.add(to, func() { s.startWorker(host) }, "start %s", host)
}

// drawPoverty leaves a machine too little memory, so that its worker refuses.
func (s *story) drawPoverty(at, to time.Time) {
	host := s.host()
	s.add(at, func() { s.machines[host].free(512 << 20) }, "%s is short of memory", host)
	s.add(to, func() { s.machines[host].free(64 << 30) }, "%s has memory again", host)
}

func (s *story) drawSwitch(at, to time.Time) {
	host := s.host()
	s.add(at, func() { s.turn(host, true) }, "switch %s off", host)
	s.add(to, func() { s.turn(host, false) }, "switch %s on", host)
}

// drawLosses lets calls of workers get lost for some time, each by a draw of
// its own: who calls and which call of it decide, not the order of goroutines.
func (s *story) drawLosses(at, to time.Time) {
	percent := pick(s.w.rng, 5, 20, 60)
	round := s.w.rng.IntN(1 << 30)
	var mu sync.Mutex
	calls := map[string]int{}
	lose := func(from, _ string) loss {
		if from == "admin" {
			return arrives
		}
		mu.Lock()
		defer mu.Unlock()
		calls[from]++
		n := s.w.dice(100, "lose %d %s %d", round, from, calls[from])
		if n >= percent {
			return arrives
		}
		return []loss{refused, vanished, replyLost}[n%3]
	}
	s.add(at, func() { s.net.faulty(lose) }, "lose %d %% of calls", percent)
	s.add(to, func() { s.net.faulty(nil) }, "lose no calls")
}

// drawFreeze sets the latest schedule time, so that newer batches wait.
func (s *story) drawFreeze(at, to time.Time) {
	s.add(at, func() { s.puts(store.SettingLatestSchedule, at.Add(-time.Hour).Format(time.RFC3339)) }, "freeze")
	s.add(to, func() { s.puts(store.SettingLatestSchedule, "") }, "thaw")
}

// puts changes a setting as a person does.
func (s *story) puts(key, value string) {
	s.t.Helper()
	client := s.person()
	if client == nil {
		return
	}
	_, err := client.PutSetting(s.t.Context(), key, wire.SettingRequest{Value: value})
	s.must(err)
}

// feed gives batches what they wait for from outside, each after its own delay.
func (s *story) feed() {
	for _, n := range s.needs() {
		delay := time.Duration(s.w.dice(5*60, "delay %s", strings.ReplaceAll(n.what, s.dir, ""))-60) * time.Minute
		if calm := time.Now().After(s.calm); !calm && time.Now().Before(n.since.Add(delay)) {
			continue
		}
		if n.third != nil {
			s.announce(*n.third)
			continue
		}
		s.must(succeed(n.path))
	}
}

// need is an unmet dependency on something outside.
type need struct {
	what  string
	since time.Time
	path  string
	third *store.ThirdKey
}

func (s *story) needs() []need {
	s.t.Helper()
	var out []need
	rows, err := s.db.Raw().QueryContext(s.t.Context(), `SELECT 0, d.path, '', w.scheduleTime FROM capri_task_data d JOIN capri_task_work w ON w.id = d.taskWorkId
WHERE w.state = 0 AND d.type = 1 AND d.state = 0
UNION ALL SELECT 1, d.code, d.dataNo, w.scheduleTime FROM capri_tthird_data d JOIN capri_task_work w ON w.id = d.taskWorkId WHERE w.state = 0 AND d.state = 0
ORDER BY 1, 2, 3`)
	s.must(err)
	defer rows.Close()
	for rows.Next() {
		var kind, at int64
		var a, b string
		s.must(rows.Scan(&kind, &a, &b, &at))
		n := need{what: a + " " + b, since: time.UnixMilli(at), path: a}
		if kind == 1 {
			n.third = &store.ThirdKey{Code: a, DataNo: b}
		} else if !strings.HasPrefix(onDisk(a), s.data+"/in") {
			continue // another task makes it
		}
		out = append(out, n)
	}
	s.must(rows.Err())
	return out
}
