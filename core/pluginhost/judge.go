package pluginhost

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"playbill/core/station"
	"playbill/sdk"
	"playbill/sdk/plugin"
	"playbill/sdk/plugin/pluginpb"
)

// reasonCode is what a refund's reason must look like.
var reasonCode = regexp.MustCompile(`^[a-z_]{1,32}$`)

// judgePromo reads the answer to a promo hook into the outcome, or says what breaks the contract. One broken insert
// spoils the whole answer: its state belongs to all of it.
func judgePromo(bytes []byte, hook station.Hook, slots []sdk.Slot, out *station.Outcome) error {
	var reply pluginpb.PromoReply
	if err := proto.Unmarshal(bytes, &reply); err != nil {
		return fmt.Errorf("the answer cannot be read: %w", err)
	}
	answer := plugin.Answer(&reply)
	if err := judgeState(answer.State); err != nil {
		return err
	}
	if hook == station.OnCancel && len(answer.Inserts) > 0 {
		return fmt.Errorf("proposed %d inserts in OnCancel, where nothing can be proposed", len(answer.Inserts))
	}
	used := map[string]bool{}
	for i := range answer.Inserts {
		insert := &answer.Inserts[i]
		if err := judgeInsert(*insert, slots, used); err != nil {
			return err
		}
		used[insert.SlotID] = true
		insert.Reason = oneLine(insert.Reason, textBytes)
	}
	answer.Note = oneLine(answer.Note, noteBytes)
	out.Answer, out.Kind, out.Why = answer, station.Proposed, ""
	if len(answer.Inserts) == 0 {
		out.Kind, out.Why = station.NoOpinion, orElse(answer.Note, "proposed nothing")
	}
	return nil
}

func judgeInsert(insert sdk.Insert, slots []sdk.Slot, used map[string]bool) error {
	at := slices.IndexFunc(slots, func(s sdk.Slot) bool { return s.ID == insert.SlotID })
	if at < 0 {
		return fmt.Errorf("proposed for slot %q, which was not offered", oneLine(insert.SlotID, textBytes))
	}
	slot := slots[at]
	if used[insert.SlotID] {
		return fmt.Errorf("proposed twice for slot %q", slot.ID)
	}
	if !slices.ContainsFunc(slot.Clips, func(c sdk.Clip) bool { return c.Key == insert.ClipKey }) {
		return fmt.Errorf("proposed clip %q for slot %q, which is not one of its %d eligible clips", oneLine(insert.ClipKey, textBytes), slot.ID, len(slot.Clips))
	}
	factor := insert.WeightFactor
	if factor == nil {
		return nil
	}
	if slot.Kind != sdk.General {
		return fmt.Errorf("gave a weight factor for slot %q, which is not a general one", slot.ID)
	}
	if !(*factor >= 0 && *factor <= factorMost) { // also false for what is not a number
		return fmt.Errorf("gave the weight factor %v for slot %q; 0 to %d are allowed", *factor, slot.ID, factorMost)
	}
	return nil
}

// judgePresence reads verdicts, under the names that the station uses.
func judgePresence(bytes []byte, owners []sdk.Owner, m *mask, out *station.Outcome) error {
	var reply pluginpb.PresenceReply
	if err := proto.Unmarshal(bytes, &reply); err != nil {
		return fmt.Errorf("the answer cannot be read: %w", err)
	}
	seen := map[string]bool{}
	for _, v := range reply.GetVerdicts() {
		name, asked := m.names[v.GetOwner()]
		if !asked || !slices.ContainsFunc(owners, func(o sdk.Owner) bool { return o.Key == name }) {
			return fmt.Errorf("gave a verdict for owner %q, who was not asked about", oneLine(v.GetOwner(), textBytes))
		}
		if seen[name] {
			return fmt.Errorf("gave two verdicts for owner %q", v.GetOwner())
		}
		seen[name] = true
		if err := judgeVerdict(v); err != nil {
			return err
		}
	}
	verdicts := plugin.Verdicts(&reply)
	if err := judgeState(verdicts.State); err != nil {
		return err
	}
	for i := range verdicts.Away {
		verdicts.Away[i].Owner = m.names[verdicts.Away[i].Owner]
		verdicts.Away[i].Text = strings.TrimSpace(oneLine(verdicts.Away[i].Text, textBytes))
	}
	verdicts.Note = oneLine(verdicts.Note, noteBytes)
	out.Verdicts, out.Kind, out.Why = verdicts, station.Proposed, ""
	if len(verdicts.Away) == 0 {
		out.Kind, out.Why = station.NoOpinion, orElse(verdicts.Note, "nobody is away")
	}
	return nil
}

func judgeVerdict(v *pluginpb.Verdict) error {
	switch {
	case v.GetAway() && v.GetUnsure():
		return fmt.Errorf("called owner %q away and unsure at once", v.GetOwner())
	case v.GetGraceMs() < 0:
		return fmt.Errorf("gave owner %q a grace of %d ms", v.GetOwner(), v.GetGraceMs())
	case v.GetAway() && !reasonCode.MatchString(v.GetReason()):
		return fmt.Errorf("gave owner %q the reason %q; a reason is 1 to 32 of a-z and _", v.GetOwner(), oneLine(v.GetReason(), textBytes))
	}
	return nil
}

func judgeState(state []byte) error {
	if len(state) > plugin.HardState {
		return fmt.Errorf("gave back a state of %d bytes; %d at most are kept", len(state), plugin.HardState)
	}
	return nil
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
