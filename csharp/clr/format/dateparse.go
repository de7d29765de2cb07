package format

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Parsed is a date as read from a text.
type Parsed struct {
	// Ticks are the clock's.
	Ticks int64
	// Zone tells what the text says of the time zone: 0 nothing, 1 that it is UTC ("Z", "GMT"), 2 an Offset.
	Zone   int
	Offset int64
}

// Failure is why a text is no date.
type Failure uint8

// The failures of reading dates.
const (
	NoFailure Failure = iota
	NotADate
	// NotInCalendar is a day that does not exist, in an ISO 8601 text.
	NotInCalendar
	// BadWeekday is a day of the week that is another.
	BadWeekday
	// BadOffset is an offset of more than 14 hours.
	BadOffset
)

var (
	timeWords = regexp.MustCompile(`(?i)(?:^|[T\s,])\s*(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d+))?)?\s*(AM|PM)?|\s*(AM|PM))\s*(.*)$`)
	offsets   = regexp.MustCompile(`^([+-])(\d{1,2})(?::?(\d{2}))?$`)
	isoDate   = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T`)
	dateWords = regexp.MustCompile(`[A-Za-z]+|\d+|[^A-Za-z\d]+`)
)

// ParseDate reads what DateTime.Parse takes in US English: dates with numbers, in ISO order or month first, dates with month names, times,
// offsets, in any of the usual orders. today are the ticks of the present day, which times without a date are on.
func ParseDate(s string, today int64) (p Parsed, why Failure) {
	s = strings.Trim(s, unicodeWhite+"\x00")
	if s == "" {
		return p, NotADate
	}
	date, clock, tail := s, int64(0), ""
	hasTime := false
	if m := timeWords.FindStringSubmatchIndex(s); m != nil && timeFits(m) {
		hasTime = true
		date = strings.TrimRight(s[:m[0]], unicodeWhite+",")
		rest := s[m[14]:m[15]]
		var ok bool
		if clock, ok = clockTicks(s, m); !ok {
			return p, NotADate
		}
		if tail, why = p.zone(rest); why != NoFailure {
			return p, why
		}
		date = strings.TrimSpace(date + " " + tail)
	}
	ticks, why := dateTicks(date, today, hasTime)
	if why == NotADate && isoDate.MatchString(s) && hasTime && tail == "" && isoDay(date) {
		why = NotInCalendar
	}
	if why != NoFailure {
		return p, why
	}
	p.Ticks = ticks + clock
	if p.Ticks > MaxDate || p.Ticks < 0 {
		return p, NotADate
	}
	if u := p.Ticks - p.Offset; u < 0 || u > MaxDate {
		return p, NotADate
	}
	return p, NoFailure
}

// isoDay reports a date of ISO 8601 whose month and day could exist in some year.
func isoDay(date string) bool {
	month, _ := strconv.Atoi(date[5:7])
	day, _ := strconv.Atoi(date[8:10])
	return month >= 1 && month <= 12 && day >= 1 && day <= 31
}

// timeFits reports whether a match of timeWords really is a time: a number alone needs AM or PM.
func timeFits(m []int) bool { return m[4] >= 0 || m[12] >= 0 }

func clockTicks(s string, m []int) (int64, bool) {
	part := func(i int) int {
		if m[2*i] < 0 {
			return 0
		}
		n, _ := strconv.Atoi(s[m[2*i]:m[2*i+1]])
		return n
	}
	text := func(i int) string {
		if m[2*i] < 0 {
			return ""
		}
		return s[m[2*i]:m[2*i+1]]
	}
	h, min, sec := part(1), part(2), part(3)
	half := strings.ToUpper(text(5) + text(6))
	h, ok := twentyFour(h, half)
	if !ok || min > 59 || sec > 59 {
		return 0, false
	}
	return int64(h)*TicksPerHour + int64(min)*TicksPerMinute + int64(sec)*TicksPerSecond + fractionTicks(text(4)), true
}

// twentyFour is the hour of the day of an hour with "AM" or "PM" or neither.
func twentyFour(h int, half string) (int, bool) {
	switch {
	case half == "":
		return h, h < 24
	case h > 12:
		return 0, false
	case half == "AM":
		return h % 12, true
	}
	return h%12 + 12, true
}

// fractionTicks rounds the digits of a fraction of a second.
func fractionTicks(digits string) int64 {
	up := int64(0)
	if len(digits) > 7 {
		if digits[7] >= '5' {
			up = 1
		}
		digits = digits[:7]
	}
	n, _ := strconv.ParseInt(digits+strings.Repeat("0", 7-len(digits)), 10, 64)
	return n + up
}

// zone reads what follows a time: a zone, and perhaps the rest of a date.
func (p *Parsed) zone(rest string) (tail string, why Failure) {
	rest = strings.Trim(rest, unicodeWhite+",")
	word, after, _ := strings.Cut(rest, " ")
	switch strings.ToUpper(word) {
	case "":
		return "", NoFailure
	case "Z", "GMT":
		p.Zone = 1
		if o := strings.TrimSpace(after); offsets.MatchString(o) {
			return "", p.readOffset(o)
		}
		return after, NoFailure
	}
	if offsets.MatchString(word) {
		return after, p.readOffset(word)
	}
	return rest, NoFailure
}

func (p *Parsed) readOffset(s string) Failure {
	m := offsets.FindStringSubmatch(s)
	h, _ := strconv.Atoi(m[2])
	min, _ := strconv.Atoi(m[3])
	if min > 59 {
		return NotADate
	}
	p.Zone, p.Offset = 2, int64(h*60+min)*TicksPerMinute
	if p.Offset > 14*TicksPerHour {
		return BadOffset
	}
	if m[1] == "-" {
		p.Offset = -p.Offset
	}
	return NoFailure
}

// datePart are the words of a date.
type datePart struct {
	numbers []string
	// month is 1–12 where it is named, namedAt the number of numbers before it.
	month, namedAt int
	weekday        int
}

func dateTicks(s string, today int64, hasTime bool) (int64, Failure) {
	if s == "" {
		if hasTime {
			return today, NoFailure
		}
		return 0, NotADate
	}
	d := datePart{weekday: -1}
	if !d.read(s) {
		return 0, NotADate
	}
	if len(d.numbers) == 0 {
		if d.month == 0 && d.weekday >= 0 && hasTime && Weekday(today) == d.weekday {
			return today, NoFailure
		}
		return 0, NotADate
	}
	year, month, day, ok := d.order(today)
	if !ok {
		return 0, NotADate
	}
	ticks, ok := DateTicks(year, month, day)
	if !ok {
		return 0, NotADate
	}
	if d.weekday >= 0 && Weekday(ticks) != d.weekday {
		return 0, BadWeekday
	}
	return ticks, NoFailure
}

func (d *datePart) read(s string) bool {
	for _, w := range dateWords.FindAllString(s, -1) {
		switch c := w[0] | 0x20; {
		case w[0] >= '0' && w[0] <= '9':
			if len(w) > 4 {
				return false
			}
			d.numbers = append(d.numbers, w)
		case c >= 'a' && c <= 'z' && w[0] >= 'A':
			if !d.name(w) {
				return false
			}
		case strings.Trim(w, unicodeWhite+"/-.,") != "" || strings.Count(w, "/")+strings.Count(w, "-") > 1:
			return false
		}
	}
	return len(d.numbers) <= 3
}

func (d *datePart) name(w string) bool {
	for i, m := range Months {
		if strings.EqualFold(w, m) || strings.EqualFold(w, m[:3]) {
			if d.month != 0 {
				return false
			}
			d.month, d.namedAt = i+1, len(d.numbers)
			return true
		}
	}
	for i, n := range Days {
		if strings.EqualFold(w, n) || strings.EqualFold(w, n[:3]) {
			d.weekday = i
			return true
		}
	}
	return false
}

// order tells which number is what.
func (d *datePart) order(today int64) (year, month, day int, ok bool) {
	n := make([]int, len(d.numbers))
	for i, s := range d.numbers {
		n[i], _ = strconv.Atoi(s)
	}
	long := func(i int) bool { return len(d.numbers[i]) > 2 }
	thisYear, _, _, _ := Civil(today)
	fullYear := func(i int) int { return windowYear(n[i], d.numbers[i]) }
	switch {
	case d.month != 0 && len(n) == 1 && (long(0) || n[0] > 31):
		return fullYear(0), d.month, 1, true
	case d.month != 0 && len(n) == 1:
		return thisYear, d.month, n[0], true
	case d.month != 0 && len(n) == 2 && long(0):
		return n[0], d.month, n[1], true
	case d.month != 0 && len(n) == 2:
		return fullYear(1), d.month, n[0], true
	case d.month != 0:
		return 0, 0, 0, false
	case len(n) == 3 && long(0):
		return n[0], n[1], n[2], true
	case len(n) == 3:
		return fullYear(2), n[0], n[1], !long(1)
	case len(n) == 2 && long(0):
		return n[0], n[1], 1, true
	case len(n) == 2 && long(1):
		return n[1], n[0], 1, true
	case len(n) == 2:
		return thisYear, n[0], n[1], true
	}
	return 0, 0, 0, false
}

// windowYear is the year of two digits from 1950 to 2049.
func windowYear(n int, digits string) int {
	if len(digits) > 2 {
		return n
	}
	if n < 50 {
		return 2000 + n
	}
	return 1900 + n
}

// UnknownWord is the index in UTF-16 code units of the first word in s that no date has; ok is false where there is none.
func UnknownWord(s string) (index int, ok bool) {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsLetter(r) {
			index += utf16.RuneLen(r)
			i += size
			continue
		}
		end := i
		for end < len(s) {
			r, size := utf8.DecodeRuneInString(s[end:])
			if !unicode.IsLetter(r) {
				break
			}
			end += size
		}
		if !dateWord(s[i:end]) {
			return index, true
		}
		index += end - i
		i = end
	}
	return 0, false
}

func dateWord(w string) bool {
	switch strings.ToUpper(w) {
	case "AM", "PM", "GMT", "Z", "T":
		return true
	}
	var d datePart
	return d.name(w)
}
