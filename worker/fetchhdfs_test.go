package worker

import (
	"strings"
	"testing"
	"time"

	"capricornus/common/datapath/hdfs"
	"capricornus/common/datapath/hdfstest"
	"capricornus/common/wire"
)

func TestProgramFromHDFS(t *testing.T) {
	address := hdfstest.Shared(t)
	dir := hdfstest.Dir(t, address)
	files := hdfstest.At(address)
	files.Put(t, dir+"/etl.tar.gz", packageOf(t, "from HDFS"))
	m := newMaster(t)
	cfg := testConfig(t, m)
	cfg.HDFS = hdfs.Config{Namenodes: strings.Split(address, ",")}
	stop := remoteWorker(t, cfg, Deps{})
	defer stop()
	first := withProgram(1, "hdfs://"+dir+"/etl.tar.gz", "./hello")
	absent := withProgram(2, "hdfs://"+dir+"/none.tar.gz", "true")
	m.assign(first, absent)
	if fact := m.fact(t, wire.FactFinished, keyOf(first)); fact.ResultCode != 0 || fact.Tail != "from HDFS\n1,2\n" {
		t.Errorf("got %+v, want the package executed", fact)
	}
	if fact := m.fact(t, wire.FactFinished, keyOf(absent)); !fact.Infra || !strings.Contains(fact.Reason, "does not exist") {
		t.Errorf("got %+v, want an infrastructure failure", fact)
	}
	files.Put(t, dir+"/etl.tar.gz", packageOf(t, "once more"))
	again := withProgram(3, "hdfs://"+dir+"/etl.tar.gz", "./hello")
	m.assign(again)
	if fact := m.fact(t, wire.FactFinished, keyOf(again)); fact.Tail != "once more\n1,2\n" {
		t.Errorf("got %+v, want the new version", fact)
	}
}

// A datanode that hangs is what downloads hang on (seed A3-38).
func TestADatanodeThatHangsHoldsUpTheStartAlone(t *testing.T) {
	cluster := hdfstest.Start(t)
	hdfstest.At(cluster.Address()).Put(t, "/apps/etl.tar.gz", packageOf(t, "late"))
	m := newMaster(t)
	cfg := testConfig(t, m)
	cfg.HDFS = hdfs.Config{Namenodes: cluster.Namenodes(), Timeout: 2 * time.Second}
	stop := remoteWorker(t, cfg, Deps{})
	defer stop()
	cluster.PauseDatanode(t)
	a := withProgram(1, "hdfs:///apps/etl.tar.gz", "./hello")
	m.assign(a)
	if fact := m.fact(t, wire.FactUnready, keyOf(a)); !fact.Unknown {
		t.Errorf("got %+v, want it given back as unknown", fact)
	}
	awaitThat(t, "the notice", func() bool { return len(m.told()) > 0 })
	if got := m.told()[0]; got.Kind != noticeDownload || !strings.Contains(got.Text, "got no further") {
		t.Errorf("got %+v, want people told", got)
	}
	cluster.ResumeDatanode(t)
	for given := m.count(wire.FactUnready); m.count(wire.FactFinished) == 0; given = m.count(wire.FactUnready) {
		m.assign(a) // once more, as masters do
		m.await(t, "answer", func(journal []wire.Fact) (wire.Fact, bool) {
			last := journal[len(journal)-1]
			unready := 0
			for _, fact := range journal {
				if fact.Kind == wire.FactUnready {
					unready++
				}
			}
			return last, last.Kind == wire.FactFinished || unready > given
		})
	}
	if fact := m.fact(t, wire.FactFinished, keyOf(a)); fact.Infra || fact.Tail != "late\n1,2\n" {
		t.Errorf("got %+v, want it to run once the datanode goes on", fact)
	}
	if n := m.count(wire.FactFinished); n != 1 {
		t.Errorf("got %d ends, want one: nothing was used up", n)
	}
}
