package plan

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"

	"capricornus/common/batch"
)

// seenItem is what a plan remembers of one batch.
type seenItem struct {
	Task     string `json:"t"`
	WorkNo   string `json:"n"`
	Decision string `json:"d"`
	Code     string `json:"c"`
	Version  int    `json:"v"`
	Existing string `json:"e,omitempty"`
}

// seenItems is what was decided, in the order of the plan.
func seenItems(items []Item) []seenItem {
	out := make([]seenItem, len(items))
	for i := range items {
		it := &items[i]
		out[i] = seenItem{Task: it.Task, WorkNo: it.Slot.WorkNo, Decision: it.Decision, Code: it.Code, Version: it.Version}
		if e := it.Existing; e != nil {
			out[i].Existing = fmt.Sprintf("run %d %s/%s", e.Type, e.State, e.Finish)
		}
	}
	return out
}

// pack writes what was decided small enough for a column.
func pack(items []Item) (string, error) {
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	if err := json.NewEncoder(zip).Encode(seenItems(items)); err != nil {
		return "", fmt.Errorf("pack plan: %w", err)
	}
	if err := zip.Close(); err != nil {
		return "", fmt.Errorf("pack plan: %w", err)
	}
	return base64.StdEncoding.EncodeToString(out.Bytes()), nil
}

// unpackLimit bounds what a packed plan may unfold to.
const unpackLimit = 64 << 20

func unpack(text string) ([]seenItem, error) {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("unpack plan: %w", err)
	}
	zip, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("unpack plan: %w", err)
	}
	var out []seenItem
	if err := json.NewDecoder(io.LimitReader(zip, unpackLimit)).Decode(&out); err != nil {
		return nil, fmt.Errorf("unpack plan: %w", err)
	}
	return out, nil
}

// differenceShown bounds the lines of a difference.
const differenceShown = 50

// difference says, batch by batch, what a plan decided and what it would
// decide now. A plan that cannot be read any more has no difference to show.
func difference(packed string, now []Item) []string {
	before, err := unpack(packed)
	if err != nil {
		return nil
	}
	was := make(map[batch.Ref]seenItem, len(before))
	for _, s := range before {
		was[batch.Ref{Task: s.Task, WorkNo: s.WorkNo}] = s
	}
	var out []string
	for _, s := range seenItems(now) {
		key := batch.Ref{Task: s.Task, WorkNo: s.WorkNo}
		old, there := was[key]
		delete(was, key)
		switch {
		case !there:
			out = append(out, fmt.Sprintf("%s/%s: not in the plan → %s", s.Task, s.WorkNo, s))
		case old != s:
			out = append(out, fmt.Sprintf("%s/%s: %s → %s", s.Task, s.WorkNo, old, s))
		}
	}
	for _, s := range before {
		if _, gone := was[batch.Ref{Task: s.Task, WorkNo: s.WorkNo}]; gone {
			out = append(out, fmt.Sprintf("%s/%s: %s → not in the plan", s.Task, s.WorkNo, s))
		}
	}
	if n := len(out) - differenceShown; n > 0 {
		out = append(out[:differenceShown], fmt.Sprintf("and %d more", n))
	}
	return out
}

// String says what was decided in a few words.
func (s seenItem) String() string {
	text := s.Decision + " " + s.Code
	if s.Existing != "" {
		text += " over " + s.Existing
	}
	return text + fmt.Sprintf(" (version %d)", s.Version)
}
