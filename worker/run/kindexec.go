package run

import "errors"

// execKind runs a program with arguments, without any shell in between.
func execKind(j job) (app, error) {
	if len(j.spec.Command) == 0 {
		return app{}, errors.New("the task has no command to execute")
	}
	return app{text: appText(callArguments, j.fileLimit), args: j.spec.Command}, nil
}
