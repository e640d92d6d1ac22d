package plugin

import (
	"encoding/json"
	"fmt"
	"math"

	"playbill/sdk"
	"playbill/sdk/plugin/pluginpb"
)

// The hooks by the names that a Description uses.
const (
	OnAdvance  = "OnAdvance"
	OnPay      = "OnPay"
	OnCancel   = "OnCancel"
	OnPresence = "OnPresence"
)

// Description is what a plugin says about itself: what Describe answers, and what --describe prints as JSON.
type Description struct {
	ID           string          `json:"id"`
	Version      string          `json:"version"`
	Title        string          `json:"title"`
	Summary      string          `json:"summary"`
	Hooks        []string        `json:"hooks"`
	Types        []Type          `json:"promo_types,omitempty"`
	Schema       json.RawMessage `json:"settings_schema,omitempty"`
	StateVersion uint32          `json:"state_version"`
	ReadsState   []uint32        `json:"reads_state_versions,omitempty"`
	Needs        []Need          `json:"permissions,omitempty"`
	Priority     int             `json:"priority"`
	EveryAdvance bool            `json:"every_advance"`
}

// Type is a promo type in a Description.
type Type struct {
	ID     string `json:"id"`
	Badge  string `json:"badge"`
	Slot   string `json:"slot"` // general, lead_in
	Order  string `json:"default_order"`
	Weight int    `json:"default_weight,omitempty"`
	Serves string `json:"serves,omitempty"` // any, paid, unpaid: lead-ins only
}

// Need is a permission in a Description.
type Need struct {
	Permission string `json:"permission"` // user_names, payments, presence_count, network
	Reason     string `json:"reason"`
}

// Describe returns the description of a plugin value.
func Describe(p sdk.Plugin) Description {
	d := Description{
		ID: p.ID, Version: p.Version, Title: p.Title, Summary: p.Summary, Schema: p.Schema, StateVersion: p.StateVersion,
		ReadsState: p.ReadsState, Priority: p.Priority, EveryAdvance: p.EveryAdvance, Hooks: hooks(p),
	}
	for _, t := range p.Types {
		out := Type{ID: t.ID, Badge: t.Badge, Slot: slotNames()[t.Slot], Order: t.Order, Weight: t.Weight}
		if t.Slot == sdk.LeadIn {
			out.Serves = servesNames()[t.Serves]
		}
		d.Types = append(d.Types, out)
	}
	for _, n := range p.Needs {
		d.Needs = append(d.Needs, Need{Permission: permissionNames()[n.Permission], Reason: n.Reason})
	}
	return d
}

// Plugin returns the description as a plugin value whose functions are nil.
func (d Description) Plugin() sdk.Plugin {
	p := sdk.Plugin{
		ID: d.ID, Version: d.Version, Title: d.Title, Summary: d.Summary, Schema: d.Schema, StateVersion: d.StateVersion,
		ReadsState: d.ReadsState, Priority: d.Priority, EveryAdvance: d.EveryAdvance,
	}
	for _, t := range d.Types {
		p.Types = append(p.Types, sdk.PromoType{
			ID: t.ID, Badge: t.Badge, Slot: keyOf(slotNames(), t.Slot), Order: t.Order, Weight: t.Weight,
			Serves: keyOf(servesNames(), t.Serves),
		})
	}
	for _, n := range d.Needs {
		p.Needs = append(p.Needs, sdk.Need{Permission: keyOf(permissionNames(), n.Permission), Reason: n.Reason})
	}
	return p
}

// Wire returns the description as Describe answers it.
func (d Description) Wire() *pluginpb.Description {
	p := d.Plugin()
	out := &pluginpb.Description{
		Id: text(d.ID), Version: text(d.Version), Title: text(d.Title), Summary: text(d.Summary), SettingsSchema: d.Schema,
		StateVersion: d.StateVersion, ReadsStateVersions: d.ReadsState, Priority: int32(clamp(d.Priority)), EveryAdvance: d.EveryAdvance,
	}
	for _, h := range d.Hooks {
		out.Hooks = append(out.Hooks, keyOf(hookNames(), h))
	}
	for _, t := range p.Types {
		out.PromoTypes = append(out.PromoTypes, &pluginpb.PromoType{
			Id: text(t.ID), Badge: text(t.Badge), Slot: pluginpb.SlotKind(t.Slot), DefaultOrder: text(t.Order),
			DefaultWeight: uint32(max(0, clamp(t.Weight))), Serves: pluginpb.Serves(t.Serves),
		})
	}
	for _, n := range p.Needs {
		out.Permissions = append(out.Permissions, &pluginpb.Permission{Field: pluginpb.Permission_Field(n.Permission), Reason: text(n.Reason)})
	}
	return out
}

