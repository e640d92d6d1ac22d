package pluginhost

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"playbill/sdk"
)

// mask leaves out of one call what the plugin may not be told, and reads its answer back. A name that may not be told
// becomes a key that is the same in every call to this plugin and another one for every other plugin.
type mask struct {
	secret []byte
	grants []sdk.Permission
	names  map[string]string // key to name, of this call
}

func newMask(secret []byte, spec Spec) *mask {
	own := hmac.New(sha256.New, secret)
	own.Write([]byte(spec.Name))
	return &mask{secret: own.Sum(nil), grants: spec.Grants, names: map[string]string{}}
}

func (m *mask) may(p sdk.Permission) bool { return slices.Contains(m.grants, p) }

// key is a user as the plugin may know it.
func (m *mask) key(name string) string {
	if name == "" || m.may(sdk.UserNames) {
		m.names[name] = name
		return name
	}
	opaque := hmac.New(sha256.New, m.secret)
	opaque.Write([]byte(name))
	key := hex.EncodeToString(opaque.Sum(nil)[:8])
	m.names[key] = name
	return key
}

func (m *mask) entry(e sdk.Entry) sdk.Entry {
	e.PaidBy = m.key(e.PaidBy)
	if !m.may(sdk.Payments) {
		e.Price = 0
	}
	return e
}

func (m *mask) advance(a sdk.Advance) sdk.Advance {
	a.NowPlaying, a.Cancelled = m.entry(a.NowPlaying), m.entry(a.Cancelled)
	a.Upcoming = slices.Clone(a.Upcoming[:min(len(a.Upcoming), upcomingMost)])
	for i := range a.Upcoming {
		a.Upcoming[i] = m.entry(a.Upcoming[i])
	}
	a.Slots = slices.Clone(a.Slots)
	for i := range a.Slots {
		a.Slots[i].Target = m.entry(a.Slots[i].Target)
	}
	if !m.may(sdk.PresenceCount) {
		a.People = 0
	}
	return a
}

func (m *mask) round(r sdk.Round) sdk.Round {
	r.Owners = slices.Clone(r.Owners)
	for i := range r.Owners {
		r.Owners[i].Key = m.key(r.Owners[i].Key)
	}
	return r
}
