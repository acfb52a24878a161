package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"capricornus/common/fault"
	"capricornus/common/trace"
)

const (
	claimMargin = 5 * time.Second // for the answer, besides the wait
	maxReply    = 64 << 20
)

// WorkerClient makes the calls of a worker or its keeper. It remembers which
// master leads, from heartbeat replies and NOT_LEADER hints, and goes round the
// configured ones when it does not know or the known one fails. One call asks
// each master at most once; waiting between calls is the caller's business.
// It is safe for concurrent use.
type WorkerClient struct {
	HTTP    *http.Client
	Token   string
	Masters []string // base URLs, for example http://m1:8080

	mu     sync.Mutex
	leader string                   // base URL; empty when unknown
	next   int                      // index into Masters of the one to ask when no leader is known
	moved  chan struct{}            // closed when another one is the leader; nil: nobody waits
	grown  map[string]time.Duration // patience by path, where it is longer than the least
}

// asking is one call: whom it goes to is not its business.
type asking struct {
	path     string
	patience patience
	claims   bool       // it waits at the leader, and leaves when another one is named
	body     func() any // made anew for each master that is asked
	reply    any
}

// Heartbeat tells any master about this host. It says itself when it was sent.
func (c *WorkerClient) Heartbeat(ctx context.Context, body Heartbeat) (HeartbeatReply, error) {
	var reply HeartbeatReply
	made := func() any {
		body.SentAt = time.Now().UnixMilli()
		return body
	}
	if err := c.call(ctx, asking{path: PathHeartbeat, patience: heartbeatPatience(), body: made, reply: &reply}); err != nil {
		return HeartbeatReply{}, err
	}
	if reply.Leader != "" {
		c.lead(reply.Leader)
	}
	return reply, nil
}

// Claim asks the leader for work and waits as long as body says. When a
// heartbeat's answer names another leader meanwhile, it is asked that one: the
// one before may hang, or be cut off.
func (c *WorkerClient) Claim(ctx context.Context, body Claim) (ClaimReply, error) {
	var reply ClaimReply
	timeout := time.Duration(body.WaitMillis)*time.Millisecond + claimMargin
	err := c.call(ctx, asking{path: PathClaim, patience: patience{timeout, timeout}, claims: true, body: func() any { return body }, reply: &reply})
	return reply, err
}

// Facts reports to any master and returns one verdict for each fact.
func (c *WorkerClient) Facts(ctx context.Context, facts []Fact) ([]FactVerdict, error) {
	var reply FactsReply
	body := func() any { return FactsRequest{Facts: facts} }
	if err := c.call(ctx, asking{path: PathFacts, patience: factsPatience(), body: body, reply: &reply}); err != nil {
		return nil, err
	}
	if len(reply.Verdicts) != len(facts) {
		return nil, fmt.Errorf("report facts: got %d verdicts for %d facts", len(reply.Verdicts), len(facts))
	}
	return reply.Verdicts, nil
}

// Notices tells any master what people should know of this host.
func (c *WorkerClient) Notices(ctx context.Context, notices []Notice) (NoticesReply, error) {
	var reply NoticesReply
	body := func() any { return NoticesRequest{Notices: notices} }
	err := c.call(ctx, asking{path: PathNotices, patience: factsPatience(), body: body, reply: &reply})
	return reply, err
}

// call posts to the leader, or to each master in turn until one answers.
func (c *WorkerClient) call(ctx context.Context, a asking) error {
	if len(c.Masters) == 0 {
		return fault.New(fault.Usage, "no masters are configured")
	}
	var err error
	late := false
	for range len(c.Masters) + 1 {
		base, moved := c.pick()
		began := time.Now()
		var left bool
		left, err = c.ask(ctx, base, moved, a)
		switch {
		case err == nil:
			c.answered(a, time.Since(began))
			return nil
		case ctx.Err() != nil:
			return err
		case left:
			continue
		}
		late = late || errors.Is(err, context.DeadlineExceeded)
		if !c.moveOn(base, err) {
			return err
		}
	}
	if late && !a.claims {
		c.wait(a)
	}
	return err
}

