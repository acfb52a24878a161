package api

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// sse writes a stream of events to one client.
type sse struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func newSSE(w http.ResponseWriter) sse {
	return sse{w: w, control: http.NewResponseController(w)}
}

// begin sends the head, and how many milliseconds a client waits before it comes back.
func (s sse) begin() error { return s.write("retry: 2000\n\n") }

// event sends one event; without a kind it is a plain message.
func (s sse) event(kind, id string, data any) error {
	text, err := frame(kind, id, data)
	if err != nil {
		return err
	}
	return s.write(text)
}

// frame is one event as it travels.
func frame(kind, id string, data any) (string, error) {
	text, err := json.Marshal(data) // has no line break in it
	if err != nil {
		return "", err
	}
	if kind != "" {
		kind = "event: " + kind + "\n"
	}
	if id != "" {
		id = "id: " + id + "\n"
	}
	return kind + id + "data: " + string(text) + "\n\n", nil
}

// write sends at once; a client that takes nothing is given up.
func (s sse) write(text string) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(chunkTimeout))
	if _, err := io.WriteString(s.w, text); err != nil {
		return err
	}
	return s.control.Flush()
}
