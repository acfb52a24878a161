package cli

import (
	"strings"
	"testing"

	"capricornus/common/datapath/hdfstest"
)

func TestCommandsOnHDFSAreHadoops(t *testing.T) {
	t.Parallel()
	address := hdfstest.Shared(t)
	dir := hdfstest.Dir(t, address)
	hdfstest.At(address).Put(t, dir+"/part", []byte("one\n"))
	flags := nowhere(t)
	environ := nowhere(t)
	environ.environ["CAPRI_HDFS_NAMENODES"] = address
	for name, c := range map[string]struct {
		from session
		args string
		want result
	}{
		"AFullPath":      {flags, "dfs -cat hdfs://" + address + dir + "/part", result{exitDone, "one\n", ""}},
		"ByFlag":         {flags, "dfs --namenodes " + address + " --timeout 20s -cat hdfs://" + dir + "/part", result{exitDone, "one\n", ""}},
		"ByEnvironment":  {environ, "dfs -cat " + dir + "/part", result{exitDone, "one\n", ""}},
		"TestSaysNo":     {environ, "dfs -test -e " + dir + "/none", result{1, "", ""}},
		"AnError":        {environ, "dfs -cat " + dir + "/none", result{1, "", "cat: `" + dir + "/none': No such file or directory\n"}},
		"AnUnknownOne":   {environ, "dfs -chat /x", result{255, "", "-chat: Unknown command; there are -cat, -get, -ls, -mkdir, -mv, -put, -rm, -test, -touchz\n"}},
		"AFlagOfNobodys": {flags, "dfs --wrong -ls /", result{exitUsage, "", "capri: unknown flag: --wrong\n  --help explains\n"}},
		"NoTimeAtAll":    {flags, "dfs --timeout 0s -ls /", result{exitUsage, "", "capri: --timeout 0s is too short\n  write a time such as 60s\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.from.run(t, strings.Fields(c.args)...); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestUserOnHDFSIsHadoops(t *testing.T) {
	t.Parallel()
	address := hdfstest.Shared(t)
	dir := hdfstest.Dir(t, address)
	s := nowhere(t)
	s.environ["HADOOP_USER_NAME"] = "hadoop_ann"
	if got := s.run(t, "dfs", "-mkdir", "hdfs://"+address+dir+"/mine"); got.code != exitDone {
		t.Fatalf("got %+v, want the directory made", got)
	}
	if got := s.run(t, "dfs", "-ls", "-d", "hdfs://"+address+dir+"/mine"); !strings.Contains(got.out, " hadoop_ann ") {
		t.Errorf("got %+v, want it to be hadoop_ann's", got)
	}
}
