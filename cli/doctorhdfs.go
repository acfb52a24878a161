package cli

import (
	"context"

	"capricornus/common/config"
	"capricornus/common/datapath"
	"capricornus/common/datapath/hdfs"
	"capricornus/common/fault"
)

// lookAtHDFS asks each file system once.
func lookAtHDFS(ctx context.Context, cfg *config.HDFS) []finding {
	if len(cfg.Namenodes)+len(cfg.Others) == 0 {
		return []finding{fine("namenodes", "not configured")}
	}
	checker, err := hdfs.NewChecker(hdfsConfig(cfg))
	if err != nil {
		return []finding{failedBy("namenodes", fault.Wrap(fault.Usage, err, "HDFS cannot be used as it is configured: %v", err))}
	}
	defer func() { _ = checker.Close() }()
	checker.Probe(ctx)
	var found []finding
	for _, h := range checker.Health() {
		found = append(found, judgeHDFS(h))
	}
	return found
}

func judgeHDFS(h datapath.Health) finding {
	switch {
	case h.Down:
		return failed(h.Name, "does not answer: %s", h.Err).todo("data paths and packages there wait until it does")
	case !h.Known:
		return failed(h.Name, "does not answer in time").todo("data paths and packages there wait until it does")
	}
	return fine(h.Name, "answers")
}
