package run

// pythonKind runs the user's text with the python3 that PATH, in the attempt's
// environment, finds first.
func pythonKind(j job) (app, error) {
	return app{text: appText(callArguments, j.fileLimit), args: []string{"python3", j.script}, script: []byte(j.spec.Script)}, nil
}
