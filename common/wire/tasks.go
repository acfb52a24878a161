package wire

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"capricornus/common/batch"
)

// TaskDetail is one task: its summary, the whole definition, and what was
// learned about it.
type TaskDetail struct {
	TaskSummary
	Definition any        `json:"definition"`
	YAML       string     `json:"yaml"` // the definition as a task file
	SavedAt    int64      `json:"savedAt"`
	SavedBy    string     `json:"savedBy"`
	Note       string     `json:"note,omitempty"`
	Upcoming   []int64    `json:"upcoming,omitempty"` // the next base times, while it is enabled
	Children   []string   `json:"children,omitempty"` // tasks that have it as a parent, 100 at most
	Stats      *TaskStats `json:"stats,omitempty"`    // absent before the first successful run
}

// TaskStats is what the recent successful runs of a task have taught.
type TaskStats struct {
	Runs       int   `json:"runs"`
	P50Millis  int64 `json:"p50Millis"`
	P95Millis  int64 `json:"p95Millis"`
	PeakMemory int64 `json:"peakMemory"`
	LearnedAt  int64 `json:"learnedAt"`
}

// TaskVersion is one saved version of a task.
type TaskVersion struct {
	Version int    `json:"version"`
	SavedAt int64  `json:"savedAt"`
	SavedBy string `json:"savedBy"`
	Note    string `json:"note,omitempty"`
	Enabled bool   `json:"enabled"`
	Deleted bool   `json:"deleted"` // the task was deleted by this version
}

// TaskVersionList is a page of versions, newest first.
type TaskVersionList struct {
	Items []TaskVersion `json:"items"`
	Next  string        `json:"next,omitempty"`
}

// TaskVersionDetail is one version with its definition.
type TaskVersionDetail struct {
	TaskVersion
	Task       string `json:"task"`
	Definition any    `json:"definition"`
	YAML       string `json:"yaml"`
}

// DiffRequest carries task files that are compared with what is saved.
type DiffRequest struct {
	Files []File `json:"files"`
}

// DiffReply says what an apply of the same files would do; with findings of
// severity error, nothing.
type DiffReply struct {
	Items    []DiffItem `json:"items"`
	Findings []Finding  `json:"findings,omitempty"`
}

// DiffItem is one document: its fate, and how its saved form would change, as a
// unified diff; "" when it would not. For a task, Next are its next batches once
// it is saved; without any, NoNext says why.
type DiffItem struct {
	ApplyItem
	Diff   string      `json:"diff,omitempty"`
	Next   []NextBatch `json:"next,omitempty"`
	NoNext string      `json:"noNext,omitempty" enum:"disabled,manual,over"`
}

// Why a task has no next batches.
const (
	NoneWhileDisabled = "disabled"
	NoneByItself      = "manual" // it runs by hand
	NoneWhileValid    = "over"   // its validity ends before the next one, or its expression never comes again
)

// NextBatch is one that will be generated.
type NextBatch struct {
	WorkNo string `json:"workNo"`
	At     int64  `json:"at"` // its base time
}

// VersionDiff is the difference between two versions of a task.
type VersionDiff struct {
	Task string `json:"task"`
	From int    `json:"from"`
	To   int    `json:"to"`
	Diff string `json:"diff"` // unified, "" when they are the same
}

// RenderReply is what a batch of a task would run, or does.
type RenderReply struct {
	Batch     string `json:"batch"` // task/workNo.run
	Version   int    `json:"version"`
	Zone      string `json:"zone"`
	Scheduled string `json:"schedule"`
	BizStart  string `json:"bizStart"`
	BizEnd    string `json:"bizEnd"`
	Type      string `json:"type"`

	Script  string            `json:"script,omitempty"`
	Command []string          `json:"command,omitempty"`
	HTTP    any               `json:"http,omitempty"`
	Program string            `json:"program,omitempty"`
	Account string            `json:"account,omitempty"`
	Env     map[string]string `json:"env"` // as its worker gets it, but for what only the attempt's own directory decides

	Inputs       []RenderPath   `json:"inputs,omitempty"`
	Outputs      []RenderPath   `json:"outputs,omitempty"`
	ThirdParties []RenderThird  `json:"thirdParties,omitempty"`
	Parents      []RenderParent `json:"parents,omitempty"`
}

