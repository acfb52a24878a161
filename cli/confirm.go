package cli

import (
	"bufio"
	"fmt"
	"slices"
	"strings"

	"capricornus/common/fault"
)

// mayAsk refuses a command that must be confirmed where nobody can be asked.
func (a *app) mayAsk(yes bool) error {
	if yes || a.isTerminal(a.in) {
		return nil
	}
	return fault.New(fault.Usage, "nobody can be asked here: stdin is not a terminal").
		WithHint("give --yes to go ahead, or --dry-run to see what would happen")
}

// confirm asks before something is changed, and names the context it is changed
// in. Anything but a yes is a no; of what is in production, only its name is one.
func (a *app) confirm(yes bool, question string) error {
	if yes {
		return nil
	}
	place := a.used.place
	want := []string{"y", "yes"}
	switch {
	case place.Production:
		want = []string{place.Name}
		fmt.Fprintf(a.err, "%s %s\n  write %s to go ahead: ", a.paintTalk(red, place.Name+" is production."), question, place.Name)
	case place.Name != "":
		fmt.Fprintf(a.err, "%s: %s [y/N] ", place.Name, question)
	default:
		fmt.Fprintf(a.err, "%s [y/N] ", question)
	}
	answer, err := a.lines().ReadString('\n')
	if err != nil {
		a.say("")
	}
	answer = strings.TrimSpace(answer)
	if slices.Contains(want, answer) || !place.Production && slices.Contains(want, strings.ToLower(answer)) {
		return nil
	}
	return &outcome{code: exitFailed, text: "nothing was changed"}
}

// lines reads what a person writes, a line at a time. One reader serves all
// questions of a command: it may hold what was written ahead.
func (a *app) lines() *bufio.Reader {
	if a.typed == nil {
		a.typed = bufio.NewReader(a.in)
	}
	return a.typed
}
