// Package rotate chooses which clip of a pool plays next. The host narrows a pool with [Eligible]; a plugin picks from
// what is left with [Pick] and hands an unaired clip back with [GiveBack]. PURE: chance comes from the seed, memory from
// the state, and both are arguments.
package rotate

import (
	"math/rand/v2"
	"slices"

	"playbill/sdk"
)

// Pick chooses one of the slot's clips in the slot's order, and returns its key with the state to keep. An order that is
// not known counts as random. Under NoRepeat the last clip is left out while there is another one: decided once, never
// retried. A slot without clips gives an empty key. One state serves all promo types of a plugin: to fill several slots,
// hand each call the state that the one before returned. A state that cannot be read is an empty one.
func Pick(slot sdk.Slot, state []byte, seed uint64) (clipKey string, next []byte) {
	clips := distinct(withoutLast(slot))
	if len(clips) == 0 {
		return "", state
	}
	chance := rand.New(rand.NewPCG(seed, uint64(idOf(slot.ID))^uint64(idOf(slot.PromoType))))
	if slot.Order != sdk.OrderSequential && slot.Order != sdk.OrderShuffle {
		return clips[chance.IntN(len(clips))].Key, state
	}
	memory := remember(state)
	turn := memory.turn(slot.PromoType)
	ids := idsOf(clips)
	var chosen id
	if slot.Order == sdk.OrderSequential {
		chosen = turn.sequential(ids)
	} else {
		chosen = turn.shuffle(ids, chance)
	}
	return clips[slices.Index(ids, chosen)].Key, memory.bytes()
}

// GiveBack returns the state in which a clip that was picked but never aired has its turn again: the sequence steps back
// to it, the deck gets its card back on top. A clip that others have followed in the sequence keeps its next regular turn.
func GiveBack(state []byte, clipKey string) []byte {
	memory := remember(state)
	changed := false
	for i := range memory.turns {
		if memory.turns[i].giveBack(idOf(clipKey)) {
			changed = true
		}
	}
	if !changed {
		return state
	}
	return memory.bytes()
}

// withoutLast is the deterministic half of no-repeat. The host leaves the last clip out already; a state that was lost or
// a host that is another one must not change that.
func withoutLast(slot sdk.Slot) []sdk.Clip {
	if !slot.NoRepeat || slot.LastClip == "" || len(slot.Clips) < 2 {
		return slot.Clips
	}
	rest := make([]sdk.Clip, 0, len(slot.Clips))
	for _, c := range slot.Clips {
		if c.Key != slot.LastClip {
			rest = append(rest, c)
		}
	}
	if len(rest) == 0 {
		return slot.Clips
	}
	return rest
}

// distinct leaves out what names a clip a second time, and what exceeds the most that a slot may have.
func distinct(clips []sdk.Clip) []sdk.Clip {
	seen := make(map[id]bool, len(clips))
	out := make([]sdk.Clip, 0, len(clips))
	for _, c := range clips {
		if key := idOf(c.Key); key != none && !seen[key] && len(out) < maxClips {
			seen[key] = true
			out = append(out, c)
		}
	}
	return out
}

// sequential returns the clip behind the last one in pool order, and around to the first. Clips that are not eligible now
// keep their place in what is remembered, so that a clip which was removed, or is resting, still says where to go on.
func (t *turn) sequential(ids []id) id {
	t.order = merge(ids, t.order, t.last)
	from := slices.Index(t.order, t.last) // -1 for none: the search then begins at the first
	now := setOf(ids)
	for step := 1; step <= len(t.order); step++ {
		at := t.order[(from+step+len(t.order))%len(t.order)]
		if now[at] {
			t.last = at
			return at
		}
	}
	t.last = ids[0]
	return t.last
}

// merge returns the current pool order with the remembered clips that are not part of it now put back behind the clip
// that they used to follow. When that outgrows maxKeys only the last clip is put back.
func merge(current, old []id, last id) []id {
	now := setOf(current)
	behind := make(map[id][]id)
	var after id
	missing := 0
	for _, was := range old {
		if now[was] {
			after = was
			continue
		}
		missing++
		behind[after] = append(behind[after], was)
	}
	keepAll := len(current)+missing <= maxKeys
	merged := make([]id, 0, len(current)+missing)
	put := func(list []id) {
		for _, was := range list {
			if keepAll || was == last {
				merged = append(merged, was)
			}
		}
	}
	put(behind[none])
	for _, is := range current {
		merged = append(merged, is)
		put(behind[is])
	}
	return merged
}

// shuffle draws from the deck: every card once per pass. What the last third of the pass before played is passed over in
// the first third of this one while there is another card.
func (t *turn) shuffle(ids []id, chance *rand.Rand) id {
	t.deal(ids, chance)
	now := setOf(ids)
	at := t.top(now)
	if at < 0 {
		t.newPass(ids, chance)
		at = t.top(now)
	}
	card := t.deck[at]
	t.deck = slices.Delete(t.deck, at, at+1)
	t.played = append(t.played, card)
	return card
}

// deal puts clips that the deck has not seen at places of chance.
func (t *turn) deal(ids []id, chance *rand.Rand) {
	known := setOf(t.deck)
	for _, card := range t.played {
		known[card] = true
	}
	for _, card := range ids {
		if !known[card] && len(t.deck)+len(t.played) < maxKeys {
			t.deck = slices.Insert(t.deck, chance.IntN(len(t.deck)+1), card)
		}
	}
}

// top is the index of the card to draw, or -1 when none of the deck is eligible now.
func (t *turn) top(now map[id]bool) int {
	seam := map[id]bool{}
	if len(t.played) < len(t.seam) {
		seam = setOf(t.seam)
	}
	fallback := -1
	for i, card := range t.deck {
		if !now[card] {
			continue
		}
		if !seam[card] {
			return i
		}
		if fallback < 0 {
			fallback = i
		}
	}
	return fallback
}

// newPass shuffles everything that was played, and what is eligible now, into a new deck. A card that was not eligible
// for the rest of a pass is forgotten; should its clip come back, it is dealt in again.
func (t *turn) newPass(ids []id, chance *rand.Rand) {
	third := (len(t.played) + 2) / 3
	t.seam = slices.Clone(t.played[len(t.played)-third:])
	deck := slices.Clone(t.played)
	known := setOf(deck)
	for _, card := range ids {
		if !known[card] {
			deck = append(deck, card)
		}
	}
	if len(deck) > maxKeys {
		deck = slices.Clone(ids[:min(len(ids), maxKeys)])
	}
	chance.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
	t.deck, t.played = deck, nil
}

// giveBack reports whether the clip had its turn here and has it again.
func (t *turn) giveBack(clip id) bool {
	changed := false
	if t.last == clip && clip != none {
		t.last = before(t.order, clip)
		changed = true
	}
	if i := slices.Index(t.played, clip); i >= 0 {
		t.played = slices.Delete(t.played, i, i+1)
		t.deck = slices.Insert(t.deck, 0, clip)
		changed = true
	}
	return changed
}

// before is the clip that precedes another in a circle of them.
func before(order []id, clip id) id {
	i := slices.Index(order, clip)
	if i < 0 {
		return none
	}
	return order[(i+len(order)-1)%len(order)]
}
