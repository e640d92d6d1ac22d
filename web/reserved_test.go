package web

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/library"
	"playbill/core/pay"
	"playbill/core/shadow"
	"playbill/core/till"
	"playbill/sdk"
)

// sale is a library at the desk, and books in which everybody is rich.
type sale struct{ *library.Library }

func (s sale) Title(k sdk.Key) (sdk.Media, bool) {
	t, ok := s.Library.Title(k)
	return t.Media, ok
}

func (s sale) Facts(context.Context, channel.UserKey, sdk.Key, int, int64) (pay.Facts, error) {
	return pay.Facts{Balance: 1 << 40}, nil
}

func (s sale) Hold(_ context.Context, o till.Order, _ int64, decide func(pay.Facts) pay.Quote) (till.Held, error) {
	if why := decide(pay.Facts{Balance: 1 << 40}).Accept(o.PriceShown); why != nil {
		return till.Held{}, why
	}
	p := pay.Purchase{ID: "p", State: pay.Placed, Media: o.Media}
	return till.Held{Purchase: p, Entry: &shadow.Entry{}}, nil
}

func (s sale) Purchase(context.Context, string) (pay.Purchase, error) {
	return pay.Purchase{}, fault.New(fault.NotFound, "none")
}

// room takes every purchase.
type room struct{ *world }

func (room) Place(_ context.Context, p pay.Purchase, _ *shadow.Entry) (pay.Purchase, error) {
	return p, nil
}

func (room) Withdraw(context.Context, []string, string) error { return nil }

func (room) Await(context.Context, string) (pay.Purchase, error) { return pay.Purchase{}, nil }

// Whatever is in playlists, whatever they are for: no reserved title is seen or bought by anybody but an admin, through any
// door; what is not reserved is; and so it is at once when a playlist is given back (SPEC 6).
func TestNothingReservedIsSeenOrSold(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		names := []string{"ada", "bea"}
		l, _ := stocked(t, names...)
		w := newWorld()
		desk := till.New(till.Options{Book: sale{l}, Floor: room{w}, Catalog: sale{l}, Rules: func() pay.Rules { return w.rules }, Now: func() int64 { return noon }})
		s := w.openWith(t, l, desk)
		lists := rapid.IntRange(1, 3).Draw(r, "lists")
		for i := range lists {
			p := library.Playlist{Name: fmt.Sprint("list ", i)}
			for _, name := range rapid.SliceOfN(rapid.SampledFrom(names), 0, 4).Draw(r, "items") {
				p.Items = append(p.Items, library.Item{Media: sdk.Media{Type: "yt", ID: name, Title: "Title " + name}})
			}
			flag(r, &p)
			if _, err := l.SavePlaylist(t.Context(), p, audit.Entry{Actor: "a"}); err != nil {
				r.Fatal(err)
			}
		}
		look(r, s, l, names)
		p := l.Playlists()[rapid.IntRange(0, lists-1).Draw(r, "which")]
		flag(r, &p)
		if _, err := l.SavePlaylist(t.Context(), p, audit.Entry{Actor: "a"}); err != nil {
			r.Fatal(err)
		}
		look(r, s, l, names)
	})
}

func flag(r *rapid.T, p *library.Playlist) {
	p.Immutable, p.PromoType = false, ""
	switch rapid.IntRange(0, 2).Draw(r, "flag") {
	case 1:
		p.Immutable = true
	case 2:
		p.PromoType = "event"
	}
}

// look holds every door against what the playlists say.
func look(r *rapid.T, s *Server, l *library.Library, names []string) {
	for _, name := range names {
		reserved := false
		for _, p := range l.Playlists() {
			for _, i := range p.Items {
				reserved = reserved || (p.Immutable || p.PromoType != "") && i.Media.ID == name
			}
		}
		at := url.Values{"type": {"yt"}, "id": {name}}.Encode()
		for _, who := range []string{"", "viewer", "admin"} {
			open := !reserved || who == "admin"
			for _, door := range []string{"/api/v1/catalog?q=title+" + name, "/api/v1/catalog?sort=longest", "/catalog?q=" + name} {
				page := call{"GET", door, who, "", nil}.do(s)
				if seen := strings.Contains(page.Body.String(), "Title "+name); seen != open {
					r.Fatalf("%s shows %q the title %s: %v, it is reserved: %v", door, who, name, seen, reserved)
				}
			}
			for _, door := range []string{"/api/v1/catalog/item?", "/catalog/item?"} {
				if code := (call{"GET", door + at, who, "", nil}).do(s).Code; (code == 200) != open || !open && code != 404 {
					r.Fatalf("%s answers %q about %s: %d, it is reserved: %v", door, who, name, code, reserved)
				}
			}
			if who != "" {
				buy(r, s, who, name, open)
			}
		}
	}
}

func buy(r *rapid.T, s *Server, who, name string, open bool) {
	at := url.Values{"type": {"yt"}, "id": {name}}.Encode()
	if code := (call{"GET", "/api/v1/quote?" + at, who, "", nil}).do(s).Code; (code == 200) != open || !open && code != 404 {
		r.Fatalf("the quote of %s for %s: %d", name, who, code)
	}
	body := fmt.Sprintf(`{"media":{"type":"yt","id":%q},"tier":"queue","quoted_price":250}`, name)
	if code := (call{"POST", "/api/v1/purchases", who, body, map[string]string{"Idempotency-Key": name}}).do(s).Code; (code == 201) != open || !open && code != 404 {
		r.Fatalf("%s buys %s: %d", who, name, code)
	}
}
