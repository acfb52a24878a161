package datapath

import (
	"context"
	"path"
	"slices"
	"strings"
	"sync"
)

// ReadyMany checks all paths, several at a time, grouped by parent directory:
// the paths of one directory follow each other, so that one hung directory
// holds up its own paths only. Equal checks are looked at once. Results are in
// the order of the checks.
func (c *Checker) ReadyMany(ctx context.Context, checks []Check) []Result {
	found := make(map[Check]Result, len(checks))
	var lock sync.Mutex
	groups := make(chan []Check)
	var workers sync.WaitGroup
	for range min(c.parallel, len(checks)) {
		workers.Go(func() {
			for group := range groups {
				for _, result := range c.readyGroup(ctx, group) {
					lock.Lock()
					found[result.Check] = result
					lock.Unlock()
				}
			}
		})
	}
	for _, group := range byParent(checks) {
		groups <- group
	}
	close(groups)
	workers.Wait()
	results := make([]Result, len(checks))
	for i, check := range checks {
		results[i] = found[check]
	}
	return results
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

// byParent groups distinct checks by parent directory, in a stable order.
func byParent(checks []Check) [][]Check {
	distinct := slices.Clone(checks)
	slices.SortFunc(distinct, func(a, b Check) int {
		if order := strings.Compare(path.Dir(a.Path), path.Dir(b.Path)); order != 0 {
			return order
		}
		if order := strings.Compare(a.Path, b.Path); order != 0 {
			return order
		}
		return strings.Compare(a.Ready, b.Ready)
	})
	distinct = slices.Compact(distinct)
	var groups [][]Check
	for i, check := range distinct {
		if i == 0 || path.Dir(check.Path) != path.Dir(distinct[i-1].Path) {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], check)
	}
	return groups
}
