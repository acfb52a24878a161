package e2e_test

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
	"capricornus/e2e/labtest"
)

// What cannot begin says why in one sentence and ends with its exit code.
func TestDevRefusesToStart(t *testing.T) {
	t.Parallel()
	s := newSite(t, storetest.SQLite)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	file := s.write("file", "no directory")
	free := fmt.Sprintf("127.0.0.1:%d", labtest.FreePort(t))
	s.env["CAPRI_DEV_DEMO"] = "none"
	s.refuses(5, []string{taken.Addr().String(), "is taken by another program", "--listen"}, "dev", "--listen", taken.Addr().String())
	s.refuses(2, []string{file, "not a directory"}, "dev", "--listen", free, "--data-dir", file+"/below")
	s.refuses(2, []string{"--lisen", "unknown flag"}, "dev", "--lisen", free)
	s.refuses(9, []string{"Mars/Base"}, "dev", "--listen", free, "--timezone", "Mars/Base")
	s.refuses(9, []string{"0.0.0.0:8080", "--allow-remote"}, "dev", "--listen", "0.0.0.0:8080")
	s.refuses(7, []string{"no master to talk to", "capri dev"}, "batch", "list")

	s.dev()
	s.refuses(5, []string{"is taken by another program"}, "dev")
	other := s.refuses(5, []string{s.path("data"), "in use"}, "dev", "--listen", free)
	s.capri("task", "list") // the first one is still found, and goes on
	if strings.Contains(other.err, "is up at") {
		s.Errorf("got %s\nwant no greeting", other)
	}
	s.env["CAPRI_DATA_DIR"] = s.path("elsewhere")
	s.refuses(5, []string{"has tokens already", s.path("elsewhere")}, "dev", "--listen", free)
	s.env["CAPRI_DEV_DATABASE"] = ""
	s.env["CAPRI_DATA_DIR"] = s.path("data")
}

func TestDatabaseDownIsToldAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, storetest.SQLite)
	closed := fmt.Sprintf("127.0.0.1:%d", labtest.FreePort(t))
	s.env["CAPRI_DEV_DATABASE"] = "capri:geheim@tcp(" + closed + ")/capri"
	s.write("dsn", s.env["CAPRI_DEV_DATABASE"]+"\n")
	master := s.write("master.yaml", "node: m1\nlisten: 127.0.0.1:0\nadvertise: http://127.0.0.1:1\ndatabase: {driver: mysql, dsn_file: "+s.path("dsn")+"}\nraft: {dir: "+s.path("raft")+"}\n")
	free := fmt.Sprintf("127.0.0.1:%d", labtest.FreePort(t))
	for _, call := range [][]string{
		{"dev", "--listen", free, "--demo", "none"},
		{"master", "--config", master, "--listen", free},
		{"migrate", "up", "--config", master},
		{"migrate", "status", "--config", master},
	} {
		r := s.refuses(7, []string{"the database cannot be used", closed, "refused"}, call...)
		if strings.Contains(r.out+r.err, "geheim") {
			s.Errorf("got the password in %s", r)
		}
	}
}

