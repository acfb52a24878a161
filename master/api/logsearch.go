package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"capricornus/common/fault"
	"capricornus/common/logtext"
	"capricornus/common/wire"
)

// foundLimit bounds what a worker answers a search: a thousand lines of a
// kilobyte, in JSON.
const foundLimit = 8 << 20

type logSearch struct {
	Task       string `path:"task" maxLength:"100" doc:"name of the task"`
	Run        string `path:"run" maxLength:"40" doc:"work number, or workNumber.run; without a run the one that counts"`
	Attempt    int    `query:"attempt" minimum:"1" doc:"number of the attempt; without it the newest"`
	Text       string `query:"q" maxLength:"1000" doc:"what to look for: 200 bytes at most"`
	Regexp     bool   `query:"regexp" doc:"true: it is a regular expression (RE2)"`
	IgnoreCase bool   `query:"ignoreCase" doc:"true: upper and lower case are the same"`
	From       int64  `query:"from" minimum:"-1000000000000000" maximum:"1000000000000000" doc:"offset to begin at; negative: from the end"`
	Limit      int    `query:"limit" minimum:"1" maximum:"1000" doc:"lines at most; without it 100"`
}

// searchLog lets the worker that has a log search it; what the database keeps
// is searched here when the worker is out of reach.
func (a *api) searchLog(ctx context.Context, q *logSearch) (wire.LogMatches, error) {
	pattern, err := logtext.Compile(q.Text, logtext.How{Regexp: q.Regexp, IgnoreCase: q.IgnoreCase})
	if err != nil {
		return wire.LogMatches{}, err
	}
	source, err := a.findLog(ctx, logParams{q.Task, q.Run, q.Attempt})
	if err != nil {
		return wire.LogMatches{}, err
	}
	call := wire.LogCall{Offset: q.From, Limit: int64(q.Limit), Search: q.Text, Regexp: q.Regexp, IgnoreCase: q.IgnoreCase}
	out := wire.LogMatches{Attempt: source.attempt.Attempt, Host: source.attempt.Host}
	found, err := a.searchAtWorker(ctx, source, call)
	if err != nil && source.ended() {
		text, errKept := a.keptText(ctx, source)
		if text == nil {
			return wire.LogMatches{}, errors.Join(err, errKept)
		}
		out.Size, out.Partial, out.From = text.Size, "tail", text.Gap.To
		found, err = wire.SearchLog(ctx, text.Text, pattern, call)
	}
	out.Items, out.Next, out.Complete = found.Items, found.Next, found.Complete
	return out, err
}

func (a *api) searchAtWorker(ctx context.Context, s logSource, call wire.LogCall) (wire.LogFound, error) {
	var found wire.LogFound
	response, stop, err := a.askWorker(ctx, s, call) //nolint:bodyclose // stop does
	if err != nil {
		return found, err
	}
	defer stop()
	if err := json.NewDecoder(io.LimitReader(response.Body, foundLimit)).Decode(&found); err != nil || found.Items == nil {
		return found, fault.Wrap(fault.Unavailable, err, "worker %s answered something else than what it found", s.attempt.Host)
	}
	return found, nil
}