// ask makes one call of one master. left tells that it was given up because
// another one leads.
func (c *WorkerClient) ask(ctx context.Context, base string, moved <-chan struct{}, a asking) (left bool, err error) {
	text, err := json.Marshal(a.body())
	if err != nil {
		return false, fmt.Errorf("encode call of %s: %w", a.path, err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.patient(a))
	defer cancel()
	if !a.claims {
		return false, c.post(ctx, base+a.path, text, a.reply)
	}
	answered, gone := make(chan struct{}), make(chan bool, 1)
	go func() {
		is := c.movedFrom(base, moved, answered)
		if is {
			cancel()
		}
		gone <- is
	}()
	err = c.post(ctx, base+a.path, text, a.reply)
	close(answered)
	return <-gone && err != nil, err
}

// movedFrom waits until somebody else than base is the one to ask, or the call
// of base is answered.
func (c *WorkerClient) movedFrom(base string, moved, answered <-chan struct{}) bool {
	for {
		select {
		case <-answered:
			return false
		case <-moved:
		}
		var now string
		if now, moved = c.pick(); now != base {
			return true
		}
	}
}

// pick says whom to ask; moved is closed when another one leads.
func (c *WorkerClient) pick() (base string, moved <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.moved == nil {
		c.moved = make(chan struct{})
	}
	if c.leader != "" {
		return c.leader, c.moved
	}
	return strings.TrimSuffix(c.Masters[c.next%len(c.Masters)], "/"), c.moved
}

func (c *WorkerClient) lead(address string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	address = strings.TrimSuffix(address, "/")
	if address == c.leader {
		return
	}
	c.leader = address
	if c.moved != nil {
		close(c.moved)
		c.moved = nil
	}
}

// moveOn decides whom to ask after an error from base, and whether asking
// again makes sense: what a master refuses, the others refuse as well.
func (c *WorkerClient) moveOn(base string, err error) bool {
	code := fault.CodeOf(err)
	switch code {
	case fault.Usage, fault.Invalid, fault.NotFound, fault.Unauthed, fault.Forbidden, fault.Conflict, fault.PlanStale, fault.TooLarge:
		return false
	case fault.NotLeader, fault.Unavailable, fault.TooMany, fault.Timeout, fault.Internal:
	}
	if hinted := hintedLeader(err); code == fault.NotLeader && hinted != "" && hinted != base {
		c.lead(hinted)
		return true
	}
	if _, answered := asFault(err); !answered {
		c.HTTP.CloseIdleConnections() // they may lead to where nobody is any more
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leader == base {
		c.leader = ""
	}
	c.next++
	if at := slices.IndexFunc(c.Masters, func(m string) bool { return strings.TrimSuffix(m, "/") == base }); at >= 0 {
		c.next = at + 1
	}
	c.next %= len(c.Masters)
	return true
}

// hintedLeader finds the address in the hint of a NOT_LEADER problem.
func hintedLeader(err error) string {
	problem, ok := asFault(err)
	if !ok {
		return ""
	}
	for word := range strings.FieldsSeq(problem.Hint) {
		if strings.HasPrefix(word, "http://") || strings.HasPrefix(word, "https://") {
			return strings.TrimRight(word, "/.,;)")
		}
	}
	return ""
}

func (c *WorkerClient) post(ctx context.Context, url string, body []byte, reply any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("call master: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+c.Token)
	trace.Pass(ctx, request.Header)
	response, err := c.HTTP.Do(request)
	if err != nil {
		return fmt.Errorf("call master: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxReply))
	if err != nil {
		return fmt.Errorf("read answer of %s: %w", url, err)
	}
	if response.StatusCode != http.StatusOK {
		return problemOf(response.StatusCode, url, text)
	}
	if err := json.Unmarshal(text, reply); err != nil {
		return fmt.Errorf("decode answer of %s: %w", url, err)
	}
	return nil
}
