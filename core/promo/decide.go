package promo

import (
	"math/rand/v2"
	"slices"
	"strings"

	"playbill/core/asrun"
	"playbill/core/shadow"
	"playbill/sdk"
)

// Outcomes of a decision.
const (
	OutcomePlaced    = "placed"
	OutcomeSkipped   = "skipped"
	OutcomeSeated    = "seated"
	OutcomeWithdrawn = "withdrawn"
)

// Decide compares the list with the grammar and the proposals. It is level-triggered: it depends on what is so, not on
// what happened, so a lost event costs nothing and a restart needs no special path. The same inputs give the same plan.
func Decide(v View, got Answers, seed uint64) Plan {
	if steps := Keep(v); len(steps) > 0 {
		return Plan{Steps: steps} // first what stands wrong, then, on a fresh view, what is missing
	}
	return Fill(v, got, seed)
}

// Fill is the second half of Decide: which proposals are taken for the gaps that are open.
func Fill(v View, got Answers, seed uint64) Plan {
	d := decider{v: v, got: got, chance: rand.New(rand.NewPCG(seed, seed^0x9e3779b97f4a7c15)), seed: seed}
	for _, g := range Open(v) {
		if g.Role == shadow.General {
			d.general(g)
		} else {
			d.leadIn(g)
		}
	}
	return d.plan
}

type decider struct {
	v      View
	got    Answers
	chance *rand.Rand
	seed   uint64
	plan   Plan
}

// claim is a valid proposal for one slot.
type claim struct {
	slot     Slot
	proposal Proposal
	clip     sdk.Clip
	weight   int64 // thousandths
}

// general chooses among the types that proposed a clip.
func (d *decider) general(g Gap) {
	claims, candidates := d.claims(g)
	claims = slices.DeleteFunc(claims, func(c claim) bool { return c.weight <= 0 })
	if len(claims) == 0 {
		d.skip(g, candidates)
		return
	}
	var won int
	var credit map[string]int64
	if d.v.Settings.Selection == Balanced {
		won, credit = d.balanced(claims)
	} else {
		won = d.weighted(claims)
	}
	d.insert(g, claims[won], candidates, d.v.State.placed(claims[won].slot.PromoType, claims[won].clip.Key, credit))
}

// weighted draws a type with a chance in proportion to its weight.
func (d *decider) weighted(claims []claim) int {
	total := int64(0)
	for _, c := range claims {
		total += c.weight
	}
	draw := d.chance.Int64N(total)
	for i, c := range claims {
		if draw -= c.weight; draw < 0 {
			return i
		}
	}
	return len(claims) - 1
}

// balanced is smooth weighted round-robin: each eligible type earns its weight, the richest pays for all. The credit
// of a type that is not eligible stands still.
func (d *decider) balanced(claims []claim) (int, map[string]int64) {
	credit := map[string]int64{}
	for t, c := range d.v.State.Credit {
		credit[t] = c
	}
	total, won := int64(0), 0
	for i, c := range claims {
		total += c.weight
		credit[c.slot.PromoType] += c.weight
		if credit[c.slot.PromoType] > credit[claims[won].slot.PromoType] {
			won = i
		}
	}
	credit[claims[won].slot.PromoType] -= total
	return won, credit
}

// leadIn takes the first claim in the owner's order of types.
func (d *decider) leadIn(g Gap) {
	claims, candidates := d.claims(g)
	if len(claims) == 0 {
		d.skip(g, candidates)
		return
	}
	first := slices.MinFunc(claims, func(a, b claim) int {
		if ra, rb := d.rank(a), d.rank(b); ra != rb {
			return ra - rb
		}
		return strings.Compare(a.slot.PromoType, b.slot.PromoType)
	})
	d.insert(g, first, candidates, d.v.State.placed(first.slot.PromoType, first.clip.Key, nil))
}

func (d *decider) rank(c claim) int {
	if i := slices.Index(d.v.Settings.LeadInOrder, c.slot.PromoType); i >= 0 {
		return i
	}
	return len(d.v.Settings.LeadInOrder)
}

// claims returns the valid proposals for a gap by type id, and every candidate with why it did not win.
func (d *decider) claims(g Gap) ([]claim, []asrun.Candidate) {
	candidates := slices.Clone(g.Closed)
	var claims []claim
	for _, s := range g.Slots {
		c := asrun.Candidate{PromoType: s.PromoType, Plugin: s.Plugin, Weight: s.Weight}
		p, clip, why, note := d.proposal(s)
		c.Rejected, c.Note, c.Clip = why, note, clip.Media.Title
		candidates = append(candidates, c)
		if why == "" {
			claims = append(claims, claim{slot: s, proposal: p, clip: clip, weight: scaled(s.Weight, p.WeightFactor)})
		}
	}
	slices.SortStableFunc(claims, func(a, b claim) int { return strings.Compare(a.slot.PromoType, b.slot.PromoType) })
	return claims, candidates
}