func TestMastersRefuseADatabaseThatIsNotTheirs(t *testing.T) {
	onEngines(t, func(s *site) {
		c := newCluster(s)
		config := s.path("master.yaml")
		s.refuses(5, []string{"keeps the time zone UTC", "Asia/Shanghai was asked for"}, "master", "--config", config, "--timezone", "Asia/Shanghai")
		s.refuses(5, []string{"keeps the time zone UTC"}, "migrate", "up", "--config", config, "--timezone", "Asia/Shanghai")
		s.refuses(9, []string{"Mars/Base"}, "master", "--config", config, "--timezone", "Mars/Base")
		text := s.read(config)
		wrong := s.write("wrong.yaml", text+"listne: 127.0.0.1:1\n")
		s.refuses(9, []string{fmt.Sprintf("%s:%d", wrong, strings.Count(text, "\n")+1), "listne", "listen"}, "master", "--config", wrong)

		db := s.open()
		version := s.rows(db, "SELECT MAX(version_id) FROM goose_db_version", 1)[0][0]
		s.exec(db, "UPDATE goose_db_version SET version_id = 99 WHERE version_id = ?", version)
		s.refuses(5, []string{"version 99", "newer than this binary's", "install"}, "master", "--config", config)
		s.exec(db, "DELETE FROM goose_db_version WHERE version_id = 99")
		s.refuses(5, []string{"this binary needs " + version, "capri migrate up"}, "master", "--config", config)
		s.refuses(5, []string{"capri migrate up"}, "migrate", "status", "--config", config)
		s.exec(db, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (?, 1)", version) // an upgrade is storetest's to try
		s.wants("migrate", s.capri("migrate", "up", "--config", config), "Applied")

		first := c.master()
		s.write("project.yaml", projectText)
		s.capri("task", "apply", "-f", s.path("project.yaml"))
		first.interrupt()
		if err := os.Rename(s.path("raft"), s.path("raft.lost")); err != nil {
			s.Fatal(err)
		}
		stranger := s.start("stranger", "master", "--config", config)
		s.await("the refusal", func() bool { return strings.Contains(s.read(stranger.err), "--adopt") })
		s.wants("the stranger's log", s.read(stranger.err), "claim refused", "another cluster")
		s.wants("the version", s.capri("version"), "leader -")
		stranger.interrupt()
		c.master("--adopt").interrupt()
		c.master() // it is its own now
		s.sound()
	})
}

func TestCallsOfTheCommandLineAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, storetest.SQLite)
	s.dev("--demo", "none")
	s.write("tasks/project.yaml", projectText)
	s.taskFile("daily", "  period: day\n  run: {type: shell, script: \"true\"}\n")
	s.capri("task", "apply", "-f", s.path("tasks"))
	cold := func(span string, more ...string) []string {
		return append([]string{"coldstart", "--period", "day", "--range", span, "--yes"}, more...)
	}
	for _, test := range []struct {
		code int
		says []string
		call []string
	}{
		{3, []string{`no task "nobody"`}, []string{"task", "get", "nobody"}},
		{3, []string{`no task "nobody"`, "capri task list"}, []string{"task", "run", "nobody"}},
		{3, []string{"nobody"}, []string{"batch", "show", "nobody/20150518"}},
		{3, []string{"daily/20150518"}, []string{"batch", "logs", "daily/20150518"}},
		{3, []string{"nobody"}, cold("20150518..20150519", "--tasks", "nobody")},
		{2, []string{"is not a batch"}, []string{"batch", "show", "daily"}},
		{2, []string{"20150518", "is not a range of day work numbers"}, cold("20150518")},
		{2, []string{"is not a range", "20150518..20150521"}, cold("2015051..201505")},
		{2, []string{"ends before it begins", "20150518..20150521"}, cold("20150521..20150518")},
		{2, []string{"20150230"}, cold("20150230..20150301")},
		{2, []string{"--period and --range"}, []string{"coldstart", "--yes"}},
		{2, []string{"not a terminal", "--yes"}, []string{"coldstart", "--period", "day", "--range", "20150518..20150519"}},
		{2, []string{"unknown command", "task"}, []string{"tusk", "list"}},
		{2, []string{"unknown command", "list"}, []string{"batch", "lits"}},
		{2, []string{"--limit 0"}, []string{"batch", "list", "--limit", "0"}},
		{9, []string{"future", "latest end is"}, cold("20300101..20300102")},
		{9, []string{"nonsense"}, []string{"batch", "list", "--state", "nonsense"}},
		{7, []string{"no master reachable"}, []string{"batch", "list", "--addr", fmt.Sprintf("127.0.0.1:%d", labtest.FreePort(t))}},
		{4, []string{"token"}, []string{"batch", "list", "--token-file", s.write("token", "capri_wrong\n")}},
	} {
		s.refuses(test.code, test.says, test.call...)
	}
	if names := s.lines("batch", "list"); len(names) != 0 {
		s.Errorf("got batches %v, want nothing made", names)
	}
	s.sound()
}

// A plan is applied as it was seen, and once.
func TestPlanIsAppliedOnce(t *testing.T) {
	onEngines(t, func(s *site) {
		s.dev("--demo", "none")
		s.write("tasks/project.yaml", projectText)
		s.taskFile("daily", "  period: day\n  run: {type: shell, script: \"true\"}\n")
		s.capri("task", "apply", "-f", s.path("tasks"))
		client := &wire.Client{Base: "http://" + s.env["CAPRI_DEV_LISTEN"], Token: strings.TrimSpace(s.read(s.path("data", "token"))), HTTP: wire.NewHTTP(nil)}
		defer client.HTTP.CloseIdleConnections()
		plan, err := client.Plan(s.Context(), wire.PlanRequest{Kind: "coldstart", Period: "day", From: "20150518", To: "20150521", Reason: "twice"})
		if err != nil {
			s.Fatal(err)
		}
		if _, err := client.ApplyPlan(s.Context(), plan); err != nil {
			s.Fatal(err)
		}
		if _, err := client.ApplyPlan(s.Context(), plan); fault.CodeOf(err) != fault.Conflict && fault.CodeOf(err) != fault.PlanStale {
			s.Errorf("got %v for a plan that was applied, want a conflict", err)
		}
		s.await("the batches", func() bool { return len(s.lines("batch", "list", "--state", "success")) == 4 })

		// Here the world changes while a person reads the plan.
		seen := s.onTerminal("coldstart", "--period", "day", "--range", "20150522..20150523")
		seen.until("[y/N]")
		s.capri("coldstart", "--period", "day", "--range", "20150523..20150523", "--yes")
		s.await("the batch of the other", func() bool { return len(s.lines("batch", "list", "--state", "success")) == 5 })
		if code := seen.answer("y"); code != 5 {
			s.Errorf("got exit code %d, want 5 for a stale plan:\n%s", code, seen.text())
		}
		if names := s.lines("batch", "list"); len(names) != 5 {
			s.Errorf("got batches %v, want none of the stale plan", names)
		}
		s.sound()
	})
}
