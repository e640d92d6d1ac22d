package playlist

// CyTube's figures, measured against a running server (reference: cytube.md 3 to 5).
const (
	// MaxItems is how long a list may be when its Rules do not say otherwise.
	MaxItems = 4000
	// TitleMax is where a title is cut, in characters, dots included.
	TitleMax = 100
	// OverheadMS is how many media milliseconds an item stays on the air beyond its length: LeadInMS before it and two
	// seconds behind it.
	OverheadMS = 5000
	// LeadInMS is how many media milliseconds pass before an item that has a length begins to move.
	LeadInMS = 3000
	// LateMS is how many wall milliseconds after an item's end the next one still starts at that very end. An Advance
	// that comes later than that (the machine slept) starts the next item at the time of the call, as CyTube does.
	LateMS = 1000
)

// What the limiters let through: a burst, then one per gap, and the burst again only after a whole idle spell.
const (
	moderatorRankTenths = 20

	moderatorAddBurst  = 10
	moderatorAddGapMS  = 500
	moderatorAddIdleMS = 5000

	viewerAddBurst  = 3
	viewerAddGapMS  = 1000
	viewerAddIdleMS = 3000

	talkBurst  = 20
	talkGapMS  = 100
	talkIdleMS = 2000
)
