package api

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"playbill/core/asrun"
	"playbill/core/promo"
	"playbill/sdk/rotate"
)

// ReasonWords puts a promo reason (JOINTS L) into words that end a sentence: "…, because …". A reason that is not known is
// made readable.
func ReasonWords(reason string) string {
	if words, known := reasonWords()[reason]; known {
		return words
	}
	return strings.ReplaceAll(reason, "_", " ")
}

func reasonWords() map[string]string {
	return map[string]string{
		"no_type":              "no type was open",
		"no_opinion":           "its plugin proposed nothing",
		"timeout":              "its plugin did not answer in time",
		"crashed":              "its plugin crashed",
		"invalid":              "its plugin's answer could not be used",
		"outdrawn":             "another type was drawn",
		"unsettled":            "the list was not settled",
		"held_by_load":         "a playlist is being loaded",
		"permission":           "the channel does not let the bot add",
		"removed_by_person":    "somebody took it off",
		"ghost":                "a crashed channel brought it back",
		promo.PoolEmpty:        "its pool is empty",
		promo.TypeDisabled:     "it is turned off",
		promo.Skipped:          "its plugin was not ready",
		promo.RefusedByChannel: "the channel refused the clip",
		promo.NoEligibleClip:   "no clip of it may air now",
		promo.HeldByEvent:      "an event is on",
		promo.SettingsChanged:  "the settings were changed",
		promo.Lapsed:           "its clip may not air any more",
		promo.TargetGone:       "the title behind it has gone",
		promo.TargetOnAir:      "the title behind it has begun",
		promo.StateConflict:    "another one stands there already",
		rotate.SetAside:        "the channel has refused the clip three times",
		rotate.AlreadyListed:   "the clip is on the list already",
		rotate.LastClip:        "it aired last",
		rotate.Evergreen:       "it is kept for when no other clip may air",
		rotate.OutsideDates:    "outside its dates",
		rotate.OutsideWindow:   "outside its hours",
		rotate.Resting:         "it rests since it aired last",
	}
}

// ruleWords says why a slot was open.
func ruleWords(rule string) string {
	switch rule {
	case promo.RuleItems:
		return "Enough titles had aired since the last general promo."
	case promo.RuleMinutes:
		return "Enough time had passed since the last general promo."
	case promo.RuleLeadIn:
		return "The title can have a lead-in."
	default:
		return ""
	}
}

// Why is a decision in words.
type Why struct {
	Head    string     // what was decided
	Because string     // why, as whole sentences
	Others  []WhyOther // types and clips that were not taken
}

// WhyOther is a type or a clip that was not taken, and why.
type WhyOther struct{ Name, Because string }

// WhyOf puts a decision into words. target is the title it is about, empty when it is not known any more.
func (a *API) WhyOf(d asrun.Decision, target string) Why {
	badge, clip := Badge(a.Plugins, d.Detail.PromoType), d.Detail.Clip
	before := ""
	if target != "" {
		before = " before " + target
	}
	var w Why
	switch d.Outcome {
	case promo.OutcomePlaced:
		w.Head = fmt.Sprintf("%s%s: %s", badge, before, clip)
		w.Because = strings.TrimSpace(ruleWords(d.Rule) + " " + chanceWords(d) + " " + SentenceOf(d.Detail.Reason))
	case promo.OutcomeWithdrawn:
		w.Head, w.Because = fmt.Sprintf("%s taken off: %s", badge, clip), SentenceOf(ReasonWords(d.Detail.Reason))
	case promo.OutcomeSeated:
		w.Head, w.Because = fmt.Sprintf("%s moved%s: %s", badge, before, clip), "The title that comes next is another one now."
	default:
		w.Head = "No promo" + before
		if d.Rule == promo.RuleLeadIn {
			w.Head = "No lead-in" + before
		}
		w.Because = strings.TrimSpace(ruleWords(d.Rule) + " " + SentenceOf(ReasonWords(d.Detail.Reason)))
	}
	for _, c := range d.Detail.Candidates {
		if c.Rejected != "" {
			w.Others = append(w.Others, WhyOther{Badge(a.Plugins, c.PromoType), because(c)})
		}
	}
	for _, c := range d.Detail.Clips {
		w.Others = append(w.Others, WhyOther{c.Clip, because(c)})
	}
	return w
}

func because(c asrun.Candidate) string {
	words := SentenceOf(ReasonWords(c.Rejected))
	if c.Note != "" && c.Rejected != "outdrawn" {
		words += " " + SentenceOf(c.Note)
	}
	return words
}

// chanceWords says how likely the type was among those that could have had the turn.
func chanceWords(d asrun.Decision) string {
	total, mine, could := int64(0), int64(0), 0
	for _, c := range d.Detail.Candidates {
		if c.Rejected != "" && c.Rejected != "outdrawn" {
			continue
		}
		could++
		total += c.Weight
		if c.PromoType == d.Detail.PromoType {
			mine = c.Weight
		}
	}
	if d.Rule == promo.RuleLeadIn || could < 2 || total == 0 {
		return ""
	}
	return fmt.Sprintf("%d types could take the turn; its share was %d %%.", could, (mine*100+total/2)/total)
}

// SentenceOf makes a sentence of words: a capital, a full stop. Empty stays empty.
func SentenceOf(words string) string {
	words = strings.TrimSpace(words)
	if words == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(words)
	words = string(unicode.ToUpper(first)) + words[size:]
	if strings.ContainsAny(words[len(words)-1:], ".?!") {
		return words
	}
	return words + "."
}

// SizeWords is a number of bytes: "41 GB", "318 MB".
func SizeWords(n int64) string {
	const kb, mb, gb = 1 << 10, 1 << 20, 1 << 30
	switch {
	case n < 0:
		return "not known"
	case n >= 10*gb:
		return fmt.Sprintf("%d GB", n/gb)
	case n >= gb:
		return fmt.Sprintf("%d.%d GB", n/gb, n%gb*10/gb)
	case n >= mb:
		return fmt.Sprintf("%d MB", n/mb)
	default:
		return fmt.Sprintf("%d kB", (n+kb-1)/kb)
	}
}

// SpanWords is a length of time in milliseconds: "40 s", "12 min", "3 h 07", "2 days".
func SpanWords(ms int64) string {
	minutes := (ms + 30_000) / 60_000
	switch {
	case ms < 60_000:
		return fmt.Sprintf("%d s", (ms+500)/1000)
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	case minutes < 48*60:
		return fmt.Sprintf("%d h %02d", minutes/60, minutes%60)
	default:
		return fmt.Sprintf("%d days", minutes/60/24)
	}
}

// joined is a list in a sentence: "a", "a and b", "a, b and c".
func joined(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
