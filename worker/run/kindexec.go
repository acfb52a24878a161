package run

import "errors"

// execKind runs a program with arguments, without any shell in between.
func execKind(spec Spec, _ string) (app, error) {
	if len(spec.Command) == 0 {
		return app{}, errors.New("the task has no command to execute")
	}
	return app{appText(callArguments), spec.Command, nil}, nil
}
