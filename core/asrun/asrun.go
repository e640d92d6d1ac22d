// Package asrun is the log of what really aired, and the record of why. PURE.
package asrun

// Row is one airing. It is opened when an entry goes on the air and closed when it leaves.
type Row struct {
	RunID       int64
	Entry       int64
	Role        string
	PromoType   string
	MediaType   string
	MediaID     string
	Title       string
	LengthMS    int64 // media length; 0: live or not known
	PlannedAtMS int64 // expected when it was queued; 0: not planned by us
	StartedAtMS int64
	EndedAtMS   int64 // 0: still on the air
	AiredMS     int64 // media milliseconds that were on the air
	Counted     bool  // the cadence has counted it
	How         string
	ByWhom      string
	PeopleStart int // -1: not known
	PeopleEnd   int
	Decision    int64
	Observed    bool // false: inferred, it happened while we were down
	Held        bool // cadence stood still (event lock, promos off) when it started
}

// Decision is why a promo was planned, placed or left out.
type Decision struct {
	ID          int64
	AtMS        int64
	EventID     string
	Hook        string
	Target      int64
	Rule        string // cadence_items, cadence_minutes, lead_in, withdraw, seat
	Outcome     string // placed, skipped, withdrawn, seated
	SettingsRev uint64
	Seed        uint64
	Detail      Detail
}

// Detail is what a decision looked at.
type Detail struct {
	PromoType  string
	Plugin     string
	Clip       string
	Reason     string
	Candidates []Candidate // the types
	Clips      []Candidate // the clips of their pools that were not eligible
}

// Candidate is one type or clip that was considered, and why it lost; Rejected is empty for the one that won.
type Candidate struct {
	PromoType string
	Plugin    string
	Clip      string
	Weight    int64
	Rejected  string // a promo reason of JOINTS L
	Note      string
}
