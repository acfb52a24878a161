package api

import (
	"runtime"
	"sync"
	"sync/atomic"

	"capricornus/common/task"
	"capricornus/common/wire"
)

// parseAll parses files side by side and returns what they hold in the order
// given. A panic of the parser comes out here, where the server recovers.
func parseAll(files []wire.File) ([]task.Document, []task.Finding) {
	type parsed struct {
		docs     []task.Document
		findings []task.Finding
	}
	var (
		results = make([]parsed, len(files))
		next    atomic.Int64
		group   sync.WaitGroup
		panics  = make(chan any, runtime.GOMAXPROCS(0))
	)
	for range min(cap(panics), len(files)) {
		group.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					panics <- p
				}
			}()
			for {
				i := int(next.Add(1)) - 1
				if i >= len(files) {
					return
				}
				results[i].docs, results[i].findings = task.Parse(files[i].Name, []byte(files[i].Text))
			}
		})
	}
	group.Wait()
	select {
	case p := <-panics:
		panic(p)
	default:
	}
	var docs []task.Document
	var findings []task.Finding
	for _, r := range results {
		docs = append(docs, r.docs...)
		findings = append(findings, r.findings...)
	}
	return docs, findings
}
