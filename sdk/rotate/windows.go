package rotate

import (
	"fmt"
	"math/bits"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"playbill/sdk"
)

const (
	dayMinutes = 24 * 60
	minuteMS   = 60_000
	maxWindows = 24
	everyDay   = 1<<7 - 1
	weekAhead  = 9 // days within which a window that ever opens or closes does so, a change of the clocks included
)

// clockTime is one time of a day: "7", "7:30", "07:30". Behind a hyphen it may be 24 or 24:00.
var clockTime = regexp.MustCompile(`^([0-9]{1,2})(?::([0-9]{2}))?$`)

// dayNames are how days are written; the first three letters of an English name do as well as all of them.
func dayNames() []string {
	return []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
}

// ParseWindows reads days and hours: "mon-fri 18:00-23:30; sat,sun". Semicolons or line ends part windows, each of which is
// days, hours, or days and hours. Days are names (mon, monday), ranges of them (fri-mon goes over the end of the week),
// lists, or daily, weekdays, weekends; without days it is every day, without hours the whole day. Hours are from-to; a
// window whose end is not behind its start crosses midnight and belongs to the day on which it begins. An empty text is no
// window: always. The error is a sentence for the person who wrote the text.
func ParseWindows(text string) ([]sdk.Window, error) {
	var list []sdk.Window
	for part := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return r == ';' || r == '\n' || r == '\r' }) {
		part = strings.TrimSpace(strings.ReplaceAll(part, "–", "-"))
		if part == "" {
			continue
		}
		w, err := parseWindow(part)
		if err != nil {
			return nil, err
		}
		if list = append(list, w); len(list) > maxWindows {
			return nil, fmt.Errorf("at most %d windows", maxWindows)
		}
	}
	return list, nil
}

// parseWindow reads one window: words of days, then hours.
func parseWindow(part string) (sdk.Window, error) {
	w := sdk.Window{To: dayMinutes}
	days, hours := splitHours(tightened(part))
	if days == "" {
		w.Days = everyDay
	}
	for word := range strings.FieldsFuncSeq(days, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		set, err := parseDays(word)
		if err != nil {
			return w, err
		}
		w.Days |= set
	}
	if w.Days == 0 {
		return w, fmt.Errorf("“%s” names no day. Write days and hours like “mon-fri 18:00-23:30; sat,sun”", part)
	}
	if hours == "" {
		return w, nil
	}
	from, to, _ := strings.Cut(hours, "-")
	var err error
	if w.From, err = parseClock(from, dayMinutes-1); err != nil {
		return w, err
	}
	if w.To, err = parseClock(to, dayMinutes); err != nil {
		return w, err
	}
	if w.To == 0 {
		w.To = dayMinutes
	}
	if w.From == w.To {
		return w, fmt.Errorf("“%s” begins when it ends. For a whole day leave the hours out", hours)
	}
	return w, nil
}

// tightened removes the spaces around hyphens and commas.
func tightened(text string) string {
	for _, sign := range []string{"-", ","} {
		parts := strings.Split(text, sign)
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		text = strings.Join(parts, sign)
	}
	return text
}

// splitHours takes the hours, which begin with a digit, off the end.
func splitHours(text string) (days, hours string) {
	i := strings.LastIndexAny(text, " \t,")
	last := text[i+1:]
	if last != "" && last[0] >= '0' && last[0] <= '9' {
		return strings.TrimSpace(text[:i+1]), last
	}
	return text, ""
}

func parseDays(word string) (uint8, error) {
	switch word {
	case "daily", "all", "everyday":
		return everyDay, nil
	case "weekdays", "weekday":
		return 0b0111110, nil
	case "weekends", "weekend":
		return 0b1000001, nil
	}
	first, last, ranged := strings.Cut(word, "-")
	from, err := parseDay(first)
	if err != nil || !ranged {
		return 1 << from, err
	}
	to, err := parseDay(last)
	if err != nil {
		return 0, err
	}
	set := uint8(1 << from)
	for day := from; day != to; {
		day = (day + 1) % 7
		set |= 1 << day
	}
	return set, nil
}

func parseDay(word string) (int, error) {
	const shortest = 3
	for i, name := range dayNames() {
		if len(word) >= shortest && strings.HasPrefix(name, word) {
			return i, nil
		}
	}
	return 0, fmt.Errorf("“%s” is not a day: write mon, tue, wed, thu, fri, sat or sun", cut(word))
}

