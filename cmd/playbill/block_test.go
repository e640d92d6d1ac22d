package main

import (
	"context"
	"io"
	"testing"
	"time"

	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/config"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/till"
	"playbill/sdk"
)

// TestABlockedAccountIsRefunded blocks somebody who has a purchase pending: once while the host runs, and once so that the
// host ends between the blocking and the withdrawal.
func TestABlockedAccountIsRefunded(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the host")
	}
	path := serveConfig(t, dataDir(t), freeAddress(t), withoutPlugins()+"earn {\n  enabled = false\n}\n")
	actor := till.Actor{Key: "ember", Name: "Ember"}
	purse := ledger.Purse{User: "ember", Name: "Ember", Blocked: "sells coins"}

	h := hostOn(t, path)
	if _, err := h.books.Post(t.Context(), []ledger.Transfer{{Kind: ledger.Grant, Debit: ledger.Issuance, Credit: ledger.Wallet, User: "ember",
		UserName: "Ember", Amount: 5000, Key: "k", Reason: "x", Actor: cliActor}}, nowMS()); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"first", "second", "third"} {
		media := sdk.Media{Type: "yt", ID: id, Title: id, DurationMS: 3_600_000}
		if err := h.room.As("Owner").Add(media, false, false); err != nil {
			t.Fatal(err)
		}
	}
	p := pending(t, h, actor, "buy-1")
	if err := h.till.Block(t.Context(), purse, audit.Entry{Actor: cliActor, Action: "account.block", Subject: "Ember"}); err != nil {
		t.Fatal(err)
	}
	refunded(t, h, p.ID)
	titles := h.library.Titles()
	if q, err := h.till.Quote(t.Context(), actor, titles[1].Media.Key(), pay.Queue); err != nil || !fault.Is(q.Refusal, fault.Blocked) {
		t.Errorf("a blocked account may buy: %v, %v", q.Refusal, err)
	}

	// Opened again, and blocked by a host that ends before it has taken anything back.
	purse.Blocked = ""
	if err := h.till.Block(t.Context(), purse, audit.Entry{}); err != nil {
		t.Fatal(err)
	}
	p = pending(t, h, actor, "buy-2")
	purse.Blocked = "again"
	if err := h.books.SetBlocked(t.Context(), purse, nowMS()); err != nil {
		t.Fatal(err)
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	h = hostOn(t, path)
	refunded(t, h, p.ID)
	if totals, err := h.books.VerifyLedger(t.Context()); err != nil || totals.Wallets != 5000 {
		t.Errorf("%+v, %v", totals, err)
	}
}

// hostOn is a host in this process, with the demo's titles and two people in its room.
func hostOn(t *testing.T, path string) *host {
	t.Helper()
	file, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	h, err := open(t.Context(), setup{file: file, logTo: io.Discard, stock: stock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.close(); err != nil {
			t.Error(err)
		}
	})
	for name, rank := range map[string]int{"Owner": 50, "Ember": 10} {
		if err := h.room.Join(name, rank); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// pending buys a title and waits until it has its place.
func pending(t *testing.T, h *host, a till.Actor, key string) pay.Purchase {
	t.Helper()
	media := h.library.Titles()[0].Media.Key()
	var price ledger.Coins
	eventually(t, "the desk is open", func() bool {
		q, err := h.till.Quote(t.Context(), a, media, pay.Queue)
		price = q.Price
		return err == nil && q.Refusal == nil
	})
	p, err := h.till.Buy(t.Context(), a, till.Wish{RequestKey: key, Media: media, Tier: pay.Queue, PriceShown: price})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the purchase has its place", func() bool {
		p, err = h.books.Purchase(t.Context(), p.ID)
		return err == nil && p.State == pay.Placed
	})
	return p
}

// refunded waits until a purchase was refunded because its buyer is blocked.
func refunded(t *testing.T, h *host, id string) {
	t.Helper()
	eventually(t, "the purchase is refunded", func() bool {
		p, err := h.books.Purchase(context.Background(), id)
		return err == nil && p.State == pay.Refunded && p.Reason == pay.Banned
	})
	for _, item := range h.room.List() {
		if item.Temp && channel.Fold(item.AddedBy) != "owner" {
			t.Errorf("%s is still on the list", item.Media.Title)
		}
	}
}

func eventually(t testing.TB, what string, met func() bool) {
	t.Helper()
	for started := time.Now(); !met(); time.Sleep(20 * time.Millisecond) {
		if time.Since(started) > later {
			t.Fatalf("not within %s: %s", later, what)
		}
	}
}
