package wire

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"capricornus/common/fault"
)

// readProblem reads a problem+json body; ok is false when it is something else.
func readProblem(body []byte) (f *fault.Error, ok bool) {
	var p Problem
	if json.Unmarshal(body, &p) != nil || p.Code == "" {
		return nil, false //nolint:nilerr // ok says it
	}
	message := p.Detail
	if message == "" {
		message = p.Title
	}
	hint := p.Hint
	if fault.Code(p.Code) == fault.Internal && p.RequestID != "" && hint == "" && !strings.Contains(message, p.RequestID) {
		hint = "request ID " + p.RequestID
	}
	return &fault.Error{Code: fault.Code(p.Code), Message: message, Hint: hint, Difference: p.Difference}, true
}

// problemOf turns an answer to a worker other than 200 into a fault. A body
// without a code, from a proxy perhaps, is read by its status alone; what says
// nothing is worth another try.
func problemOf(status int, url string, body []byte) error {
	found, ok := readProblem(body)
	if !ok {
		found = &fault.Error{Code: statusCode(status, fault.Unavailable), Message: strings.ToLower(http.StatusText(status))}
	}
	answer := fault.New(found.Code, "%s answered %d: %s", url, status, found.Message)
	answer.Hint = found.Hint
	return answer
}

// statusCode is what a status means without a body; otherwise for the rest.
func statusCode(status int, otherwise fault.Code) fault.Code {
	switch status {
	case http.StatusBadRequest, http.StatusMethodNotAllowed:
		return fault.Usage
	case http.StatusUnauthorized:
		return fault.Unauthed
	case http.StatusForbidden:
		return fault.Forbidden
	case http.StatusNotFound:
		return fault.NotFound
	case http.StatusConflict:
		return fault.Conflict
	case http.StatusRequestEntityTooLarge:
		return fault.TooLarge
	case http.StatusMisdirectedRequest:
		return fault.NotLeader
	case http.StatusUnprocessableEntity:
		return fault.Invalid
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return fault.Unavailable
	}
	return otherwise
}

func asFault(err error) (*fault.Error, bool) {
	return errors.AsType[*fault.Error](err)
}
