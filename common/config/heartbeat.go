package config

import (
	"fmt"
	"time"
)

// Heartbeat is the URL of an outside monitor that the leader calls as long as
// people can be told of alerts. Whoever knows it can quieten the monitor, so that
// it is a secret.
type Heartbeat struct {
	URL     Secret // wins over URLFile
	URLFile string // file with the URL; both empty: nobody is called
	Every   time.Duration
	Method  string // GET | POST | PUT
}

// Bounds of the time between two signals.
const (
	heartbeatLeast = 10 * time.Second
	heartbeatMost  = time.Hour
)

func defaultHeartbeat() Heartbeat { return Heartbeat{Every: time.Minute, Method: "GET"} }

// On says whether there is a monitor to be called.
func (h *Heartbeat) On() bool { return h.URL != "" || h.URLFile != "" }

func (h *Heartbeat) keys() []Key {
	return []Key{
		secretKey("alerts.heartbeat.url", &h.URL, "`URL` of an outside monitor that the leader calls while people can be told; wins over url_file"),
		textKey("alerts.heartbeat.url_file", &h.URLFile, "`FILE` with that URL, not open to everybody; empty: nobody is called"),
		durationKey("alerts.heartbeat.every", &h.Every, "`TIME` between two of these calls, 10s to 1h"),
		textKey("alerts.heartbeat.method", &h.Method, "of the call, `GET|POST|PUT`; there is no body"),
	}
}

func (h *Heartbeat) validate(p *InvalidError) {
	if h.URL != "" && checkService(h.URL.Reveal()) != nil {
		p.add("alerts.heartbeat.url", "is not a URL: write it as the monitor shows it, https://…")
	}
	if h.Every < heartbeatLeast || h.Every > heartbeatMost {
		p.add("alerts.heartbeat.every", "%s is out of bounds: write 10s to 1h", shortDuration(h.Every))
	}
	p.check("alerts.heartbeat.method", checkOneOf(h.Method, "GET", "POST", "PUT"))
}

// Format hides the URL from every verb of fmt.
func (h Heartbeat) Format(f fmt.State, _ rune) { fmt.Fprint(f, line(h.keys())) }
