package cli

import (
	"slices"
	"strings"
	"time"

	"capricornus/common/wire"
)

const (
	answerLines = 10 // of a body that are shown
	answerRunes = 2000
)

// answer shows what the last attempt with an answer was answered: the status
// and the head of the body.
func (a *app) answer(attempts []wire.Attempt) {
	for _, t := range slices.Backward(attempts) {
		if t.Answer == nil {
			continue
		}
		a.print("")
		a.print("Answer of attempt %d: status %d, %s in %s", t.Attempt, t.Answer.Status,
			plural(int(t.Answer.Bytes), "byte"), span(time.Duration(t.Answer.Millis)*time.Millisecond))
		for _, line := range bodyHead(t.Answer) {
			a.print("  %s", printable(line))
		}
		return
	}
}

// bodyHead is the beginning of a body, and a note when there is more of it.
func bodyHead(answer *wire.HTTPAnswer) []string {
	if answer.Base64 {
		return []string{"(not text; -o json has it in base64)"}
	}
	text, more := answer.Body, answer.Truncated
	if runes := []rune(text); len(runes) > answerRunes {
		text, more = string(runes[:answerRunes]), true
	}
	var lines []string
	if text = strings.TrimRight(text, "\n"); text != "" {
		lines = strings.Split(text, "\n")
	}
	if len(lines) > answerLines {
		lines, more = lines[:answerLines], true
	}
	if more {
		lines = append(lines, "…")
	}
	return lines
}
