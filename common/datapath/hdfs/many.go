package hdfs

import (
	"context"
	"path"
	"slices"
	"strings"
	"sync"

	"capricornus/common/datapath"
)

const (
	worthListing = 3   // paths in one directory: fewer are looked at one by one
	chunk        = 500 // paths in one group at most, so that a large table is shared among the clients
)

// group are questions about paths in one directory.
type group struct {
	cluster   *cluster
	dir       string
	questions []datapath.Question
}

// answerAll answers the questions to each cluster and yields groups as they are
// ready. Nothing is left running when it returns.
func answerAll(ctx context.Context, asked map[*cluster][]datapath.Question, yield func([]datapath.Answer) bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan []datapath.Answer)
	var working sync.WaitGroup
	for c, questions := range asked {
		c.listings.sweep()
		groups := make(chan group)
		all := groupByDir(c, questions)
		working.Go(func() {
			defer close(groups)
			for _, g := range all {
				select {
				case groups <- g:
				case <-ctx.Done():
					return
				}
			}
		})
		for range min(cap(c.pool.slots), len(all)) {
			working.Go(func() { answerGroups(ctx, groups, answers) })
		}
	}
	go func() {
		working.Wait()
		close(answers)
	}()
	wanted := true
	for group := range answers {
		if wanted = wanted && ctx.Err() == nil && yield(group); !wanted {
			cancel()
		}
	}
}

func answerGroups(ctx context.Context, groups <-chan group, answers chan<- []datapath.Answer) {
	for g := range groups {
		answers <- g.answer(ctx)
	}
}

// groupByDir groups questions by directory, large directories into several groups.
func groupByDir(c *cluster, questions []datapath.Question) []group {
	sorted := slices.Clone(questions)
	slices.SortStableFunc(sorted, func(a, b datapath.Question) int {
		return strings.Compare(path.Dir(a.At.Path), path.Dir(b.At.Path))
	})
	var all []group
	for _, q := range sorted {
		dir := path.Dir(q.At.Path)
		if n := len(all); n == 0 || all[n-1].dir != dir || len(all[n-1].questions) >= chunk {
			all = append(all, group{cluster: c, dir: dir})
		}
		last := &all[len(all)-1]
		last.questions = append(last.questions, q)
	}
	return all
}

// answer lists the directory when that saves calls, and looks at the paths that
// are there.
func (g group) answer(ctx context.Context) []datapath.Answer {
	var names []string
	listed := false
	if len(g.questions) >= worthListing {
		var err error
		names, listed, err = g.cluster.names(ctx, g.dir)
		if unavailable(err) || err != nil && ctx.Err() != nil {
			return g.all(err)
		}
	}
	answers := make([]datapath.Answer, len(g.questions))
	for i, q := range g.questions {
		answers[i].Question = q
		if listed {
			if _, there := slices.BinarySearch(names, path.Base(q.At.Path)); !there {
				continue
			}
			if q.Rule == datapath.ReadyExists {
				answers[i].Met = true
				continue
			}
		}
		answers[i].Met, answers[i].Err = g.cluster.met(ctx, q.At.Path, q.Rule)
	}
	return answers
}

// all gives the same error to all questions.
func (g group) all(err error) []datapath.Answer {
	answers := make([]datapath.Answer, len(g.questions))
	for i, q := range g.questions {
		answers[i] = datapath.Answer{Question: q, Err: err}
	}
	return answers
}
