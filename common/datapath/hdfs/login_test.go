package hdfs

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jcmturner/gokrb5/v8/client"
)

func TestOneLoginThatHangsIsWaitedForByAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1)
		tries := 0
		r.access.login = newLogin(Kerberos{})
		r.access.login.try = func() (*client.Client, error) {
			tries++
			<-time.After(5 * time.Second)
			return nil, errors.New("Kerberos: read udp 10.0.0.1:40001->10.0.0.2:88: i/o timeout")
		}
		began := time.Now()
		var looking sync.WaitGroup
		for range 20 {
			looking.Go(func() { want(t, r.look(t), "Kerberos: read udp 10.0.0.2:88: i/o timeout") })
		}
		looking.Wait()
		if took := time.Since(began); took != 5*time.Second || tries != 1 {
			t.Errorf("got %d tries in %s for 20 looks, want one", tries, took)
		}
	})
}

func TestALookDoesNotWaitForALoginOfOthersBeyondItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLogin(Kerberos{})
		l.turn <- struct{}{} // somebody logs in
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.client(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the end of the context", err)
		}
	})
}
