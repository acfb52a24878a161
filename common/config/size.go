package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes, written as 512Mi, 2Gi or plainly 1000000.
type Size int64

// sizeUnits are the units a size may be written in, largest first.
func sizeUnits() []struct {
	name  string
	bytes int64
} {
	return []struct {
		name  string
		bytes int64
	}{{"Ti", 1 << 40}, {"Gi", 1 << 30}, {"Mi", 1 << 20}, {"Ki", 1 << 10}}
}

// ParseSize reads a size.
func ParseSize(text string) (Size, error) {
	digits, factor := text, int64(1)
	for _, unit := range sizeUnits() {
		if rest, found := strings.CutSuffix(text, unit.name); found {
			digits, factor = rest, unit.bytes
			break
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/factor {
		return 0, fmt.Errorf("%q is not a size: write bytes, or a number with Ki, Mi, Gi or Ti, for example 512Mi", text)
	}
	return Size(n * factor), nil
}

// String writes the size in the largest unit that fits without a rest.
func (s Size) String() string {
	for _, unit := range sizeUnits() {
		if s != 0 && int64(s)%unit.bytes == 0 {
			return strconv.FormatInt(int64(s)/unit.bytes, 10) + unit.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}
