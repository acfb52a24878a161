package deliver

import (
	"errors"
	"time"

	"capricornus/common/fault"
	"capricornus/master/notice/channel"
)

// Tries of a message: the first and three more (domain.md §10). One whose answer
// was lost with its master is begun once more, up to mostBegun.
const (
	tries        = 4
	mostBegun    = 8
	longestPause = 5 * time.Minute
)

// errUseless says that no further try would help.
var errUseless = errors.New("another try is useless")

// useless is an error that ends a message for good.
func useless(format string, args ...any) error {
	return fault.Wrap(fault.Invalid, errUseless, format, args...)
}

// after is how long to wait after a try that failed, counted from 1; false: it
// was the last one. What the other side asks for wins where it is longer.
func after(try int, err error) (time.Duration, bool) {
	if try >= tries || channel.Permanent(err) || errors.Is(err, errUseless) {
		return 0, false
	}
	pauses := [tries]time.Duration{0, 10 * time.Second, 30 * time.Second, time.Minute}
	return min(max(pauses[max(try, 1)], channel.RetryAfter(err)), longestPause), true
}
