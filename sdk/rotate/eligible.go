package rotate

import "playbill/sdk"

// The reasons why a clip is left out (promo reasons of JOINTS L).
const (
	SetAside      = "set_aside"
	AlreadyListed = "already_listed"
	LastClip      = "last_clip"
	Evergreen     = "evergreen" // kept for when nothing else of the pool is eligible
)

// Facts is what is known now about the clips of a pool.
type Facts struct {
	SetAside map[string]string // ClipKey to the channel's words: clips that it refused too often
	Listed   map[sdk.Key]bool  // media on the list, where the channel refuses duplicates; nil: it accepts them
	NoRepeat bool
	LastClip string // ClipKey of the clip of this type that aired or was placed last; empty: none
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
