package httpcall

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"capricornus/common/outbound"
)

// Run makes the call that a file describes and returns the exit code. The last
// line of its output says what became of it. What was answered goes into the
// file beside that one.
func Run(ctx context.Context, file string, names outbound.Resolver, log io.Writer) (code int) {
	text, err := os.ReadFile(file)
	var request Request
	if err == nil {
		err = json.Unmarshal(text, &request)
	}
	if err != nil {
		fmt.Fprintf(log, Failed+"the request cannot be read: %v\n", err)
		return ExitNoAnswer
	}
	answer, err := Do(ctx, request, names, log)
	if answer != nil {
		leave(filepath.Join(filepath.Dir(file), AnswerName), answer, log)
	}
	if err == nil {
		fmt.Fprintln(log, "success")
		return ExitSuccess
	}
	fmt.Fprintln(log, Failed+oneLine(err.Error()))
	if _, none := errors.AsType[*noAnswerError](err); none {
		return ExitNoAnswer
	}
	return ExitUnwanted
}

// oneLine keeps a reason in the last line, whoever worded it.
func oneLine(text string) string { return strings.Join(strings.Fields(printable(text)), " ") }

// leave writes the answer into its file. The directory is the worker's, so the
// file is there before and takes it in place.
func leave(name string, answer []byte, log io.Writer) {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_TRUNC, 0)
	if err == nil {
		_, err = file.Write(answer)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		fmt.Fprintf(log, "the answer is in this log only: %v\n", err)
	}
}
