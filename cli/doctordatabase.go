package cli

import (
	"strings"
	"time"

	"capricornus/common/store"
)

// idWarn is near the end of ids, which end at 2^53.
const idWarn = 1 << 52

// judgeDatabase says what an inspection means for masters. masters is how many
// share the server.
func judgeDatabase(in store.Inspection, masters int) []finding {
	found := []finding{judgeServer(in), judgeSchema(in.Schema), judgeFence(in)}
	found = append(found, judgeSessions(in), judgeGrants(in), judgeDurability(in), judgeClock(in.ClockOffset), judgeRoundTrip(in.RoundTrip))
	if in.MaxConnections > 0 {
		found = append(found, judgeConnections(in.MaxConnections, in.PoolSize, masters))
	}
	if in.NextID >= idWarn {
		found = append(found, worry("ids", "ids have come to %d, and they end at %d", in.NextID, int64(1)<<53))
	}
	return found
}

func judgeServer(in store.Inspection) finding {
	name := in.Engine + " " + in.Version
	switch {
	case in.Refusal != "":
		// without database.any_server it would not have been opened
		return worry("server", "%s is refused without database.any_server: %s", name, in.Refusal)
	case in.ReadOnly:
		return failed("server", "%s takes no writes", name).todo("it is a replica, or was demoted: point the data source to the primary")
	case in.DefaultEngine != "" && !strings.EqualFold(in.DefaultEngine, "InnoDB"):
		return worry("server", "%s, whose default storage engine is %s; Capricornus names InnoDB itself", name, in.DefaultEngine)
	}
	return fine("server", "%s, %s in use", name, bytesText(in.Bytes))
}

func judgeSchema(s store.SchemaStatus) finding {
	switch {
	case s.Current == 0:
		return failed("schema", "the database is empty").todo("capri migrate up --config FILE makes its tables")
	case s.Current < s.Target:
		return failed("schema", "version %d, and this program needs %d", s.Current, s.Target).todo("capri migrate up --config FILE")
	case s.Current > s.Target:
		return failed("schema", "version %d, newer than this program's %d", s.Current, s.Target).todo("install the newer program here")
	}
	return fine("schema", "version %d", s.Current)
}

func judgeFence(in store.Inspection) finding {
	switch {
	case in.FenceError != nil:
		return failed("term", "%s", in.FenceError).todo("restore the row from a backup; no master leads without it")
	case in.Fence == nil:
		return worry("term", "there is no schema yet, and so no term")
	case in.Fence.ClusterID == "":
		return fine("term", "no master has ever led with this database")
	}
	return fine("term", "%d, held by %s; cluster %s", in.Fence.Epoch, in.Fence.Holder, in.Fence.ClusterID)
}

func judgeSessions(in store.Inspection) finding {
	writer, reader := strings.ToUpper(in.Writer.Isolation), strings.ToUpper(in.Reader.Isolation)
	if in.Engine == "sqlite" {
		return fine("isolation", "one writer at a time")
	}
	if writer != "READ-COMMITTED" || reader != "REPEATABLE-READ" {
		return failed("isolation", "%s where changes are made and %s where is read; READ-COMMITTED and REPEATABLE-READ are needed", writer, reader).
			todo("take transaction_isolation and sql init statements of proxies out of the data source: sessions set it themselves")
	}
	return fine("isolation", "%s where changes are made, %s where is read", writer, reader)
}

func judgeGrants(in store.Inspection) finding {
	switch {
	case len(in.Denied) > 0:
		return failed("grants", "this account may not %s", strings.Join(in.Denied, ", ")).todo("GRANT SELECT, INSERT, UPDATE, DELETE on the schema to it")
	case in.CanMigrate && in.Engine != "sqlite":
		return worry("grants", "this account may change the schema, which a master never needs").todo("give masters an account with SELECT, INSERT, UPDATE and DELETE, and keep this one for capri migrate")
	}
	return fine("grants", "what a master needs, and no more")
}

func judgeDurability(in store.Inspection) finding {
	if !in.Durable {
		return worry("durability", "what was committed can be lost in a crash: %s", strings.Join(in.Weak, ", ")).
			todo("set innodb_flush_log_at_trx_commit=1, innodb_doublewrite=ON and, with a binary log, sync_binlog=1")
	}
	return fine("durability", "what is committed survives a crash")
}

func judgeConnections(most, pool, masters int) finding {
	need := pool * max(1, masters)
	if most < need {
		return worry("connections", "the server takes %d, and %s may open %d", most, plural(max(1, masters), "master"), need).todo("raise max_connections to %d or more", need+10)
	}
	return fine("connections", "the server takes %d; %s may open %d", most, plural(max(1, masters), "master"), need)
}

func judgeRoundTrip(took time.Duration) finding {
	text := "the database answers in " + microsText(max(1, took.Microseconds()))
	if took > roundWarn {
		return worry("round trip", "%s", text).todo("bring masters and database nearer: every decision waits for several answers")
	}
	return fine("round trip", "%s", text)
}

// judgeClock is about this machine's clock. Decisions go by the database's;
// logs and certificates by this one.
func judgeClock(offset time.Duration) finding {
	if offset.Abs() > clockWarn {
		return worry("clock", "this machine's clock is %s", clockText(offset)).todo("set both by NTP")
	}
	return fine("clock", "within %s of the database's", span(max(offset.Abs(), time.Millisecond)))
}
