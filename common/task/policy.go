package task

import (
	"time"

	"capricornus/common/batch"
)

// Policy is what the definition says about success and retries.
func (s *Spec) Policy() batch.Policy {
	return batch.Policy{
		Success: s.Success, Times: s.Retry.Times, Interval: time.Duration(s.Retry.Interval), Backoff: s.Retry.Backoff, ExitCodes: s.Retry.ExitCodes,
	}
}
