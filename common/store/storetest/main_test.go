package storetest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"capricornus/common/store"
)

// holderEnv makes a process of this test binary a leader that stops inside a
// transaction. The first line it reads is a holder.
const holderEnv = "CAPRI_STORETEST_HOLDER"

func TestMain(m *testing.M) {
	if os.Getenv(holderEnv) != "" {
		if err := hold(context.Background(), bufio.NewReader(os.Stdin)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// holder is a leader that writes batches in one transaction, a page at a time.
type holder struct {
	DSN     string
	Epoch   int64
	Lock    int64 // a batch it locks first
	Pages   [][]store.NewBatch
	WaitsAt int // the page after which it waits for a line
}

// hold says "page" after each page, and at the end "committed" or why not.
func hold(ctx context.Context, in *bufio.Reader) error {
	order, err := in.ReadString('\n')
	if err != nil {
		return err
	}
	var h holder
	if err := json.Unmarshal([]byte(order), &h); err != nil {
		return err
	}
	db, err := store.Open(ctx, store.Config{Driver: MySQL, DSN: h.DSN})
	if err != nil {
		return err
	}
	runs := 0
	err = db.Lead(h.Epoch, "m1").Tx(ctx, "generate", func(tx *store.LeaderTx) error {
		if runs++; runs > 1 {
			return errors.New("begun again")
		}
		if _, err := tx.Lock(ctx, []int64{h.Lock}); err != nil {
			return err
		}
		for i, page := range h.Pages {
			if err := tx.InsertBatches(ctx, page); err != nil {
				return err
			}
			fmt.Fprintln(os.Stdout, "page")
			if i == h.WaitsAt {
				if _, err := in.ReadString('\n'); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err == nil {
		_, err = fmt.Fprintln(os.Stdout, "committed")
		return errors.Join(err, db.Close())
	}
	_, err = fmt.Fprintln(os.Stdout, "refused:", err)
	return errors.Join(err, db.Close())
}
