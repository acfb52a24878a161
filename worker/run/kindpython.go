package run

// pythonKind runs the user's text with python3.
func pythonKind(spec Spec, script string) (app, error) {
	return app{appText(callArguments), []string{"python3", script}, []byte(spec.Script)}, nil
}
