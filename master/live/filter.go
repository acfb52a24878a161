package live

import (
	"slices"
	"strings"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// Filter is what a client wants to be told. The zero filter wants all.
type Filter struct {
	Topics  []string
	Project string // of batches
	Task    string // of batches
	State   string // that a batch has come to: a state or a result
}

// Topics are those there are.
func Topics() []string {
	return []string{wire.TopicBatch, wire.TopicOperation, wire.TopicHost, wire.TopicAlert, wire.TopicIncident, wire.TopicDuty, wire.TopicCluster}
}

// ParseTopics reads a list with commas; empty is all.
func ParseTopics(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	var out []string
	for topic := range strings.SplitSeq(text, ",") {
		topic = strings.TrimSpace(topic)
		if !slices.Contains(Topics(), topic) {
			return nil, fault.New(fault.Invalid, "topic %q is unknown", topic).WithHint("some of %s", strings.Join(Topics(), ", "))
		}
		out = append(out, topic)
	}
	return out, nil
}

func (f *Filter) wants(topic string) bool {
	return len(f.Topics) == 0 || slices.Contains(f.Topics, topic)
}

func (f *Filter) takes(i *item) bool {
	if !f.wants(i.event.Topic) {
		return false
	}
	b := i.event.Batch
	if b == nil {
		return true
	}
	return (f.Project == "" || b.Project == f.Project) && (f.Task == "" || i.task == f.Task) && (f.State == "" || b.To == f.State || b.Finish == f.State)
}

// coalesce keeps the last item about each thing. What a batch has come to since
// the first of them is one event.
func coalesce(items []item) []item {
	last := make(map[string]int, len(items))
	from := make(map[string]string, len(items))
	for n, i := range items {
		if _, known := last[i.key]; !known && i.event.Batch != nil {
			from[i.key] = i.event.Batch.From
		}
		if before, known := last[i.key]; known && stale(&i, &items[before]) {
			continue
		}
		last[i.key] = n
	}
	out := make([]item, 0, len(last))
	for n, i := range items {
		if last[i.key] != n {
			continue
		}
		if b := i.event.Batch; b != nil {
			changed := *b
			changed.From = from[i.key]
			i.event.Batch = &changed
		}
		out = append(out, i)
	}
	return out
}

// stale tells that an item came late: what is known about its batch is newer.
func stale(late, known *item) bool {
	a, b := late.event.Batch, known.event.Batch
	return a != nil && b != nil && a.Seq < b.Seq
}
