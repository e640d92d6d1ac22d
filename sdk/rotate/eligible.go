package rotate

import (
	"time"

	"playbill/sdk"
)

// The reasons why a clip is left out (promo reasons of JOINTS L).
const (
	SetAside      = "set_aside"
	AlreadyListed = "already_listed"
	LastClip      = "last_clip"
	Evergreen     = "evergreen" // kept for when nothing else of the pool is eligible
	OutsideDates  = "outside_dates"
	OutsideWindow = "outside_window"
	Resting       = "resting" // it aired too short a time ago
)

// endsBeforeMS is how long before its end a clip counts as over, in milliseconds: the instant at which it will air is
// expected, not known, and a channel may need a moment to start it.
const endsBeforeMS = 5000

// Facts is what is known now about the clips of a pool.
type Facts struct {
	SetAside map[string]string // ClipKey to the channel's words: clips that it refused too often
	Listed   map[sdk.Key]bool  // media on the list, where the channel refuses duplicates; nil: it accepts them
	NoRepeat bool
	LastClip string // ClipKey of the clip of this type that aired or was placed last; empty: none

	NowMS    int64            // UTC milliseconds
	AirsAtMS int64            // expected, UTC milliseconds
	Zone     *time.Location   // of the clips' windows; nil: UTC
	AiredMS  map[string]int64 // ClipKey to when it started last, or is expected to, UTC milliseconds
}

// Rejection is one clip that may not fill the slot, and why.
type Rejection struct {
	Clip   sdk.Clip
	Reason string
	Note   string // the channel's words; may be empty
}

// Eligible narrows a pool to the clips that may fill a slot, in pool order, and says of each other clip why not.
// Evergreen clips are eligible only when no other clip is. Under NoRepeat the last clip is left out while two or more
// are eligible.
func Eligible(pool []sdk.Clip, f Facts) ([]sdk.Clip, []Rejection) {
	var dated, evergreen []sdk.Clip
	var rejected []Rejection
	for _, c := range pool {
		switch why, aside := f.SetAside[c.Key]; {
		case aside:
			rejected = append(rejected, Rejection{Clip: c, Reason: SetAside, Note: why})
		case f.Listed[c.Media.Key()]:
			rejected = append(rejected, Rejection{Clip: c, Reason: AlreadyListed})
		case f.Forbids(c) != "":
			rejected = append(rejected, Rejection{Clip: c, Reason: f.Forbids(c)})
		case c.Evergreen:
			evergreen = append(evergreen, c)
		default:
			dated = append(dated, c)
		}
	}
	if len(dated) == 0 {
		dated, evergreen = evergreen, nil
	}
	for _, c := range evergreen {
		rejected = append(rejected, Rejection{Clip: c, Reason: Evergreen})
	}
	return noRepeat(dated, rejected, f)
}

// Forbids says why a clip's terms forbid that it airs when it is expected to; empty: they do not. Its dates must hold now
// too: somebody may skip what plays before it.
func (f Facts) Forbids(c sdk.Clip) string {
	t := c.Terms
	airs := max(f.AirsAtMS, f.NowMS)
	switch last := f.AiredMS[c.Key]; {
	case t.StartsAtMS != 0 && f.NowMS < t.StartsAtMS, t.EndsAtMS != 0 && airs+endsBeforeMS >= t.EndsAtMS:
		return OutsideDates
	case len(t.Windows) > 0 && !Within(t.Windows, airs, f.Zone):
		return OutsideWindow
	case t.RestMS > 0 && last != 0 && airs < last+t.RestMS:
		return Resting
	default:
		return ""
	}
}

func noRepeat(clips []sdk.Clip, rejected []Rejection, f Facts) ([]sdk.Clip, []Rejection) {
	if !f.NoRepeat || f.LastClip == "" || len(clips) < 2 {
		return clips, rejected
	}
	kept := make([]sdk.Clip, 0, len(clips))
	for _, c := range clips {
		if c.Key == f.LastClip {
			rejected = append(rejected, Rejection{Clip: c, Reason: LastClip})
			continue
		}
		kept = append(kept, c)
	}
	return kept, rejected
}
