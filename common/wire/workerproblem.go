package wire

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"capricornus/common/fault"
)

// workerProblem is the part of a problem+json body a worker acts on.
type workerProblem struct {
	Code   fault.Code `json:"code"`
	Title  string     `json:"title"`
	Detail string     `json:"detail"`
	Hint   string     `json:"hint"`
}

// problemOf turns an answer other than 200 into a fault. A body without a code,
// from a proxy perhaps, is read by its status alone.
func problemOf(status int, url string, body []byte) error {
	var problem workerProblem
	if err := json.Unmarshal(body, &problem); err != nil {
		problem = workerProblem{}
	}
	if problem.Code == "" {
		problem.Code = codeOfStatus(status)
	}
	message := problem.Detail
	if message == "" {
		message = problem.Title
	}
	if message == "" {
		message = strings.ToLower(http.StatusText(status))
	}
	answer := fault.New(problem.Code, "%s answered %d: %s", url, status, message)
	answer.Hint = problem.Hint
	return answer
}

func codeOfStatus(status int) fault.Code {
	switch status {
	case http.StatusUnauthorized:
		return fault.Unauthed
	case http.StatusForbidden:
		return fault.Forbidden
	case http.StatusMisdirectedRequest:
		return fault.NotLeader
	case http.StatusConflict:
		return fault.Conflict
	case http.StatusRequestEntityTooLarge:
		return fault.TooLarge
	}
	return fault.Unavailable
}

func asFault(err error) (*fault.Error, bool) {
	return errors.AsType[*fault.Error](err)
}
