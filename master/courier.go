package master

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"capricornus/common/logs"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// newsTimeout is for one request to the leader: what it is about will be met
// by a tick anyway.
const newsTimeout = 2 * time.Second

// courier takes news to the leader, one request at a time: what comes meanwhile
// is merged into the next. It tries once; what is lost costs a tick.
type courier struct {
	m    *Master
	http *http.Client
	bell chan struct{}

	mu      sync.Mutex
	waiting *wire.News

	to store.Master // the leader, as it has described itself; of run's goroutine
}

func newCourier(m *Master) *courier {
	return &courier{m: m, http: &http.Client{
		Transport:     m.cfg.Peers,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, bell: make(chan struct{}, 1)}
}

// post never blocks.
func (c *courier) post(n wire.News) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting == nil {
		c.waiting = &wire.News{}
	}
	*c.waiting = merged(*c.waiting, n)
	select {
	case c.bell <- struct{}{}:
	default:
	}
}

func (c *courier) take() *wire.News {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.waiting
	c.waiting = nil
	return n
}

// run delivers until ctx ends.
func (c *courier) run(ctx context.Context) error {
	defer c.http.CloseIdleConnections()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-c.bell:
		}
		n := c.take()
		if n == nil {
			continue
		}
		if err := c.deliver(ctx, *n); err != nil && ctx.Err() == nil {
			c.m.log.Debug("news for the leader are lost", logs.Node, c.to.ID, logs.Error(err))
		}
	}
}

// deliver gives news to whoever leads. A leader that is not as it is remembered
// is looked up and asked once more: it may have been started again meanwhile.
func (c *courier) deliver(ctx context.Context, n wire.News) error {
	node, _, known := c.m.terms.Leader()
	if !known {
		return nil // the next term begins with a look at everything
	}
	if node == c.m.cfg.Node {
		if c.m.term.Load() != nil {
			c.m.hear(n)
		}
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, newsTimeout)
	defer cancel()
	body, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("encode news: %w", err)
	}
	if c.to.ID == node {
		if err := c.send(ctx, body); err == nil || ctx.Err() != nil {
			return err
		}
	}
	was := c.to
	if err := c.find(ctx, node); err != nil {
		return err
	}
	if was.ID == node && was.CallKey == c.to.CallKey && was.Address == c.to.Address {
		return errors.New("the leader takes no news")
	}
	return c.send(ctx, body)
}

// find reads how the leader has described itself.
func (c *courier) find(ctx context.Context, node string) error {
	c.to = store.Master{}
	var all []store.Master
	err := c.m.db.View(ctx, func(t *store.ViewTx) (err error) {
		all, err = t.Masters(ctx)
		return err
	})
	if err != nil {
		return err
	}
	for _, row := range all {
		if row.ID == node && row.Address != "" && row.CallKey != "" {
			c.to = row
			return nil
		}
	}
	return fmt.Errorf("the leader %s has not described itself yet", node)
}

func (c *courier) send(ctx context.Context, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.to.Address, "/")+wire.PathNews, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make call of %s: %w", c.to.ID, err)
	}
	request.Header.Set("Content-Type", "application/json")
	wire.SignBody(request, c.to.CallKey, body, c.m.db.Now())
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("tell %s: %w", c.to.ID, err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16)) // so that the connection serves again
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("tell %s: it answered %s", c.to.ID, response.Status)
	}
	return nil
}
