package promo

import (
	"fmt"
	"strconv"
	"strings"

	"playbill/core/shadow"
	"playbill/sdk"
)

// scene makes a view of a list in words, the one on the air in brackets: "a" and "film:4000" are content with seconds,
// "p$" is paid, "id1!" a general, "fp1>film" the lead-in of what has that name, "+id1!" one that waits for its add,
// "b-" and "film:4000-" are leaving. Generals are of the type by the first two letters of their names.
func scene(words string) View {
	v := View{Settings: defaults(), Offers: offers(), Pools: pools(), NowMS: 10_000_000}
	v.Shadow = shadow.Shadow{Cur: -1, Rate: 1}
	ids := map[string]shadow.EntryID{}
	var targets [][2]string
	for i, w := range strings.Fields(words) {
		e := &shadow.Entry{ID: shadow.EntryID(i + 1), Role: shadow.Content, State: shadow.Bound}
		if strings.HasPrefix(w, "+") {
			w, e.State = w[1:], shadow.Sent
		}
		if strings.HasPrefix(w, "[") {
			w = strings.Trim(w, "[]")
			v.Shadow.Cur = len(v.Shadow.Entries)
		}
		if strings.HasSuffix(w, "-") {
			w, e.Leaving = strings.TrimSuffix(w, "-"), "removed"
		}
		name, length, _ := strings.Cut(w, ":")
		name, target, isLeadIn := strings.Cut(name, ">")
		switch {
		case isLeadIn:
			e.Role, e.Temp, e.PromoType = shadow.LeadIn, true, typeOf(name)
			targets = append(targets, [2]string{strconv.Itoa(i + 1), target})
		case strings.HasSuffix(name, "!"):
			name = strings.TrimSuffix(name, "!")
			e.Role, e.Temp, e.PromoType = shadow.General, true, typeOf(name)
		case strings.HasSuffix(name, "$"):
			name = strings.TrimSuffix(name, "$")
			e.Role, e.Temp = shadow.Paid, true
		}
		seconds, _ := strconv.ParseInt(length, 10, 64)
		if length == "" {
			seconds = 60
		}
		e.Media = clipMedia(name)
		e.Media.DurationMS = seconds * 1000
		ids[name] = e.ID
		if e.State == shadow.Bound {
			v.Shadow.Entries = append(v.Shadow.Entries, e)
		} else {
			v.Shadow.Waiting = append(v.Shadow.Waiting, e)
		}
	}
	for _, t := range targets {
		id, _ := strconv.Atoi(t[0])
		v.Shadow.Find(shadow.EntryID(id)).Target = ids[t[1]] // 0: not there
	}
	return v
}

func clipMedia(id string) sdk.Media {
	return sdk.Media{Type: "yt", ID: id, Title: id, DurationMS: 20_000}
}

func typeOf(clip string) string {
	return map[string]string{"id": "channel_identity", "ev": "event", "ms": "mod_shoutout", "fp": "feature_presentation", "vc": "viewers_choice"}[clip[:2]]
}

func defaults() Settings {
	return Settings{Revision: 1, Enabled: true, MovieThresholdMS: 3_600_000, NoRepeat: true,
		LeadInOrder: []string{"viewers_choice", "feature_presentation"}, EveryItems: 4, EveryMS: -1, MinAirtimeMS: 10_000, Selection: Weighted}
}

func offers() []Offer {
	offer := func(id string, slot sdk.SlotKind, weight int, serves sdk.Serves) Offer {
		return Offer{Plugin: strings.ReplaceAll(id, "_", "-"), Ready: true,
			Type: sdk.PromoType{ID: id, Slot: slot, Weight: weight, Order: sdk.OrderRandom, Serves: serves}}
	}
	return []Offer{offer("channel_identity", sdk.General, 3, 0), offer("event", sdk.General, 2, 0), offer("mod_shoutout", sdk.General, 1, 0),
		offer("feature_presentation", sdk.LeadIn, 0, sdk.ServesUnpaid), offer("viewers_choice", sdk.LeadIn, 0, sdk.ServesPaid)}
}

func pools() map[string][]sdk.Clip {
	all := map[string][]sdk.Clip{}
	for _, prefix := range []string{"id", "ev", "ms", "fp", "vc"} {
		for n := 1; n <= 3; n++ {
			m := clipMedia(fmt.Sprint(prefix, n))
			all[typeOf(prefix)] = append(all[typeOf(prefix)], sdk.Clip{Key: m.Key().ClipKey(), Media: m})
		}
	}
	return all
}

// answerAll proposes the first eligible clip for every slot that is open.
func answerAll(v View) Answers {
	var a Answers
	for _, g := range Open(v) {
		for _, s := range g.Slots {
			if s.PromoType == "feature_presentation" && s.Target.Media.DurationMS < v.Settings.MovieThresholdMS {
				continue
			}
			a.Proposals = append(a.Proposals, Proposal{Plugin: s.Plugin, Insert: sdk.Insert{SlotID: s.ID, ClipKey: s.Clips[0].Key}})
		}
	}
	return a
}

// said prints steps in words: "insert channel_identity before b", "seat id1 before b", "withdraw id1 lapsed".
func said(v View, steps []Step) string {
	name := func(id shadow.EntryID) string {
		if e := v.Shadow.Find(id); e != nil {
			return e.Media.ID
		}
		return "nothing"
	}
	var out []string
	for _, s := range steps {
		switch s.Kind {
		case Insert:
			out = append(out, fmt.Sprintf("insert %s before %s", s.Type, name(s.Before)))
		case Seat:
			out = append(out, fmt.Sprintf("seat %s before %s", name(s.Entry), name(s.Before)))
		case Withdraw:
			out = append(out, fmt.Sprintf("withdraw %s %s", name(s.Entry), s.Reason))
		}
	}
	return strings.Join(out, ", ")
}
