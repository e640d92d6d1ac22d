package plugin

import (
	"reflect"
	"strings"

	"playbill/sdk"
	"playbill/sdk/plugin/pluginpb"
)

// PromoRequest puts the event of a promo hook on the wire.
func PromoRequest(a sdk.Advance) *pluginpb.PromoRequest {
	out := &pluginpb.PromoRequest{
		Call: call(a.Call), NowPlaying: entry(a.NowPlaying), CancelReason: text(a.CancelReason), PeoplePresent: uint32(max(0, clamp(a.People))),
		LeadInAired: a.LeadInAired, LeadInClipKey: text(a.LeadIn),
	}
	if !reflect.DeepEqual(a.Cancelled, sdk.Entry{}) {
		out.Cancelled = entry(a.Cancelled)
	}
	for _, e := range a.Upcoming {
		out.Upcoming = append(out.Upcoming, entry(e))
	}
	for _, s := range a.Slots {
		out.Slots = append(out.Slots, slot(s))
	}
	return out
}

// Advance reads a promo hook's event.
func Advance(in *pluginpb.PromoRequest) sdk.Advance {
	out := sdk.Advance{
		Call: fromCall(in.GetCall()), NowPlaying: fromEntry(in.GetNowPlaying()), CancelReason: in.GetCancelReason(),
		People: int(in.GetPeoplePresent()), Cancelled: fromEntry(in.GetCancelled()), LeadInAired: in.GetLeadInAired(), LeadIn: in.GetLeadInClipKey(),
	}
	for _, e := range in.GetUpcoming() {
		out.Upcoming = append(out.Upcoming, fromEntry(e))
	}
	for _, s := range in.GetSlots() {
		out.Slots = append(out.Slots, fromSlot(s))
	}
	return out
}

// PromoReply puts a promo hook's answer on the wire.
func PromoReply(a sdk.Answer) *pluginpb.PromoReply {
	out := &pluginpb.PromoReply{Kept: kept(a.State, a.Note)}
	for _, i := range a.Inserts {
		out.Inserts = append(out.Inserts, &pluginpb.Insert{
			SlotId: text(i.SlotID), ClipKey: text(i.ClipKey), Reason: text(i.Reason), WeightFactor: i.WeightFactor,
		})
	}
	return out
}

// Answer reads a promo hook's answer, as it was given: the host judges it.
func Answer(in *pluginpb.PromoReply) sdk.Answer {
	out := sdk.Answer{State: present(in.GetKept()), Note: in.GetKept().GetNote()}
	for _, i := range in.GetInserts() {
		out.Inserts = append(out.Inserts, sdk.Insert{SlotID: i.GetSlotId(), ClipKey: i.GetClipKey(), Reason: i.GetReason(), WeightFactor: i.WeightFactor})
	}
	return out
}

// PresenceRequest puts a presence round on the wire.
func PresenceRequest(r sdk.Round) *pluginpb.PresenceRequest {
	out := &pluginpb.PresenceRequest{Call: call(r.Call)}
	for _, o := range r.Owners {
		out.Owners = append(out.Owners, &pluginpb.Owner{
			Owner: text(o.Key), Present: o.Present, Afk: o.AFK, SinceMs: o.SinceMS, LastChatMs: o.LastChatMS, AwayMs: o.AwayMS,
		})
	}
	return out
}

// Round reads a presence round.
func Round(in *pluginpb.PresenceRequest) sdk.Round {
	out := sdk.Round{Call: fromCall(in.GetCall())}
	for _, o := range in.GetOwners() {
		out.Owners = append(out.Owners, sdk.Owner{
			Key: o.GetOwner(), Present: o.GetPresent(), AFK: o.GetAfk(), SinceMS: o.GetSinceMs(), LastChatMS: o.GetLastChatMs(), AwayMS: o.GetAwayMs(),
		})
	}
	return out
}

// PresenceReply puts verdicts on the wire.
func PresenceReply(v sdk.Verdicts) *pluginpb.PresenceReply {
	out := &pluginpb.PresenceReply{Kept: kept(v.State, v.Note)}
	for _, w := range v.Away {
		out.Verdicts = append(out.Verdicts, &pluginpb.Verdict{
			Owner: text(w.Owner), Away: !w.Unsure, Unsure: w.Unsure, Reason: text(w.Reason), Text: text(w.Text), GraceMs: w.GraceMS,
		})
	}
	return out
}

