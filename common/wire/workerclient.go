package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"capricornus/common/fault"
)

// How long one master is waited for before the next one is asked. A claim
// waits for its own long poll besides.
const (
	heartbeatTimeout = 5 * time.Second
	claimMargin      = 5 * time.Second
	factsTimeout     = 15 * time.Second
	maxReply         = 64 << 20
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
	leader string // base URL; empty when unknown
	next   int    // index into Masters of the one to ask when no leader is known
}

// Heartbeat tells any master about this host.
func (c *WorkerClient) Heartbeat(ctx context.Context, body Heartbeat) (HeartbeatReply, error) {
	var reply HeartbeatReply
	if err := c.call(ctx, PathHeartbeat, heartbeatTimeout, body, &reply); err != nil {
		return HeartbeatReply{}, err
	}
	if reply.Leader != "" {
		c.lead(reply.Leader)
	}
	return reply, nil
}

// Claim asks the leader for work and waits as long as body says.
func (c *WorkerClient) Claim(ctx context.Context, body Claim) (ClaimReply, error) {
	var reply ClaimReply
	timeout := time.Duration(body.WaitMillis)*time.Millisecond + claimMargin
	err := c.call(ctx, PathClaim, timeout, body, &reply)
	return reply, err
}

// Facts reports to any master and returns one verdict for each fact.
func (c *WorkerClient) Facts(ctx context.Context, facts []Fact) ([]FactVerdict, error) {
	var reply FactsReply
	if err := c.call(ctx, PathFacts, factsTimeout, FactsRequest{Facts: facts}, &reply); err != nil {
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
	err := c.call(ctx, PathNotices, factsTimeout, NoticesRequest{Notices: notices}, &reply)
	return reply, err
}

// call posts to the leader, or to each master in turn until one answers.
func (c *WorkerClient) call(ctx context.Context, path string, timeout time.Duration, body, reply any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode call of %s: %w", path, err)
	}
	if len(c.Masters) == 0 {
		return fault.New(fault.Usage, "no masters are configured")
	}
	for range len(c.Masters) + 1 {
		base := c.pick()
		err = c.post(ctx, base+path, timeout, text, reply)
		if err == nil || ctx.Err() != nil || !c.moveOn(base, err) {
			return err
		}
	}
	return err
}

func (c *WorkerClient) pick() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leader != "" {
		return c.leader
	}
	return strings.TrimSuffix(c.Masters[c.next%len(c.Masters)], "/")
}

func (c *WorkerClient) lead(address string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leader = strings.TrimSuffix(address, "/")
}

// moveOn decides whom to ask after an error from base, and whether asking
// again makes sense: what a master refuses, the others refuse as well.
func (c *WorkerClient) moveOn(base string, err error) bool {
	code := fault.CodeOf(err)
	switch code {
	case fault.Usage, fault.Invalid, fault.NotFound, fault.Unauthed, fault.Forbidden, fault.Conflict, fault.PlanStale, fault.TooLarge:
		return false
	case fault.NotLeader, fault.Unavailable, fault.Timeout, fault.Internal:
	}
	if hinted := hintedLeader(err); code == fault.NotLeader && hinted != "" && hinted != base {
		c.lead(hinted)
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leader == base {
		c.leader = ""
	}
	c.next = (c.next + 1) % len(c.Masters)
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

func (c *WorkerClient) post(ctx context.Context, url string, timeout time.Duration, body []byte, reply any) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("call master: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+c.Token)
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
