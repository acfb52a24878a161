package cli

import "capricornus/common/wire"

// color is an SGR parameter; empty is none. Colour never says anything that the
// words beside it do not.
type color string

const (
	plain  color = ""
	red    color = "31"
	green  color = "32"
	yellow color = "33"
	blue   color = "34"
	cyan   color = "36"
	grey   color = "90"
	bold   color = "1"
)

// paint colours text for a terminal that wants colours.
func (a *app) paint(c color, text string) string {
	if c == plain || text == "" || !a.colorful() {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// paintTalk is paint for what is said on stderr.
func (a *app) paintTalk(c color, text string) string {
	if c == plain || text == "" || !a.fancy() {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

func (a *app) colorful() bool {
	return a.isTerminal(a.out.w) && a.env("NO_COLOR") == "" && a.env("TERM") != "dumb"
}

// fancy tells whether stderr is a terminal that takes colour.
func (a *app) fancy() bool { return a.moving() && a.env("NO_COLOR") == "" }

// moving tells whether stderr is a terminal on which a line can be redrawn.
func (a *app) moving() bool { return a.isTerminal(a.err) && a.env("TERM") != "dumb" }

// stateCell says how a batch is: its result once it is done, its state before,
// and whether it is late.
func stateCell(b wire.Batch) cell {
	text, tint := b.State, plain
	switch b.State {
	case "assigned":
		tint = cyan
	case "running":
		tint = blue
	case "done":
		text, tint = b.Finish, finishColor(b.Finish)
	}
	if b.DependTimeoutAt == 0 && b.OutputTimeoutAt == 0 {
		return cell{text, tint}
	}
	if b.State != "done" {
		tint = yellow
	}
	return cell{text + ", late", tint}
}

func finishColor(finish string) color {
	switch finish {
	case "success":
		return green
	case "failed", "lost":
		return red
	}
	return grey
}
