package clr

import (
	"strconv"
	"strings"
	"time"

	"github.com/postern-gateway/postern/csharp/types"
)

const (
	unixEpochTicks = 621355968000000000
	maxDateTicks   = 3155378975999999999
)

// dateOf is a DateTime of ticks and kind: 0 unspecified, 1 UTC, 2 local.
func dateOf(ticks int64, kind uint64) types.DateTime { return types.DateTime(uint64(ticks) | kind<<62) }

// jsonInstant is a date as JSON text has it.
type jsonInstant struct {
	ticks int64 // as written
	// zone: 0 none, 1 Z, 2 with an offset.
	zone   uint64
	offset int64 // ticks east of UTC
}

// date is the DateTime that Json.NET makes of it: UTC, unspecified, or local, which is UTC here.
func (i jsonInstant) date() types.DateTime {
	ticks := i.ticks - i.offset
	return dateOf(max(0, min(ticks, maxDateTicks)), i.zone)
}

// parseJSONDate recognises the texts that Json.NET reads as dates: ISO 8601 with a time, and /Date(milliseconds)/.
func parseJSONDate(s string) (types.DateTime, bool) {
	i, ok := parseJSONInstant(s)
	if !ok {
		return 0, false
	}
	return i.date(), true
}

func parseJSONInstant(s string) (jsonInstant, bool) {
	switch {
	case s == "":
		return jsonInstant{}, false
	case s[0] == '/':
		return microsoftDate(s)
	case len(s) >= 19 && len(s) <= 40 && s[0] >= '0' && s[0] <= '9' && s[10] == 'T':
		return isoDate(s)
	}
	return jsonInstant{}, false
}

func microsoftDate(s string) (i jsonInstant, ok bool) {
	body, ok := strings.CutPrefix(s, "/Date(")
	if !ok || len(s) < 9 {
		return i, false
	}
	if body, ok = strings.CutSuffix(body, ")/"); !ok {
		return i, false
	}
	i.zone = 1
	number := body
	if at := strings.LastIndexAny(body, "+-"); at > 0 {
		i.zone = 2
		number = body[:at]
		if !validOffset(body[at:]) {
			return i, false
		}
	}
	ms, err := strconv.ParseInt(number, 10, 64)
	if err != nil || ms > (maxDateTicks-unixEpochTicks)/10000 || ms < -unixEpochTicks/10000 {
		return i, false
	}
	i.ticks = unixEpochTicks + ms*10000
	return i, true
}

// validOffset reads "+hhmm", which tells only that the date is local.
func validOffset(s string) bool {
	s = strings.Replace(s[1:], ":", "", 1)
	return (len(s) == 2 || len(s) == 4) && strings.Trim(s, "0123456789") == ""
}

// digits reads n digits at i; -1 if they are none.
func digitsAt(s string, i, n int) int {
	if i+n > len(s) {
		return -1
	}
	v := 0
	for _, c := range []byte(s[i : i+n]) {
		if c < '0' || c > '9' {
			return -1
		}
		v = v*10 + int(c-'0')
	}
	return v
}

func isoDate(s string) (out jsonInstant, ok bool) {
	year, month, day := digitsAt(s, 0, 4), digitsAt(s, 5, 2), digitsAt(s, 8, 2)
	hour, minute, second := digitsAt(s, 11, 2), digitsAt(s, 14, 2), digitsAt(s, 17, 2)
	if year < 1 || month < 1 || month > 12 || day < 1 || s[4] != '-' || s[7] != '-' || s[13] != ':' || s[16] != ':' ||
		day > time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day() {
		return out, false
	}
	if hour < 0 || hour > 24 || minute < 0 || minute > 59 || second < 0 || second > 59 || hour == 24 && minute+second > 0 {
		return out, false
	}
	fraction, i, ok := isoFraction(s, 19)
	if !ok || hour == 24 && fraction > 0 {
		return out, false
	}
	zone, offset, ok := isoZone(s, i)
	if !ok {
		return out, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	return jsonInstant{ticks: t.Unix()*ticksPerSecond + unixEpochTicks + fraction, zone: zone, offset: offset}, true
}

// isoFraction reads decimals of a second as ticks.
func isoFraction(s string, i int) (ticks int64, next int, ok bool) {
	if i >= len(s) || s[i] != '.' {
		return 0, i, true
	}
	n := 0
	for i++; i < len(s) && n < 7 && s[i] >= '0' && s[i] <= '9'; i++ {
		ticks = ticks*10 + int64(s[i]-'0')
		n++
	}
	if n == 0 {
		return 0, i, false
	}
	for ; n < 7; n++ {
		ticks *= 10
	}
	return ticks, i, true
}

// isoZone reads Z or an offset up to the end of the text.
func isoZone(s string, i int) (zone uint64, offset int64, ok bool) {
	if i >= len(s) {
		return 0, 0, true
	}
	c := s[i]
	if c|0x20 == 'z' {
		return 1, 0, i+1 == len(s)
	}
	hours := digitsAt(s, i+1, 2)
	if c != '+' && c != '-' || hours < 0 {
		return 0, 0, false
	}
	i += 3
	if i < len(s) && s[i] == ':' {
		i++
	}
	minutes := 0
	if i < len(s) {
		if minutes = digitsAt(s, i, 2); minutes < 0 {
			return 0, 0, false
		}
		i += 2
	}
	offset = int64(hours*60+minutes) * 60 * ticksPerSecond
	if c == '-' {
		offset = -offset
	}
	return 2, offset, i == len(s)
}
