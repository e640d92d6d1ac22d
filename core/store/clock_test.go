package store

import (
	"testing"
	"time"

	"playbill/core/access"
	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/station"
	"playbill/core/till"
	"playbill/sdk"
)

// hourMS is by how much the clock is set back.
const hourMS = int64(time.Hour / time.Millisecond)

// TestTheClockIsSetBack: the books do not depend on the time that stands in them.
func TestTheClockIsSetBack(t *testing.T) {
	c := claim(t, open(t))
	grant(t, c, "ann", 1000)
	first := hold(t, c, order("ann", "a", "k1"))
	if err := since(t, c); err != nil {
		t.Fatal(err)
	}
	back := testNow - hourMS
	second, err := c.Hold(t.Context(), order("ann", "b", "k2"), back, sell)
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.Hold(t.Context(), order("ann", "a", "k1"), back, sell) // the same request, before it was made
	if err != nil || again.Purchase.ID != first.Purchase.ID {
		t.Errorf("the same key: %+v, %v", again, err)
	}
	for _, p := range []till.Held{second, first} {
		commit(t, c, station.Turn{AtMS: back, Purchases: []station.PurchaseFact{{ID: p.Purchase.ID, Fact: pay.Withdrawn, Reason: pay.Cancelled}}})
	}
	for name, check := range map[string]func() (ledger.Totals, error){
		"from the mark": func() (ledger.Totals, error) { return c.VerifySince(t.Context(), back) },
		"whole":         func() (ledger.Totals, error) { return c.VerifyWhole(t.Context(), back) },
	} {
		if got, err := check(); err != nil || got.Wallets != 1000 || got.Transfers != 5 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if day, err := c.Since(t.Context(), testNow-hourMS/2); err != nil || day.Paid != 1 || day.Granted != 1000 {
		t.Errorf("what was booked before it was set back: %+v, %v", day, err)
	}
}

// TestNobodyWaitsForAClock: what was bought in the hour that comes again counts for its day, and nobody waits an hour longer
// for it. What was bought since counts.
func TestNobodyWaitsForAClock(t *testing.T) {
	c := claim(t, open(t))
	grant(t, c, "ann", 1000)
	hold(t, c, order("ann", "a", "k1"))
	facts := func(atMS int64) pay.Facts {
		f, err := c.Facts(t.Context(), "ann", sdk.Key{Type: "yt", ID: "c"}, testDay, atMS)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	for _, x := range []struct {
		name         string
		atMS, lastMS int64
	}{
		{"at once", testNow, testNow},
		{"a request that was overtaken", testNow - 50, testNow},
		{"the clock was set back", testNow - hourMS, 0},
		{"an hour later", testNow, testNow},
	} {
		same(t, x.name, facts(x.atMS), pay.Facts{Balance: 750, BoughtToday: 1, Pending: 1, LastUnrefundedMS: x.lastMS})
	}
	if _, err := c.Hold(t.Context(), order("ann", "b", "k2"), testNow-hourMS, sell); err != nil {
		t.Fatal(err)
	}
	same(t, "bought since", facts(testNow-hourMS+1).LastUnrefundedMS, testNow-hourMS)
}

// TestLoginsAndTheClock: an hour back ends no session, and makes neither a code nor a login link last an hour longer.
func TestLoginsAndTheClock(t *testing.T) {
	c := claim(t, open(t))
	for user, sha := range map[string]byte{"ada": 1, "eve": 2} {
		if err := c.KeepCode(t.Context(), codeFor(channel.UserKey(user), "111111", sha)); err != nil {
			t.Fatal(err)
		}
	}
	if v := redeem(t, c, codeFor("ada", "111111", 1), 1); v != access.Right {
		t.Fatal(v)
	}
	back := testNow - hourMS
	if s, err := c.SessionBySHA(t.Context(), [32]byte{1}, back); err != nil || s.User != "ada" {
		t.Errorf("a session an hour before it began: %+v, %v", s, err)
	}
	try := codeFor("eve", "111111", 2)
	try.CreatedAtMS = back
	if v := redeem(t, c, try, 2); v != access.Burned {
		t.Errorf("a code an hour before it was sent: %v", v)
	}
	link := access.Token{Name: "Keeper", RankTenths: 30, CreatedBy: access.LinkMaker, CreatedAtMS: testNow, ExpiresAtMS: testNow + access.LinkForMS}
	if err := c.CreateToken(t.Context(), link, [32]byte{3}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ExchangeLink(t.Context(), [32]byte{3}, [32]byte{4}, back, back+access.LinkedMS); !fault.Is(err, fault.Unauthorized) {
		t.Errorf("a link an hour before it was made: %v", err)
	}
	if _, err := c.ExchangeLink(t.Context(), [32]byte{3}, [32]byte{4}, testNow-1000, testNow+access.LinkedMS); err != nil {
		t.Errorf("a link a second before it was made: %v", err)
	}
}
