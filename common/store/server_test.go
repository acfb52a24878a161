package store

import (
	"strings"
	"testing"
)

func TestServersTakenAndRefused(t *testing.T) {
	t.Parallel()
	galera := map[string]string{"wsrep_on": "ON"}
	for _, c := range []struct {
		name      string
		version   string
		variables map[string]string
		want      string // part of the reason; empty: taken
	}{
		{"MariaDB10_6", "10.6.22-MariaDB-log", nil, ""},
		{"MariaDB10_11OfDebian", "10.11.14-MariaDB-0+deb12u2", map[string]string{"wsrep_on": "OFF"}, ""},
		{"MariaDB11", "11.8.3-MariaDB-ubu2404", nil, ""},
		{"MariaDB12", "12.0.2-MariaDB", nil, ""},
		{"MariaDBBehindAnOldProtocol", "5.5.5-10.11.14-MariaDB", nil, ""},
		{"MariaDB10_5", "10.5.29-MariaDB", nil, "MariaDB 10.5.29-MariaDB is too old"},
		{"MariaDB10_1BehindAnOldProtocol", "5.5.5-10.1.48-MariaDB", nil, "too old"},
		{"MySQL8_0", "8.0.43", nil, ""},
		{"MySQL8_4", "8.4.6", map[string]string{"version_comment": "MySQL Community Server - GPL"}, ""},
		{"MySQL9", "9.4.0", nil, ""},
		{"MySQL5_7", "5.7.44-log", nil, "MySQL 5.7.44-log is too old"},
		{"Percona8", "8.0.42-33", map[string]string{"version_comment": "Percona Server (GPL), Release 33"}, ""},
		{"PerconaXtraDBCluster", "8.0.42-33.1", galera, "Galera"},
		{"Aurora3", "8.0.mysql_aurora.3.08.2", nil, ""},
		{"Aurora2", "5.7.mysql_aurora.2.12.5", nil, "too old"},
		{"GaleraOnMariaDB", "10.11.14-MariaDB", galera, "Galera"},
		{"GaleraByNumber", "10.11.14-MariaDB", map[string]string{"wsrep_on": "1"}, "Galera"},
		{"GroupWithOnePrimary", "8.4.6", map[string]string{"group_replication_group_name": "a", "group_replication_single_primary_mode": "ON"}, ""},
		{"GroupWithSeveralPrimaries", "8.4.6", map[string]string{"group_replication_group_name": "a", "group_replication_single_primary_mode": "OFF"}, "several primaries"},
		{"TiDB", "8.0.11-TiDB-v8.5.3", nil, "TiDB (8.0.11-TiDB-v8.5.3) has no shared row locks"},
		{"Vitess", "8.0.40-Vitess", nil, "Vitess"},
		{"DoltByItsComment", "8.0.33", map[string]string{"version_comment": "Dolt"}, "Dolt"},
		{"OceanBase", "5.7.25-OceanBase-v4.2.5.4", nil, "OceanBase"},
		{"Unknown", "CrateDB", nil, `calls itself "CrateDB", which is not known`},
		{"Nothing", "", nil, "not known"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := server{version: c.version, variables: c.variables}.refusal()
			if got == "" != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("got refusal %q, want %q", got, c.want)
			}
			if got != "" && !strings.Contains(got, "use ") && !strings.Contains(got, "set ") {
				t.Errorf("got refusal %q, want it to say what would be right", got)
			}
		})
	}
}

func TestWeaknessesOfCommits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		variables map[string]string
		want      string
	}{
		{"Safe", map[string]string{"innodb_flush_log_at_trx_commit": "1", "log_bin": "ON", "sync_binlog": "1", "innodb_doublewrite": "ON"}, ""},
		{"StricterThanSafe", map[string]string{"innodb_flush_log_at_trx_commit": "3"}, ""},
		{"NoBinlogToSync", map[string]string{"log_bin": "OFF", "sync_binlog": "0"}, ""},
		{"LogFlushedLater", map[string]string{"innodb_flush_log_at_trx_commit": "2"}, "innodb_flush_log_at_trx_commit=2"},
		{"LogFlushedByTheSecond", map[string]string{"innodb_flush_log_at_trx_commit": "0"}, "innodb_flush_log_at_trx_commit=0"},
		{"BinlogNotSynced", map[string]string{"log_bin": "ON", "sync_binlog": "0"}, "sync_binlog=0"},
		{"HalfPages", map[string]string{"innodb_doublewrite": "OFF"}, "innodb_doublewrite=OFF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(weaknesses(c.variables), " "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestReadOnlyServers(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{"OFF": false, "0": false, "": false, "ON": true, "1": true, "NO_LOCK": true, "NO_LOCK_NO_ADMIN": true} {
		if got := isReadOnly(map[string]string{"read_only": value}); got != want {
			t.Errorf("read_only=%s: got %v, want %v", value, got, want)
		}
	}
	for _, name := range []string{"super_read_only", "innodb_read_only"} {
		if !isReadOnly(map[string]string{"read_only": "OFF", name: "ON"}) {
			t.Errorf("%s=ON: got a server that takes writes, want none", name)
		}
	}
}
