package api

import (
	"encoding/json"

	"capricornus/common/wire"
)

// viewAnswer is what an http task was answered; nil when there is none, or none
// that can be read: it was written by the attempt's account.
func viewAnswer(result string) *wire.HTTPAnswer {
	var answer wire.HTTPAnswer
	if result == "" || json.Unmarshal([]byte(result), &answer) != nil {
		return nil
	}
	if answer.Headers == nil {
		answer.Headers = map[string]string{}
	}
	return &answer
}
