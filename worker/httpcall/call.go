package httpcall

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"capricornus/common/condition"
	"capricornus/common/outbound"
	"capricornus/common/wire"
)

const (
	bodyLimit      = 10 << 20 // of an answer; the rest is not read
	secretLimit    = 16 << 10 // of a file with a header's value
	conditionLimit = 10 * time.Second
)

// Do makes the call, writes it and its answer to log, and returns the answer
// encoded, as far as there is one. An error is a sentence that says why it is no
// success.
func Do(ctx context.Context, r Request, names outbound.Resolver, log io.Writer) ([]byte, error) {
	fmt.Fprintf(log, "%s %s\n", r.Call.Method, r.Call.URL)
	if r.Call.Timeout > 0 {
		limit := time.Duration(r.Call.Timeout) * time.Millisecond
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, limit, fmt.Errorf("there was no whole answer within %s", limit))
		defer cancel()
	}
	began := time.Now()
	response, err := send(ctx, r, names)
	if err != nil {
		return nil, noAnswer(ctx, err)
	}
	defer response.Body.Close()
	writeHead(log, response)
	body, more, err := readBody(response.Body, log)
	answer := keep(response, body, more || err != nil)
	answer.Millis = time.Since(began).Milliseconds()
	text, unencoded := encode(answer, body)
	if unencoded != nil {
		return nil, fmt.Errorf("encode the answer: %w", unencoded)
	}
	if err != nil {
		return text, noAnswer(ctx, fmt.Errorf("the answer broke off: %w", err))
	}
	return text, judge(r.Call, response, body, more)
}

// noAnswer drops the URL that net/http writes before its errors, and says which
// time limit it was.
func noAnswer(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, context.Canceled) {
		return &noAnswerError{"the call was ended before its answer came"}
	} else if cause != nil {
		return &noAnswerError{cause.Error()}
	}
	if located, ok := errors.AsType[*url.Error](err); ok {
		err = located.Err
	}
	return &noAnswerError{err.Error()}
}

func send(ctx context.Context, r Request, names outbound.Resolver) (*http.Response, error) {
	hosts, err := outbound.ParseHosts(r.Hosts)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, r.Call.Method, r.Call.URL, strings.NewReader(r.Call.Body))
	if err != nil {
		return nil, err
	}
	if r.Call.Body == "" {
		request.Body, request.GetBody, request.ContentLength = nil, nil, 0
	}
	if err := hosts.CheckURL(request.URL); err != nil {
		return nil, fmt.Errorf("%w; the worker's http_hosts says which", err)
	}
	request.Header.Set("User-Agent", "capricornus")
	for name, value := range r.Call.Headers {
		request.Header.Set(name, value)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Call.HeaderFiles)) {
		value, err := readSecret(r.Call.HeaderFiles[name])
		if err != nil {
			return nil, fmt.Errorf("the value of the header %s: %w", name, err)
		}
		request.Header.Set(name, value)
	}
	return hosts.Client(names).Do(request)
}

// readSecret reads the one line of a file. Its errors do not show it.
func readSecret(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no regular file", name)
	}
	text, err := io.ReadAll(io.LimitReader(file, secretLimit+1))
	if err != nil {
		return "", err
	}
	value := strings.TrimSpace(string(text))
	if value == "" || len(text) > secretLimit || strings.ContainsAny(value, "\r\n") {
		return "", fmt.Errorf("%s must hold one line of at most %d bytes", name, secretLimit)
	}
	return value, nil
}

// readBody reads what there is up to the limit, and copies it into the log.
func readBody(from io.Reader, log io.Writer) (body []byte, more bool, err error) {
	var kept bytes.Buffer
	_, err = io.Copy(io.MultiWriter(&kept, log), io.LimitReader(from, bodyLimit))
	if body = kept.Bytes(); len(body) > 0 && body[len(body)-1] != '\n' {
		fmt.Fprintln(log)
	}
	if err == nil && len(body) == bodyLimit {
		n, _ := io.ReadFull(from, make([]byte, 1))
		more = n > 0
	}
	if more {
		fmt.Fprintf(log, "… the answer goes on; %d MiB of it were read\n", bodyLimit>>20)
	}
	return body, more, err
}

// judge says why an answer is no success, or nothing.
func judge(call wire.HTTPCall, response *http.Response, body []byte, more bool) error {
	if problem := wrongStatus(response.StatusCode, call.Status); problem != "" {
		return errors.New(problem)
	}
	if call.When == "" {
		return nil
	}
	when, err := condition.Parse(call.When)
	if err != nil {
		return fmt.Errorf("the condition %s cannot be read: %w", call.When, err)
	}
	seen := condition.Answer{Status: response.StatusCode, Headers: flat(response.Header), Body: string(body)}
	if more {
		return errors.New("the answer is too long for a condition on it")
	}
	if json.Unmarshal(body, &seen.JSON) != nil {
		seen.JSON = nil
	}
	return withinTime(func() error { return when.Check(seen) })
}

// withinTime gives up on a condition that goes through a long list again and
// again. It goes on until the process ends, which is soon.
func withinTime(check func() error) error {
	done := make(chan error, 1)
	go func() { done <- check() }()
	timer := time.NewTimer(conditionLimit)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return fmt.Errorf("the condition took longer than %s", conditionLimit)
	}
}

func wrongStatus(status int, wanted []int) string {
	if len(wanted) == 0 {
		if status >= 200 && status <= 299 {
			return ""
		}
		return fmt.Sprintf("status %d is not one of 200 to 299", status)
	}
	if slices.Contains(wanted, status) {
		return ""
	}
	words := make([]string, len(wanted))
	for i, w := range wanted {
		words[i] = fmt.Sprint(w)
	}
	return fmt.Sprintf("status %d is not one of %s", status, strings.Join(words, ", "))
}
