package cli

import (
	"bufio"
	"fmt"
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

// confirm asks before something is changed. Anything but a yes is a no.
func (a *app) confirm(yes bool, question string) error {
	if yes {
		return nil
	}
	fmt.Fprintf(a.err, "%s [y/N] ", question)
	answer, err := bufio.NewReader(a.in).ReadString('\n')
	if err != nil {
		a.say("")
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return &outcome{code: exitFailed, text: "nothing was changed"}
}