// Verdicts reads verdicts. One that says neither away nor unsure says present, which is what no verdict says.
func Verdicts(in *pluginpb.PresenceReply) sdk.Verdicts {
	out := sdk.Verdicts{State: present(in.GetKept()), Note: in.GetKept().GetNote()}
	for _, v := range in.GetVerdicts() {
		if !v.GetAway() && !v.GetUnsure() {
			continue
		}
		out.Away = append(out.Away, sdk.Verdict{
			Owner: v.GetOwner(), Reason: v.GetReason(), Text: v.GetText(), GraceMS: v.GetGraceMs(), Unsure: v.GetUnsure(),
		})
	}
	return out
}

func call(c sdk.Call) *pluginpb.Call {
	return &pluginpb.Call{
		EventId: text(c.EventID), Channel: text(c.Channel), NowMs: c.NowMS, UtcOffsetSeconds: int32(clamp(c.UTCOffsetSeconds)), Seed: c.Seed,
		SettingsRevision: c.SettingsRevision, Settings: c.Settings, State: c.State, StateVersion: c.StateVersion,
	}
}

func fromCall(in *pluginpb.Call) sdk.Call {
	return sdk.Call{
		EventID: in.GetEventId(), Channel: in.GetChannel(), NowMS: in.GetNowMs(), UTCOffsetSeconds: int(in.GetUtcOffsetSeconds()), Seed: in.GetSeed(),
		SettingsRevision: in.GetSettingsRevision(), Settings: in.GetSettings(), State: in.GetState(), StateVersion: in.GetStateVersion(),
	}
}

func kept(state []byte, note string) *pluginpb.Kept {
	return &pluginpb.Kept{State: state, Note: text(note)}
}

// present is the state of a reply: nil when it is absent, not nil when it is there, though empty.
func present(k *pluginpb.Kept) []byte {
	if k == nil || k.State == nil {
		return nil
	}
	return append([]byte{}, k.State...)
}

func media(m sdk.Media) *pluginpb.Media {
	return &pluginpb.Media{Type: text(m.Type), Id: text(m.ID), Title: text(m.Title), DurationMs: m.DurationMS}
}

func fromMedia(in *pluginpb.Media) sdk.Media {
	return sdk.Media{Type: in.GetType(), ID: in.GetId(), Title: in.GetTitle(), DurationMS: in.GetDurationMs()}
}

func entry(e sdk.Entry) *pluginpb.Entry {
	return &pluginpb.Entry{
		EntryId: e.ID, Media: media(e.Media), Role: text(e.Role), PromoType: text(e.PromoType), PaidBy: text(e.PaidBy), Price: e.Price,
		StartsInMs: e.StartsInMS, Tags: texts(e.Tags),
	}
}

func fromEntry(in *pluginpb.Entry) sdk.Entry {
	return sdk.Entry{
		ID: in.GetEntryId(), Media: fromMedia(in.GetMedia()), Role: in.GetRole(), PromoType: in.GetPromoType(), PaidBy: in.GetPaidBy(),
		Price: in.GetPrice(), StartsInMS: in.GetStartsInMs(), Tags: in.GetTags(),
	}
}

func slot(s sdk.Slot) *pluginpb.Slot {
	out := &pluginpb.Slot{
		SlotId: text(s.ID), Kind: pluginpb.SlotKind(s.Kind), PromoType: text(s.PromoType), Target: entry(s.Target), AirsAtMs: s.AirsAtMS,
		Order: text(s.Order), NoRepeat: s.NoRepeat, LastClipKey: text(s.LastClip), Clips: make([]*pluginpb.Clip, 0, len(s.Clips)),
	}
	for _, c := range s.Clips {
		out.Clips = append(out.Clips, &pluginpb.Clip{
			Key: text(c.Key), Media: media(c.Media), Tags: texts(c.Tags), Evergreen: c.Evergreen, LastAiredMs: c.LastAiredMS,
		})
	}
	return out
}

func fromSlot(in *pluginpb.Slot) sdk.Slot {
	out := sdk.Slot{
		ID: in.GetSlotId(), Kind: sdk.SlotKind(in.GetKind()), PromoType: in.GetPromoType(), Target: fromEntry(in.GetTarget()), AirsAtMS: in.GetAirsAtMs(),
		Order: in.GetOrder(), NoRepeat: in.GetNoRepeat(), LastClip: in.GetLastClipKey(), Clips: make([]sdk.Clip, 0, len(in.GetClips())),
	}
	for _, c := range in.GetClips() {
		out.Clips = append(out.Clips, sdk.Clip{
			Key: c.GetKey(), Media: fromMedia(c.GetMedia()), Tags: c.GetTags(), Evergreen: c.GetEvergreen(), LastAiredMS: c.GetLastAiredMs(),
		})
	}
	return out
}

// text is s as the wire carries it: protobuf refuses a whole message for one byte that is not UTF-8, and titles come
// from strangers.
func text(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func texts(in []string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = text(s)
	}
	return out
}
