package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"capricornus/common/datapath/hdfstest"
	"capricornus/common/wire"
)

// HDFS does not answer one worker, and answers the masters and another worker:
// what needs it runs on the other one, without a try lost and without blame; the
// first one goes on with what does not need it.
func TestHDFSIsAwayForOneWorkerOnly(t *testing.T) {
	address := hdfstest.Shared(t)
	onEngines(t, func(s *site) {
		dir, files := hdfstest.Dir(s, address), hdfstest.At(address)
		files.Mkdir(s, dir+"/in")
		files.Touch(s, dir+"/in/_SUCCESS")
		c := newCluster(s)
		const knows = "hdfs: {namenodes: [%q], timeout: 1s}\n"
		c.write("master.yaml", c.read(c.path("master.yaml"))+fmt.Sprintf(knows, address))
		c.master()
		const patient = "times: {heartbeat: 200ms, check_interval: 2m, lease: 10m, grace: 2s}\n"
		c.fleetWith(patient+fmt.Sprintf(knows, "127.0.0.1:1"), "w1")
		c.write("tasks/project.yaml", projectText)
		const spec = "  period: manual\n  retry: {times: 0, interval: 1s}\n%s  run: {type: shell, script: 'true'}\n"
		c.taskFile("reads", fmt.Sprintf(spec, "  inputs: [{path: 'hdfs://"+dir+"/in'}]\n"))
		c.taskFile("writes", fmt.Sprintf(spec, "  outputs: [{path: 'hdfs://"+dir+"/in'}]\n  success: output-path\n"))
		c.taskFile("local", fmt.Sprintf(spec, ""))
		c.capri("task", "apply", "-f", c.path("tasks"))

		given := c.runAll("reads", "writes")
		c.await("both to be given back", func() bool {
			all := c.batches()
			return all[given[0]].State == "waiting" && all[given[0]].Attempt > 0 && all[given[1]].State == "waiting" && all[given[1]].Attempt > 0
		})
		c.wants("events", c.capri("batch", "events", given[0]), "given back: look at hdfs://"+dir+"/in: ")
		c.wants("why", c.capri("batch", "why", given[1]), "a worker could not begin it and gave it back", "was taken from w1: no answer from ")
		c.capri("batch", "wait", "--timeout", patience.String(), c.runAll("local")[0])
		began := time.Now()
		own := strings.NewReplacer("host: w1", "host: w2", c.path("work-w1"), c.path("work-w2"), "127.0.0.1:1\"]", address+"\"]").Replace(c.read(c.path("w1.yaml")))
		c.start("w2", "worker", "--config", c.write("w2.yaml", own), "--listen", "127.0.0.1:0", "--advertise", "http://127.0.0.1:1")
		c.try("batch", "wait", "--timeout", patience.String(), given[0], given[1]) // one of them fails by its own hand
		c.Logf("both had run elsewhere %s after there was another worker", time.Since(began).Round(100*time.Millisecond))
		for i, finish := range []string{"success", "failed"} {
			b := show[wire.BatchDetail](c.site, "batch", "show", given[i])
			if b.Finish != finish || len(b.Attempts) != 1 || b.Attempts[0].Host != "w2" {
				c.Errorf("got %s %s with attempts %+v, want %s in one attempt on w2", given[i], b.Finish, b.Attempts, finish)
			}
			for _, m := range b.Moved {
				if m.From != "w1" || !strings.HasPrefix(m.Reason, wire.ReassignedForLook) {
					c.Errorf("got %+v, want it given back by w1 alone", m)
				}
			}
		}
		c.sound()
	})
}
