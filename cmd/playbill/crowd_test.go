package main

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/till"
	"playbill/sdk"
)

// TestACrowdBuysAndCancels lets 64 people buy and cancel at once, each request twice as from two tabs. In the end every
// balance is what they were given less what was not given back, to the coin.
func TestACrowdBuysAndCancels(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the host")
	}
	const crowd, purse = 64, ledger.Coins(100_000)
	path := serveConfig(t, dataDir(t), freeAddress(t), withoutPlugins()+`earn {
  enabled = false
}
presence {
  enabled = false
}
channel "main" {
  driver          = "embedded"
  add_interval_ms = 0
}
pay {
  daily_limit      = 0
  cooldown_seconds = 0
  pending_limit    = 0
}
`)
	h := hostOn(t, path)
	var grants []ledger.Transfer
	for i := range crowd {
		name := fmt.Sprint("Guest", i)
		if err := h.room.Join(name, 10); err != nil {
			t.Fatal(err)
		}
		grants = append(grants, ledger.Transfer{Kind: ledger.Grant, Debit: ledger.Issuance, Credit: ledger.Wallet, User: strings.ToLower(name),
			UserName: name, Amount: purse, Key: name, Reason: "x", Actor: cliActor})
	}
	if _, err := h.books.Post(t.Context(), grants, nowMS()); err != nil {
		t.Fatal(err)
	}
	if err := h.room.As("Owner").Add(sdk.Media{Type: "yt", ID: "long", Title: "Long", DurationMS: 36_000_000}, false, false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the desk is open", func() bool {
		v := h.station.View()
		return v.Closed() == nil && v.Shadow.OnAir() != nil && len(v.People) > crowd
	})
	var bought, cancelled atomic.Int64
	var all sync.WaitGroup
	for i := range crowd {
		all.Go(func() { // ends with its purchase
			name := fmt.Sprint("Guest", i)
			a := till.Actor{Key: channel.Fold(name), Name: name}
			p, ok := guestBuys(t, h, a, i)
			if !ok {
				return
			}
			bought.Add(1)
			if i%2 == 0 {
				if _, err := h.till.Cancel(t.Context(), a, p.ID); err != nil && !fault.Is(err, fault.Over) {
					t.Error(err)
				}
				cancelled.Add(1)
			}
		})
	}
	all.Wait()
	eventually(t, "everything has ended or has its place", func() bool {
		open, err := h.books.AllOpen(t.Context())
		for _, p := range open {
			if p.State != pay.Placed {
				return false
			}
		}
		return err == nil
	})
	for i := range crowd {
		h.exactly(t, fmt.Sprint("guest", i), purse)
	}
	if _, err := h.books.VerifyLedger(t.Context()); err != nil {
		t.Error(err)
	}
	if bought.Load() < crowd/4 || cancelled.Load() == 0 {
		t.Errorf("only %d bought, %d cancelled: nothing was shown", bought.Load(), cancelled.Load())
	}
	t.Logf("%d bought, %d cancelled", bought.Load(), cancelled.Load())
}

// guestBuys sends one purchase from two tabs. Somebody else may have the title already, or it is not for sale: then nobody
// has paid.
func guestBuys(t *testing.T, h *host, a till.Actor, n int) (p pay.Purchase, ok bool) {
	titles := h.library.Titles()
	media := titles[n%len(titles)].Media.Key()
	q, err := h.till.Quote(t.Context(), a, media, pay.Queue)
	if err != nil {
		t.Error(err)
		return p, false
	}
	wish := till.Wish{RequestKey: fmt.Sprint("k", n), Media: media, Tier: pay.Queue, PriceShown: q.Price}
	var got [2]pay.Purchase
	var errs [2]error
	var tabs sync.WaitGroup
	for i := range got {
		tabs.Go(func() { got[i], errs[i] = h.till.Buy(t.Context(), a, wish) }) // ends with its answer
	}
	tabs.Wait()
	for _, err := range errs {
		if err != nil && !fault.Is(err, fault.AlreadyListed) && !fault.Is(err, fault.Reserved) {
			t.Error(err)
		}
	}
	switch {
	case errs[0] == nil && errs[1] == nil && got[0].ID != got[1].ID:
		t.Errorf("%s paid twice for one request", a.Name)
	case errs[0] == nil:
		return got[0], true
	case errs[1] == nil:
		return got[1], true
	}
	return p, false
}

// exactly wants a balance to be what was given less what was paid and not given back.
func (h *host) exactly(t *testing.T, user string, given ledger.Coins) {
	t.Helper()
	history, err := h.books.HistoryOf(t.Context(), channel.UserKey(user), 0, "")
	if err != nil {
		t.Fatal(err)
	}
	want := given
	for _, p := range history {
		if p.State != pay.Refunded {
			want -= p.Price
		}
	}
	if got, err := h.books.Balance(t.Context(), user); err != nil || got != want {
		t.Errorf("%s has %d coins, want %d, %v", user, got, want, err)
	}
}
