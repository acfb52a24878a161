package datapath

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"
	"sync"
)

var errNotLooked = errors.New("the file system gave no answer")

// part looks at some of many paths and sends results as they come.
type part func(ctx context.Context, send func([]Result))

// Answers looks at all paths, each distinct check once, and yields results in
// groups as they come: what hangs holds up nothing else. Local results carry
// identities, those of other file systems do not. It ends early when ctx does.
func (c *Checker) Answers(ctx context.Context, checks []Check) iter.Seq[[]Result] {
	return func(yield func([]Result) bool) {
		local, questions := c.split(checks)
		merge(ctx, yield, c.groups(byParent(local)), c.questions(questions))
	}
}

// ReadyMany is Answers in the order of the checks.
func (c *Checker) ReadyMany(ctx context.Context, checks []Check) []Result {
	return inOrder(ctx, checks, c.Answers(ctx, checks))
}

// StatMany is Stat for many paths, several at a time; results are in the order
// of the checks and carry identities.
func (c *Checker) StatMany(ctx context.Context, checks []Check) []Result {
	return inOrder(ctx, checks, func(yield func([]Result) bool) {
		local, questions := c.split(checks)
		single := make([][]Check, len(questions))
		for i, q := range questions {
			single[i] = []Check{q.Check}
		}
		merge(ctx, yield, c.groups(byParent(local)), c.groups(single))
	})
}

func inOrder(ctx context.Context, checks []Check, answers iter.Seq[[]Result]) []Result {
	found := make(map[Check]Result, len(checks))
	for group := range answers {
		for _, result := range group {
			found[result.Check] = result
		}
	}
	results := make([]Result, len(checks))
	for i, check := range checks {
		result, answered := found[check]
		if !answered {
			cause := context.Cause(ctx)
			if cause == nil {
				cause = errNotLooked
			}
			result = Result{Check: check, Err: fmt.Errorf("look at %s: %w", check.Path, cause)}
		}
		results[i] = result
	}
	return results
}

// split tells the distinct checks that are looked at here from the questions for
// the other file system. What cannot be read as a path is an error here.
func (c *Checker) split(checks []Check) (local []Check, questions []Question) {
	seen := make(map[Check]bool, len(checks))
	for _, check := range checks {
		if seen[check] {
			continue
		}
		seen[check] = true
		at, ready, err := parse(check.Path, check.Ready)
		if err != nil || c.remote == nil || at.Scheme != "hdfs" {
			local = append(local, check)
			continue
		}
		questions = append(questions, Question{Check: check, At: at, Rule: ready})
	}
	return local, questions
}

// merge runs the parts side by side and yields what they send. All have ended
// when it returns.
func merge(ctx context.Context, yield func([]Result) bool, parts ...part) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	found := make(chan []Result)
	send := func(results []Result) {
		select {
		case found <- results:
		case <-ctx.Done():
		}
	}
	var running sync.WaitGroup
	for _, part := range parts {
		running.Go(func() { part(ctx, send) })
	}
	go func() {
		running.Wait()
		close(found)
	}()
	wanted := true
	for results := range found {
		if wanted = wanted && yield(results); !wanted {
			cancel()
		}
	}
}

// groups looks at several groups at a time; the paths of one group follow each
// other, so that one hung directory holds up its own paths only.
func (c *Checker) groups(all [][]Check) part {
	return func(ctx context.Context, send func([]Result)) {
		next := make(chan []Check)
		var workers sync.WaitGroup
		for range min(c.parallel, len(all)) {
			workers.Go(func() {
				for group := range next {
					send(c.readyGroup(ctx, group))
				}
			})
		}
		for _, group := range all {
			next <- group
		}
		close(next)
		workers.Wait()
	}
}

// questions has the other file system answer.
func (c *Checker) questions(all []Question) part {
	return func(ctx context.Context, send func([]Result)) {
		if len(all) == 0 {
			return
		}
		for answers := range c.remote.ReadyMany(ctx, all) {
			results := make([]Result, len(answers))
			for i, answer := range answers {
				results[i] = Result{Check: answer.Check, Ready: answer.Met && answer.Err == nil}
				if answer.Err != nil {
					results[i].Err = fmt.Errorf("look at %s: %w", answer.Path, answer.Err)
				}
			}
			send(results)
		}
	}
}

// readyGroup looks at the paths of one directory. After one look ran into its
// deadline the others of the directory are not tried in this call: they would
// wait as long each.
func (c *Checker) readyGroup(ctx context.Context, group []Check) []Result {
	results := make([]Result, 0, len(group))
	var gaveUp error
	for _, check := range group {
		result := Result{Check: check, Err: gaveUp}
		if gaveUp == nil {
			result.Identity, result.Err = c.Stat(ctx, check.Path, check.Ready)
			result.Ready = result.Identity != Absent
		}
		if timedOut(result.Err) {
			gaveUp = result.Err
		}
		results = append(results, result)
	}
	return results
}

// byParent groups checks by parent directory, in a stable order.
func byParent(checks []Check) [][]Check {
	sorted := slices.Clone(checks)
	slices.SortFunc(sorted, func(a, b Check) int {
		if order := strings.Compare(path.Dir(a.Path), path.Dir(b.Path)); order != 0 {
			return order
		}
		if order := strings.Compare(a.Path, b.Path); order != 0 {
			return order
		}
		return strings.Compare(a.Ready, b.Ready)
	})
	var groups [][]Check
	for i, check := range sorted {
		if i == 0 || path.Dir(check.Path) != path.Dir(sorted[i-1].Path) {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], check)
	}
	return groups
}
