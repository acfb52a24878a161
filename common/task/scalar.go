package task

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"capricornus/common/period"
)

// maxOffset bounds offsets after the base time: a year of minutes.
const maxOffset = 366 * 24 * 60

// ParseBytes reads a size: 512Mi, 2Gi, 1000000.
func ParseBytes(text string) (Bytes, error) {
	digits := strings.TrimRight(text, "KMGTi")
	shift, known := sizeShift(text[len(digits):])
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || !known || digits[0] == '+' || n > math.MaxInt64>>shift {
		return 0, fmt.Errorf("%s is no size; write bytes, or a number with Ki, Mi, Gi or Ti, for example 2Gi", quoted(text))
	}
	return Bytes(n << shift), nil
}

func sizeShift(unit string) (shift uint, known bool) {
	switch unit {
	case "":
		return 0, true
	case "Ki":
		return 10, true
	case "Mi":
		return 20, true
	case "Gi":
		return 30, true
	case "Ti":
		return 40, true
	}
	return 0, false
}

// String writes the size with the largest unit that loses nothing.
func (b Bytes) String() string {
	for _, unit := range []string{"Ti", "Gi", "Mi", "Ki"} {
		shift, _ := sizeShift(unit)
		if b > 0 && b%(1<<shift) == 0 {
			return strconv.FormatInt(int64(b>>shift), 10) + unit
		}
	}
	return strconv.FormatInt(int64(b), 10)
}

// MarshalJSON writes the size as files have it.
func (b Bytes) MarshalJSON() ([]byte, error) { return json.Marshal(b.String()) }

// UnmarshalJSON reads what MarshalJSON writes, and plain numbers.
func (b *Bytes) UnmarshalJSON(data []byte) error {
	text, err := textOrNumber(data)
	if err != nil {
		return err
	}
	*b, err = ParseBytes(text)
	return err
}

// ParseDuration reads a length of time: 30s, 5m, 2h, 1h30m.
func ParseDuration(text string) (Duration, error) {
	v, err := time.ParseDuration(text)
	if err != nil || v < 0 || strings.HasPrefix(text, "+") {
		return 0, fmt.Errorf("%s is no length of time; write a number and a unit, for example 30s, 5m or 2h", quoted(text))
	}
	return Duration(v), nil
}

// String writes the duration in the shortest way: 2h, not 2h0m0s.
func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// MarshalJSON writes the duration as files have it.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Duration) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("read a length of time: %w", err)
	}
	v, err := ParseDuration(text)
	*d = v
	return err
}

// minutesOffset is an offset written as minutes; -1 means none.
func minutesOffset(text string) (Offset, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < -1 || n > maxOffset {
		return Offset{}, fmt.Errorf("%s is no offset; write minutes after the base time (0 to %d, -1 for none) or a clock time in quotes, for example \"02:00\"",
			quoted(text), maxOffset)
	}
	if n == -1 {
		return Offset{}, nil
	}
	return Offset{Set: true, Minutes: n, Text: strconv.Itoa(n)}, nil
}

// clockOffset is an offset written as a clock time, which only means something
// together with the task's period.
func clockOffset(kind period.Kind, text string) (Offset, error) {
	minutes, err := period.MinutesAfterBase(kind, text)
	if err != nil {
		return Offset{}, err
	}
	return Offset{Set: true, Minutes: minutes, Text: text}, nil
}

// isClock reports whether the offset was written as a clock time.
func (o Offset) isClock() bool { return strings.Contains(o.Text, ":") }

// MarshalJSON writes the offset as it was written: a clock time or minutes.
func (o Offset) MarshalJSON() ([]byte, error) {
	if o.Set && o.isClock() {
		return json.Marshal(o.Text)
	}
	return json.Marshal(o.Column())
}

// UnmarshalJSON reads what MarshalJSON writes. The minutes of a clock time
// depend on the period; Spec fills them in.
func (o *Offset) UnmarshalJSON(data []byte) error {
	text, err := textOrNumber(data)
	if err != nil {
		return err
	}
	if strings.Contains(text, ":") {
		*o = Offset{Set: true, Text: text}
		return nil
	}
	*o, err = minutesOffset(text)
	return err
}

// UnmarshalJSON reads a stored definition and works out its clock times.
func (s *Spec) UnmarshalJSON(data []byte) error {
	type plain Spec
	if err := json.Unmarshal(data, (*plain)(s)); err != nil {
		return err
	}
	for _, o := range []*Offset{&s.Earliest, &s.Timeouts.Depend, &s.Timeouts.Output} {
		if !o.Set || !o.isClock() {
			continue
		}
		kind, err := period.ParseKind(s.Period)
		if err != nil {
			return err
		}
		if *o, err = clockOffset(kind, o.Text); err != nil {
			return err
		}
	}
	return nil
}

func textOrNumber(data []byte) (string, error) {
	var number json.Number
	if err := json.Unmarshal(data, &number); err == nil {
		return number.String(), nil
	}
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return "", fmt.Errorf("read text or a number: %w", err)
	}
	return text, nil
}
