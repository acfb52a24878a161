package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"capricornus/common/store"
)

// hungry applies tasks with a noted script that needs some memory.
func (s *site) hungry(names ...string) {
	s.Helper()
	s.notedTasks(names...)
	for _, name := range names {
		text := s.read(s.path("tasks", name+".yaml"))
		s.write("tasks/"+name+".yaml", strings.Replace(text, "  period: manual\n", "  period: manual\n  workers: {memory: 16Mi, policy: round-robin}\n", 1))
	}
	s.capri("task", "apply", "-f", s.path("tasks"))
}

// wanting makes a worker's configuration want so much free memory.
func (w *fleetWorker) wanting(memory string) {
	w.Helper()
	text := w.read(w.path(w.host + ".yaml"))
	for _, before := range []string{"free_memory: 0", "free_memory: 900Ti"} {
		text = strings.Replace(text, before, "free_memory: "+memory, 1)
	}
	w.write(w.host+".yaml", text)
	w.interrupt()
	w.again()
}

// refusals counts how often each batch was refused.
func (s *site) refusals(db *store.DB) map[string]int {
	s.Helper()
	out := map[string]int{}
	for _, row := range s.rows(db, "SELECT workId FROM capri_batch_event WHERE move = 'refuse'", 1) {
		out[row[0]]++
	}
	return out
}

const refusal = "is less than the 943718416 MiB needed: 16 MiB for the batch and 943718400 MiB to be left free"

// A worker without memory for a batch says so with numbers, and the batch goes
// to another one at once.
func TestBatchesGoWhereThereIsMemory(t *testing.T) {
	onEngines(t, func(s *site) {
		c := newCluster(s)
		c.master()
		workers := c.fleet("w1", "w2")
		workers["w1"].wanting("900Ti")
		s.await("both workers", func() bool { return s.hostAlive("w1") && s.hostAlive("w2") })
		names := []string{"job_1", "job_2", "job_3", "job_4"}
		s.hungry(names...)
		batches := s.runAll(names...)
		s.awaitNoted("start", batches...)
		for name, b := range s.batches() {
			if b.Host != "w2" {
				s.Errorf("got %s on %s, want it on w2", name, b.Host)
			}
		}
		db := s.open()
		moved := s.rows(db, `SELECT t.name, w.workNo, w.type, r.oldHost, r.newHost, r.reason FROM capri_reschedule_log r
JOIN capri_task_work w ON w.id = r.taskWorkId JOIN capri_task t ON t.id = w.taskId`, 6)
		if len(moved) == 0 {
			s.Error("got no re-assignment, want those that w1 was given first")
		}
		for _, m := range moved {
			if m[3] != "w1" || m[4] != "w2" || !strings.HasPrefix(m[5], "w1 refused: free memory ") || !strings.HasSuffix(m[5], refusal) {
				s.Errorf("got %v, want it chained from w1 to w2 with the numbers", m)
			}
			name := fmt.Sprintf("%s/%s.%s", m[0], m[1], m[2])
			s.wants("show "+name, s.capri("batch", "show", name), "w1 refused: free memory", refusal, "16Mi declared")
			s.wants("the journal of "+name, s.capri("batch", "events", name), "w1: free memory", refusal)
		}
		if n := len(s.refusals(db)); n != len(moved) {
			s.Errorf("got %d batches refused, %d moved", n, len(moved))
		}
		s.release(names...)
		s.capri(append([]string{"batch", "wait", "--timeout", patience.String()}, batches...)...)
		s.ranOnce([]string{"start", "end"}, batches...)
		s.sound()
	})
}

// While no worker has memory a batch waits, is not offered again and again, and
// runs when there is memory.
func TestBatchesWaitForMemory(t *testing.T) {
	onEngines(t, func(s *site) {
		c := newCluster(s)
		c.master()
		worker := c.fleet("w1")["w1"]
		worker.wanting("900Ti")
		s.await("the worker", func() bool { return s.hostAlive("w1") })
		s.hungry("job")
		name := s.runAll("job")[0]
		db := s.open()
		s.await("the refusal", func() bool { return len(s.refusals(db)) == 1 && s.batches()[name].State == "waiting" })
		s.wants("show", s.capri("batch", "show", name), "TAKEN FROM", "w1 refused: free memory", refusal)
		s.wants("why", s.capri("batch", "why", name), "free memory", refusal)
		for range 5 {
			s.capri("service", "run", "assign")
		}
		for id, n := range s.refusals(db) {
			if n != 1 {
				s.Errorf("got batch %s refused %d times, want once: the same worker is not asked again for a while", id, n)
			}
		}
		worker.wanting("1Mi")
		s.await("the worker", func() bool { return s.hostAlive("w1") })
		s.exec(db, "UPDATE capri_reschedule_log SET at = at - 360000") // six minutes go by
		s.capri("service", "run", "assign")
		s.release("job")
		s.capri("batch", "wait", name, "--timeout", patience.String())
		s.ranOnce([]string{"start", "end"}, name)
		s.sound()
	})
}