// FromWire reads what Describe answered. A value that this protocol does not know is an error: a hook that is never
// called must not be a surprise.
func FromWire(in *pluginpb.Description) (Description, error) {
	d := Description{
		ID: in.GetId(), Version: in.GetVersion(), Title: in.GetTitle(), Summary: in.GetSummary(), Schema: in.GetSettingsSchema(),
		StateVersion: in.GetStateVersion(), ReadsState: in.GetReadsStateVersions(), Priority: int(in.GetPriority()),
		EveryAdvance: in.GetEveryAdvance(),
	}
	for _, h := range in.GetHooks() {
		name, known := hookNames()[h]
		if !known {
			return d, fmt.Errorf("hook %d is not one of OnAdvance (1), OnPay (2), OnCancel (3) and OnPresence (4)", h)
		}
		d.Hooks = append(d.Hooks, name)
	}
	for _, t := range in.GetPromoTypes() {
		slot, known := slotNames()[sdk.SlotKind(t.GetSlot())]
		serves, also := servesNames()[sdk.Serves(t.GetServes())]
		if !known || !also {
			return d, fmt.Errorf("promo type %q has slot %d and serves %d; slots are GENERAL (1) and LEAD_IN (2)", t.GetId(), t.GetSlot(), t.GetServes())
		}
		out := Type{ID: t.GetId(), Badge: t.GetBadge(), Slot: slot, Order: t.GetDefaultOrder(), Weight: int(t.GetDefaultWeight())}
		if sdk.SlotKind(t.GetSlot()) == sdk.LeadIn {
			out.Serves = serves
		}
		d.Types = append(d.Types, out)
	}
	for _, n := range in.GetPermissions() {
		name, known := permissionNames()[sdk.Permission(n.GetField())]
		if !known {
			return d, fmt.Errorf("permission %d is not known", n.GetField())
		}
		d.Needs = append(d.Needs, Need{Permission: name, Reason: n.GetReason()})
	}
	return d, nil
}

// hooks names the functions that are set.
func hooks(p sdk.Plugin) []string {
	var names []string
	if p.OnAdvance != nil {
		names = append(names, OnAdvance)
	}
	if p.OnPay != nil {
		names = append(names, OnPay)
	}
	if p.OnCancel != nil {
		names = append(names, OnCancel)
	}
	if p.OnPresence != nil {
		names = append(names, OnPresence)
	}
	return names
}

func hookNames() map[pluginpb.Hook]string {
	return map[pluginpb.Hook]string{
		pluginpb.Hook_ON_ADVANCE: OnAdvance, pluginpb.Hook_ON_PAY: OnPay,
		pluginpb.Hook_ON_CANCEL: OnCancel, pluginpb.Hook_ON_PRESENCE: OnPresence,
	}
}

func slotNames() map[sdk.SlotKind]string {
	return map[sdk.SlotKind]string{sdk.General: "general", sdk.LeadIn: "lead_in"}
}

func servesNames() map[sdk.Serves]string {
	return map[sdk.Serves]string{sdk.ServesAny: "any", sdk.ServesPaid: "paid", sdk.ServesUnpaid: "unpaid"}
}

func permissionNames() map[sdk.Permission]string {
	return map[sdk.Permission]string{
		sdk.UserNames: "user_names", sdk.Payments: "payments", sdk.PresenceCount: "presence_count", sdk.Network: "network",
	}
}

// keyOf is the key that has this name, or the zero value.
func keyOf[K comparable](names map[K]string, name string) K {
	for key, have := range names {
		if have == name {
			return key
		}
	}
	var unknown K
	return unknown
}

func clamp(n int) int { return min(max(n, math.MinInt32), math.MaxInt32) }
