// Package event is scheduled events: when they are on, what a firing does next, and when pay and promos are closed. A rule
// is evaluated on wall time, so that a start keeps its time of day when clocks are changed. PURE.
package event

// Lock is a stored lock that is open.
type Lock struct {
	ID         int64
	Kind       string // PreEvent or During
	Schedule   int64
	Firing     int64
	Label      string
	OpenedAtMS int64
	StartsAtMS int64 // PreEvent: when the event starts
}

// The kinds of lock.
const (
	PreEvent = "pre_event"
	During   = "event"
)

// Gate says what is closed now, and in words why.
type Gate struct {
	PayClosed    bool
	PromosClosed bool
	Code         string // fault code of the pay refusal: event_lock or pre_event_lock
	Sentence     string
	OpensAtMS    int64 // when pay is expected to open again; 0: not known
}

// GateOf derives the gate from the open locks, in whatever order they come: pay is closed before and during an event,
// promos only during one. Of several events to come the last one counts, for the gate does not open before it.
func GateOf(locks []Lock) Gate {
	var g Gate
	for _, l := range locks {
		switch {
		case l.Kind == During:
			return during(l)
		case l.Kind == PreEvent && (!g.PayClosed || l.StartsAtMS > g.OpensAtMS):
			g = before(l)
		}
	}
	return g
}

func during(l Lock) Gate {
	return Gate{PayClosed: true, PromosClosed: true, Code: "event_lock",
		Sentence: "Requests are closed during " + quoted(l.Label) + ". They open again when its last title starts."}
}

func before(l Lock) Gate {
	return Gate{PayClosed: true, Code: "pre_event_lock", OpensAtMS: l.StartsAtMS,
		Sentence: "Requests are closed until " + quoted(l.Label) + " is under way."}
}

func quoted(label string) string {
	if label == "" {
		return "the event"
	}
	return "“" + label + "”"
}