func parseClock(word string, most int) (int, error) {
	m := clockTime.FindStringSubmatch(word)
	if m == nil {
		return 0, fmt.Errorf("“%s” is not a time of the day: write hours like 18:00-23:30", cut(word))
	}
	hour, _ := strconv.Atoi(m[1]) // one or two digits
	minute, _ := strconv.Atoi(m[2])
	at := hour*60 + minute
	if minute > 59 || at > most {
		return 0, fmt.Errorf("“%s” is not a time of the day", word)
	}
	return at, nil
}

// cut shortens what somebody wrote to what a sentence can repeat.
func cut(word string) string {
	const shown = 40
	if r := []rune(word); len(r) > shown {
		return string(r[:shown]) + "…"
	}
	return word
}

// Windows writes windows as ParseWindows reads them.
func Windows(list []sdk.Window) string {
	parts := make([]string, len(list))
	for i, w := range list {
		var words []string
		if w.Days != everyDay || w.From == 0 && w.To == dayMinutes {
			words = append(words, daysText(w.Days))
		}
		if w.From != 0 || w.To != dayMinutes {
			words = append(words, fmt.Sprintf("%02d:%02d-%02d:%02d", w.From/60, w.From%60, w.To/60, w.To%60))
		}
		parts[i] = strings.Join(words, " ")
	}
	return strings.Join(parts, "; ")
}

func daysText(days uint8) string {
	if days == everyDay {
		return "daily"
	}
	var names []string
	for i := range 7 { // the week as people read it begins on Monday
		day := (i + 1) % 7
		if days&(1<<day) != 0 {
			names = append(names, dayNames()[day][:3])
		}
	}
	if n := bits.OnesCount8(days); n > 2 && slices.Contains(runs(), strings.Join(names, ",")) {
		return names[0] + "-" + names[n-1]
	}
	return strings.Join(names, ",")
}

// runs are the days in a row within one week.
func runs() []string {
	week := []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	var all []string
	for from := range week {
		for to := from + 1; to <= len(week); to++ {
			all = append(all, strings.Join(week[from:to], ","))
		}
	}
	return all
}

// Within reports whether one of the windows is open at an instant, UTC milliseconds, by the clocks of a zone (nil: UTC). An
// hour that the clocks leave out never is; one that they show twice is so twice.
func Within(list []sdk.Window, atMS int64, zone *time.Location) bool {
	at := time.UnixMilli(atMS).In(orUTC(zone))
	minute, today := at.Hour()*60+at.Minute(), int(at.Weekday())
	yesterday := (today + 6) % 7
	return slices.ContainsFunc(list, func(w sdk.Window) bool {
		if w.From < w.To {
			return w.Days&(1<<today) != 0 && minute >= w.From && minute < w.To
		}
		return w.Days&(1<<today) != 0 && minute >= w.From || w.Days&(1<<yesterday) != 0 && minute < w.To
	})
}

// NextChange returns the first instant after atMS at which Within is another than at atMS; false: it never changes.
func NextChange(list []sdk.Window, atMS int64, zone *time.Location) (int64, bool) {
	zone = orUTC(zone)
	was := Within(list, atMS, zone)
	marks := marksOf(list)
	for at, end := atMS, atMS+weekAhead*dayMinutes*minuteMS; at < end; {
		at = nextMark(marks, at, zone)
		if Within(list, at, zone) != was {
			return at, true
		}
	}
	return 0, false
}

// marksOf are the minutes of a day, in order, at which a window may open or close. Midnight is one.
func marksOf(list []sdk.Window) []int {
	marks := []int{0, dayMinutes}
	for _, w := range list {
		marks = append(marks, w.From, w.To)
	}
	slices.Sort(marks)
	return slices.Compact(marks)
}

// nextMark returns the first instant after atMS at which the clocks show a mark, or are changed.
func nextMark(marks []int, atMS int64, zone *time.Location) int64 {
	at := time.UnixMilli(atMS).In(zone)
	_, offset := at.Zone()
	local := atMS + int64(offset)*1000
	const dayMS = dayMinutes * minuteMS
	midnight := local - (local%dayMS+dayMS)%dayMS
	next := midnight + dayMS
	for _, m := range marks {
		if mark := midnight + int64(m)*minuteMS; mark > local {
			next = mark
			break
		}
	}
	next -= int64(offset) * 1000
	if _, changes := at.ZoneBounds(); !changes.IsZero() && changes.UnixMilli() > atMS {
		next = min(next, changes.UnixMilli())
	}
	return next
}

func orUTC(zone *time.Location) *time.Location {
	if zone == nil {
		return time.UTC
	}
	return zone
}