// proposal returns what a plugin proposed for a slot, checked against the clips that are eligible now.
func (d *decider) proposal(s Slot) (p Proposal, clip sdk.Clip, why, note string) {
	for _, p := range d.got.Proposals {
		if p.SlotID != s.ID || p.Plugin != s.Plugin {
			continue
		}
		for _, c := range s.Clips {
			if c.Key == p.ClipKey {
				return p, c, "", p.Reason
			}
		}
		return p, clip, "invalid", "the clip is not eligible any more"
	}
	for _, r := range d.got.Declined {
		if r.SlotID == s.ID && r.Plugin == s.Plugin {
			return p, clip, r.Reason, r.Note
		}
	}
	return p, clip, "no_opinion", ""
}

// ineligible lists the clips of a gap's pools that no plugin was offered, and why.
func ineligible(g Gap) []asrun.Candidate {
	var out []asrun.Candidate
	for _, s := range slices.Concat(g.Slots, g.Shut) {
		for _, r := range s.Rejected {
			out = append(out, asrun.Candidate{PromoType: s.PromoType, Plugin: s.Plugin, Clip: r.Clip.Media.Title, Rejected: r.Reason, Note: r.Note})
		}
	}
	return out
}

// scaled is a type's weight in thousandths for one slot.
func scaled(weight int64, factor *float64) int64 {
	if factor == nil {
		return weight * 1000
	}
	return int64(float64(weight) * 1000 * min(max(*factor, 0), 10))
}

// With returns the step with another proposal of the same type for the same gap.
func (s Step) With(p Proposal, clip sdk.Clip) Step {
	s.Proposal, s.Clip = p, clip
	s.State.LastClip = set(s.State.LastClip, s.Type, clip.Key)
	s.Decision.Detail.Clip, s.Decision.Detail.Reason = clip.Media.Title, p.Reason
	return s
}

func (d *decider) insert(g Gap, c claim, candidates []asrun.Candidate, next State) {
	before := g.Target.ID
	if g.Role == shadow.General {
		before = blockHead(&d.v.Shadow, g.Target)
	}
	for i := range candidates {
		if candidates[i].PromoType != c.slot.PromoType && candidates[i].Rejected == "" {
			candidates[i].Rejected = "outdrawn"
		}
	}
	d.plan.Steps = append(d.plan.Steps, Step{Kind: Insert, Role: g.Role, Target: g.Target, Before: before,
		Proposal: c.proposal, Clip: c.clip, Type: c.slot.PromoType, AirsAtMS: c.slot.AirsAtMS, State: next,
		Decision: asrun.Decision{Target: int64(g.Target.ID), Rule: g.Rule, Outcome: OutcomePlaced, Seed: d.seed,
			SettingsRev: d.v.Settings.Revision, Detail: asrun.Detail{PromoType: c.slot.PromoType, Plugin: c.proposal.Plugin,
				Clip: c.clip.Media.Title, Reason: c.proposal.Reason, Candidates: candidates, Clips: ineligible(g)}}})
}

// failed reports whether a type was asked and gave no valid answer, rather than having nothing to propose.
func failed(c asrun.Candidate) bool {
	return c.Rejected == "timeout" || c.Rejected == "crashed" || c.Rejected == "invalid"
}

// skip records an open slot that stays empty. The gap before a short unpaid title, which no lead-in type was meant to
// fill, is not worth a row.
func (d *decider) skip(g Gap, candidates []asrun.Candidate) {
	reason := "no_type"
	for i, c := range candidates {
		if i == 0 || c.Rejected != PoolEmpty && c.Rejected != TypeDisabled {
			reason = c.Rejected
		}
	}
	if g.Role == shadow.LeadIn && g.Target.Role != shadow.Paid && g.Target.Media.DurationMS < d.v.Settings.MovieThresholdMS &&
		!slices.ContainsFunc(candidates, failed) {
		return
	}
	d.plan.Skipped = append(d.plan.Skipped, asrun.Decision{Target: int64(g.Target.ID), Rule: g.Rule, Outcome: OutcomeSkipped,
		Seed: d.seed, SettingsRev: d.v.Settings.Revision, Detail: asrun.Detail{Reason: reason, Candidates: candidates, Clips: ineligible(g)}})
}