// RenderPath is a data path and what makes it ready.
type RenderPath struct {
	Path  string `json:"path"`
	Ready string `json:"ready,omitempty"`
}

// RenderThird is an announcement that must have come.
type RenderThird struct {
	Code string `json:"code"`
	Key  string `json:"key"`
}

// RenderParent is a batch that must be successful before.
type RenderParent struct {
	Batch string `json:"batch"` // task/workNo, or task/last
	State string `json:"state"` // of the run that counts: waiting … or its result; none: there is no such batch; not-applicable; newest: whatever its number
}

// TaskQuery chooses tasks.
type TaskQuery struct {
	Project string
	Owner   string
	Period  string
	Enabled string // true, false, or "" for both
	Label   string // name, or name=value
	Text    string // part of the name or the title
	Cursor  string
	Limit   int // 0: the master's own
}

// Tasks returns one page of tasks.
func (c *Client) Tasks(ctx context.Context, query TaskQuery) (TaskList, error) {
	var list TaskList
	values := params("project", query.Project, "owner", query.Owner, "period", query.Period, "enabled", query.Enabled, "label", query.Label, "q", query.Text,
		"cursor", query.Cursor, "limit", number(int64(query.Limit)))
	err := c.get(ctx, "/tasks", values, &list)
	return list, err
}

// TaskVersions returns a page of the versions of a task, newest first.
func (c *Client) TaskVersions(ctx context.Context, name, cursor string, limit int) (TaskVersionList, error) {
	var list TaskVersionList
	err := c.get(ctx, taskPath(name, "/versions"), params("cursor", cursor, "limit", number(int64(limit))), &list)
	return list, err
}

// TaskVersion returns one version of a task with its definition.
func (c *Client) TaskVersion(ctx context.Context, name string, version int) (TaskVersionDetail, error) {
	var detail TaskVersionDetail
	err := c.get(ctx, taskPath(name, "/versions/"+strconv.Itoa(version)), nil, &detail)
	return detail, err
}

// DiffFiles compares task files with what is saved; it changes nothing.
func (c *Client) DiffFiles(ctx context.Context, request DiffRequest) (DiffReply, error) {
	var reply DiffReply
	err := c.post(ctx, "/tasks/diff", request, &reply)
	return reply, err
}

// DiffVersions compares two versions of a task; 0 as to is the newest, 0 as from
// the one before.
func (c *Client) DiffVersions(ctx context.Context, name string, from, to int) (VersionDiff, error) {
	var diff VersionDiff
	err := c.get(ctx, taskPath(name, "/diff"), params("from", number(int64(from)), "to", number(int64(to))), &diff)
	return diff, err
}

// Render returns what a batch of a task would run: for a work number, workNo or
// workNo.run.
func (c *Client) Render(ctx context.Context, name, workNo string) (RenderReply, error) {
	var reply RenderReply
	err := c.get(ctx, taskPath(name, "/render"), params("workNo", workNo), &reply)
	return reply, err
}

// RenderBatch returns what a batch runs.
func (c *Client) RenderBatch(ctx context.Context, ref batch.Ref) (RenderReply, error) {
	var reply RenderReply
	err := c.get(ctx, taskPath(ref.Task, "/render"), params("batch", ref.String()), &reply)
	return reply, err
}

// Export returns task files, as one text of several documents, of a project, of
// some tasks, or of everything.
func (c *Client) Export(ctx context.Context, project string, names []string) (string, error) {
	path := "/tasks/export"
	if query := params("project", project, "names", strings.Join(names, ",")); len(query) > 0 {
		path += "?" + query.Encode()
	}
	text, err := c.roundTrip(ctx, http.MethodGet, path, nil)
	return string(text), err
}

// TurnTask enables, disables or deletes a task; verb says which.
func (c *Client) TurnTask(ctx context.Context, verb, name, reason string) (CommandReply, error) {
	var reply CommandReply
	err := c.post(ctx, taskPath(name, "/"+verb), ReasonRequest{Reason: reason}, &reply)
	return reply, err
}

func taskPath(name, rest string) string { return "/tasks/" + url.PathEscape(name) + rest }
