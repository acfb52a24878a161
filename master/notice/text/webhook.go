package text

import "strings"

// What a chat room is told at most: rooms take 2,048 bytes.
const (
	webhookLimit = 2000
	webhookNames = 10
)

// webhook is a few plain lines for a chat room, the first of which says what
// happened.
func (w *writer) webhook() string {
	p := w.page()
	out := []string{"[" + p.Badge + "] " + p.Headline}
	if p.Impact != "" {
		out = append(out, p.Impact)
	}
	if p.About != "" {
		out = append(out, p.About)
	}
	if p.Detail != "" {
		out = append(out, shorten(p.Detail, 300))
	}
	if w.listed() {
		out = append(out, w.webhookNames()...)
	}
	link := w.incident()
	if buttons := w.buttons(); link == "" && len(buttons) > 0 { // all alerts
		link = buttons[len(buttons)-1].Address
	}
	room := webhookLimit
	if len(link) < webhookLimit/4 {
		room -= len(link) + 1
	}
	text := strings.Join(out, "\n")
	if len(text) > room {
		text = strings.ToValidUTF8(text[:room-len("…")], "") + "…"
	}
	if link != "" && len(link) < webhookLimit/4 {
		text += "\n" + link
	}
	return text
}

// webhookNames are the first alerts of many, the worst kinds first, a line each.
func (w *writer) webhookNames() []string {
	var out []string
	var first []*Alert
	for _, g := range w.groups() {
		first = append(first, g.alerts[:min(len(g.alerts), webhookNames-len(first))]...)
	}
	for _, a := range first {
		line := w.clock(a.At) + " " + shorten(w.sentence(a), 100)
		if a.Owner != "" {
			line += w.of("（%s）", " (%s)", shorten(a.Owner, 20))
		}
		out = append(out, strings.TrimSpace(line))
	}
	if left := len(w.m.Alerts) - webhookNames; left > 0 {
		out = append(out, w.of("另有 %d 条", "and %d more", left))
	}
	return out
}
