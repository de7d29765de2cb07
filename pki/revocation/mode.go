package revocation

import (
	"strconv"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
)

// Failure says what happens to a certificate about which nothing usable can be had.
type Failure uint8

const (
	// FailClosed refuses it, as .NET does; the zero value.
	FailClosed Failure = iota
	// FailOpen accepts it, whatever the cause, unless something that can be had revokes it.
	FailOpen
	// FailOpenUntil accepts it if the last list or answer that was had proves it good and is past its nextUpdate by no
	// more than Mode.Grace. A certificate that no list and no answer was ever had for is refused.
	FailOpenUntil
)

// Mode is how one service wants revocation to be judged. The zero value asks whom .NET asks, refuses what it refuses, and
// takes nothing for a proof that is none.
type Mode struct {
	// Failure is what unknown means.
	Failure Failure
	// Grace is how long past its nextUpdate a list or answer still proves something; only FailOpenUntil has one.
	Grace time.Duration
	// Wide reads what RFC 5280 and RFC 6960 allow and .NET on Linux does not read: indirect lists, lists for some reasons
	// only, all distribution points and responders of a certificate where the first gives no answer; and it asks a
	// responder before it downloads a list. False judges by the first list and the first responder, as .NET does.
	Wide bool
	// Lax judges as .NET on Linux does, also where that takes for a proof what is none here: lists and answers of the
	// future or signed with SHA-1, lists without nextUpdate, answers of other CAs than the issuer and of revoked
	// responders; and it overlooks delta lists, and responders where a list says good. Wide does not go with it.
	Lax bool
}

// ClosedMode refuses what is unknown and reads as .NET reads.
var ClosedMode = Mode{}

// maxGrace is the longest FailOpenUntil.
const maxGrace = 366 * 24 * time.Hour

// ParseMode reads "FailClosed", "FailOpen" or "FailOpenUntil=" with an ISO 8601 duration of weeks, days, hours, minutes and
// seconds (PT24H, P1DT12H). Case counts not at all. Everything else is a fault.Invalid, so that a slip of the pen never
// opens the gate.
func ParseMode(text string) (Mode, error) {
	name, value, hasValue := strings.Cut(strings.TrimSpace(text), "=")
	switch {
	case strings.EqualFold(name, "FailClosed") && !hasValue:
		return Mode{}, nil
	case strings.EqualFold(name, "FailOpen") && !hasValue:
		return Mode{Failure: FailOpen}, nil
	case strings.EqualFold(name, "FailOpenUntil") && hasValue:
		grace, err := parseISODuration(value)
		if err != nil {
			return Mode{}, err
		}
		if grace <= 0 || grace > maxGrace {
			return Mode{}, fault.New(fault.Invalid, "FailOpenUntil=%s: the duration must be more than nothing and at most P366D", value)
		}
		return Mode{Failure: FailOpenUntil, Grace: grace}, nil
	}
	return Mode{}, fault.New(fault.Invalid, "%q is not a revocation mode; FailClosed, FailOpen and FailOpenUntil=PT24H (an ISO 8601 duration) are", text)
}

// String is the mode as ParseMode reads it.
func (m Mode) String() string {
	switch m.Failure {
	case FailOpen:
		return "FailOpen"
	case FailOpenUntil:
		return "FailOpenUntil=PT" + strconv.FormatInt(int64(m.Grace/time.Second), 10) + "S"
	}
	return "FailClosed"
}

// units are the designators of an ISO 8601 duration that have a fixed length, in their order; those of time stand behind T.
var units = []struct {
	letter byte
	time   bool
	length time.Duration
}{{'W', false, 7 * 24 * time.Hour}, {'D', false, 24 * time.Hour}, {'H', true, time.Hour}, {'M', true, time.Minute}, {'S', true, time.Second}}

// parseISODuration reads an ISO 8601 duration without years and months, whose length is not fixed.
func parseISODuration(text string) (time.Duration, error) {
	bad := fault.New(fault.Invalid, "%q is not an ISO 8601 duration of weeks, days, hours, minutes and seconds such as PT24H", text)
	rest, ok := strings.CutPrefix(strings.ToUpper(strings.TrimSpace(text)), "P")
	if !ok || rest == "" {
		return 0, bad
	}
	var sum time.Duration
	inTime, next := false, 0
	for rest != "" {
		if rest[0] == 'T' && !inTime {
			inTime, rest = true, rest[1:]
			if rest == "" {
				return 0, bad
			}
			continue
		}
		digits := 0
		for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
			digits++
		}
		if digits == 0 || digits > 9 || digits == len(rest) {
			return 0, bad
		}
		n, err := strconv.ParseInt(rest[:digits], 10, 64)
		if err != nil {
			return 0, bad
		}
		unit := next
		for unit < len(units) && (units[unit].letter != rest[digits] || units[unit].time != inTime) {
			unit++
		}
		if unit == len(units) || n > int64(maxGrace/units[unit].length)+1 {
			return 0, bad
		}
		sum += time.Duration(n) * units[unit].length
		next, rest = unit+1, rest[digits+1:]
	}
	return sum, nil
}
