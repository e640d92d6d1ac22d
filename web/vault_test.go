package web

import (
	"context"
	"slices"
	"sync"

	"playbill/core/access"
	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/library"
	"playbill/core/pay"
	"playbill/sdk"
	"playbill/web/pages"
)

// vault keeps logins in memory, and is the room in which people are told their codes.
type vault struct {
	mu       sync.Mutex
	codes    map[channel.UserKey]access.Code
	sessions map[[32]byte]access.Session
	links    map[[32]byte]access.Token
	told     chan string // capacity 16

	revoked   []audit.Entry
	confirmed int // times a rank was written down
}

func newVault() *vault {
	return &vault{codes: map[channel.UserKey]access.Code{}, sessions: map[[32]byte]access.Session{}, links: map[[32]byte]access.Token{},
		told: make(chan string, 16)}
}

func (v *vault) KeepCode(_ context.Context, k access.Code) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.codes[k.User] = k
	return nil
}

func (v *vault) RedeemCode(_ context.Context, try access.Code, s access.Session, sha [32]byte) (access.Verdict, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	k, asked := v.codes[try.User]
	if !asked {
		return access.Refused, nil
	}
	verdict := k.Try(try.Sealed, try.Browser, try.CreatedAtMS)
	switch verdict {
	case access.Wrong:
		k.Tries++
		v.codes[try.User] = k
	case access.Right, access.Burned:
		delete(v.codes, try.User)
	}
	if verdict == access.Right {
		s.ID = access.SessionID(sha)
		v.sessions[sha] = s
	}
	return verdict, nil
}

func (v *vault) SessionBySHA(_ context.Context, sha [32]byte, nowMS int64) (access.Session, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if s, ok := v.sessions[sha]; ok && s.Valid(nowMS) {
		return s, nil
	}
	return access.Session{}, fault.New(fault.Unauthorized, "This session has ended.")
}

func (v *vault) SessionsOf(_ context.Context, user channel.UserKey, nowMS int64) ([]access.Session, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var out []access.Session
	for _, s := range v.sessions {
		if s.User == user && s.Valid(nowMS) {
			out = append(out, s)
		}
	}
	return out, nil
}

func (v *vault) RevokeSession(_ context.Context, user channel.UserKey, id string, nowMS int64) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	for sha, s := range v.sessions {
		if s.User == user && s.ID == id {
			s.RevokedAtMS = nowMS
			v.sessions[sha] = s
			return nil
		}
	}
	return fault.New(fault.NotFound, "That session has ended already.")
}

func (v *vault) RevokeSessions(_ context.Context, user channel.UserKey, ids []string, nowMS int64, trail ...audit.Entry) (ended []string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for sha, s := range v.sessions {
		if s.User == user && s.Valid(nowMS) && (len(ids) == 0 || slices.Contains(ids, s.ID)) {
			s.RevokedAtMS = nowMS
			v.sessions[sha] = s
			ended = append(ended, s.ID)
		}
	}
	if len(ended) > 0 {
		v.revoked = append(v.revoked, trail...)
	}
	return ended, nil
}

func (v *vault) ConfirmRank(_ context.Context, user channel.UserKey, rankTenths int, nowMS int64) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	for sha, s := range v.sessions {
		if s.User == user && !s.Linked {
			s.RankTenths, s.RankedAtMS = rankTenths, nowMS
			v.sessions[sha] = s
		}
	}
	v.confirmed++
	return nil
}

func (v *vault) ExchangeLink(_ context.Context, link, session [32]byte, nowMS, expiresAtMS int64) (access.Session, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	t, ok := v.links[link]
	if !ok || !t.Valid(nowMS) {
		return access.Session{}, fault.New(fault.Unauthorized, "This login link is over.")
	}
	delete(v.links, link)
	s := access.Session{ID: access.SessionID(session), User: channel.Fold(t.Name), Name: t.Name, CreatedAtMS: nowMS, ExpiresAtMS: expiresAtMS,
		RankTenths: t.RankTenths, RankedAtMS: nowMS, Linked: true}
	v.sessions[session] = s
	return s, nil
}

func (v *vault) PM(_ context.Context, _ channel.UserKey, text string) error {
	v.told <- text
	return nil
}

func (w *world) Title(k sdk.Key) (library.Title, bool) {
	return library.Title{Media: sdk.Media{Type: k.Type, ID: k.ID, Title: "Nosferatu", DurationMS: 5_640_000}, Year: 1922, Categories: []string{"Silents"}}, k.ID != "none"
}

func (w *world) Categories() []library.Category {
	return []library.Category{{Name: "Silents", Titles: 214}}
}

func (w *world) HistoryOf(_ context.Context, user channel.UserKey, _ int, _ string) ([]pay.Purchase, error) {
	return []pay.Purchase{
		{ID: "p7", Buyer: user, Media: sdk.Media{Title: "Detour <1945>"}, Price: 900, State: pay.Refunded, Reason: pay.Displaced, BoughtAtMS: noon - 9e6, EndedAtMS: noon - 8e6},
		{ID: "p6", Buyer: user, Media: sdk.Media{Title: "Safety Last!"}, Price: 900, State: pay.Settled, BoughtAtMS: noon - 9e7, EndedAtMS: noon - 8e7},
	}, nil
}

func (w *world) Statement(_ context.Context, user string, _ int, _ int64) (ledger.Statement, error) {
	s := ledger.Statement{Balance: 1840}
	for _, t := range []ledger.Transfer{
		{Seq: 9, Kind: ledger.Release, Debit: ledger.Escrow, Credit: ledger.Wallet, User: user, Amount: 900, Purchase: "p7", Reason: pay.Displaced, AtMS: noon - 8e6},
		{Seq: 8, Kind: ledger.Hold, Debit: ledger.Wallet, Credit: ledger.Escrow, User: user, Amount: 900, Purchase: "p7", AtMS: noon - 9e6},
	} {
		s.Lines = append(s.Lines, ledger.Line{Transfer: t, Title: "Detour <1945>"})
	}
	return s, nil
}

// Join and Messages are the demo's room.
func (w *world) Join(_ context.Context, name string) error {
	if name == "keeper" {
		return fault.New(fault.Forbidden, "keeper is more than a viewer.")
	}
	return nil
}

func (w *world) Messages(string) ([]pages.Message, error) {
	return []pages.Message{{AtMS: noon, From: "playbill", Text: "Your login code is 123456."}}, nil
}
