package web

import (
	"context"
	"strings"
	"testing"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/sdk"
)

// edits is what the hands were asked, and what they answer.
type edits struct {
	extra  station.Extra
	moved  shadow.EntryID
	to     station.Spot
	played shadow.EntryID
	edited station.Edited
}

func (w *world) AddEntry(_ context.Context, x station.Extra) (station.Edited, error) {
	w.extra = x
	got := w.edited
	got.Entry = 77
	return got, w.err
}

func (w *world) MoveEntry(_ context.Context, id shadow.EntryID, to station.Spot) (station.Edited, error) {
	w.moved, w.to = id, to
	return w.edited, w.err
}

func (w *world) PlayEntry(_ context.Context, id shadow.EntryID) (station.Edited, error) {
	w.played = id
	return w.edited, w.err
}

func (w *world) SkipEntry(_ context.Context, id shadow.EntryID) (station.Edited, error) {
	w.played = id
	return w.edited, w.err
}

func TestAddEntry(t *testing.T) {
	w := newWorld()
	w.edited.Outcome = channel.Done
	s := w.open(t)
	key := map[string]string{"Idempotency-Key": "k1"}
	got := decodeBody(t, call{"POST", "/api/v1/admin/queue", "admin", `{"ref":"yt:abc","to":"top","temp":false}`, key}.do(s), 201)
	want := station.Extra{RequestKey: "halcyon k1", Media: sdk.Media{Type: "yt", ID: "abc", Title: "yt:abc"}, To: station.Spot{Where: station.Top}}
	if w.extra != want {
		t.Errorf("%+v", w.extra)
	}
	undo := got["undo"].(map[string]any)
	if got["entry_id"] != 77.0 || got["state"] != "done" || undo["method"] != "DELETE" || undo["path"] != "/api/v1/admin/queue/77" {
		t.Errorf("%v", got)
	}
	if len(w.trail) != 1 || w.trail[0].Action != "queue.add" || w.trail[0].Actor != "halcyon" || !strings.Contains(w.trail[0].Undo, "/admin/queue/77") {
		t.Errorf("%+v", w.trail)
	}
	w.edited.Outcome = channel.Unknown
	got = decodeBody(t, call{"POST", "/api/v1/admin/queue", "admin", `{"media":{"type":"yt","id":"x"},"after":3}`, key}.do(s), 202)
	if got["state"] != "unknown" || !strings.Contains(got["message"].(string), "has not answered") || w.extra.To != (station.Spot{Where: station.After, Entry: 3}) || !w.extra.Temp {
		t.Errorf("%v, %+v", got, w.extra)
	}
	for name, bad := range map[string]string{
		"nothing": `{}`, "both": `{"ref":"yt:a","media":{"type":"yt","id":"a"}}`, "two places": `{"ref":"yt:a","to":"top","after":3}`,
		"no link": `{"ref":"nosferatoo"}`, "two": `{"ref":"yt:a\nyt:b"}`, "no place": `{"ref":"yt:a","to":"middle"}`, "length": `{"media":{"type":"yt","id":"a"},"duration_seconds":-1}`,
	} {
		if got := (call{"POST", "/api/v1/admin/queue", "admin", bad, key}).do(s); got.Code != 400 || code(t, got) != "invalid" {
			t.Errorf("%s: %d %s", name, got.Code, got.Body)
		}
	}
	if got := (call{"POST", "/api/v1/admin/queue", "admin", `{"ref":"yt:a"}`, nil}).do(s); code(t, got) != "request_key_missing" {
		t.Errorf("without a key: %s", got.Body)
	}
}

func TestMoveEntry(t *testing.T) {
	w := newWorld()
	w.edited = station.Edited{Outcome: channel.Done, Note: "A lead-in stays with its title."}
	s := w.open(t)
	got := decodeBody(t, call{"POST", "/api/v1/admin/queue/6/move", "admin", `{"before":4}`, nil}.do(s), 200)
	if w.moved != 6 || w.to != (station.Spot{Where: station.Before, Entry: 4}) || !strings.Contains(got["message"].(string), "“The General” was moved. A lead-in stays") {
		t.Errorf("%d %+v %v", w.moved, w.to, got)
	}
	back := got["undo"].(map[string]any)
	if back["path"] != "/api/v1/admin/queue/6/move" || back["body"].(map[string]any)["after"] != 4.0 {
		t.Errorf("it stood behind entry 4, and goes back to %v", back)
	}
	got = decodeBody(t, call{"POST", "/api/v1/admin/queue/3/move", "admin", `{"to":"end"}`, nil}.do(s), 200)
	if body := got["undo"].(map[string]any)["body"].(map[string]any); body["before"] != 4.0 {
		t.Errorf("the first title goes back before the second, not %v", body)
	}
	if got := (call{"POST", "/api/v1/admin/queue/6/move", "admin", `{}`, nil}).do(s); got.Code != 400 {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	w.err = fault.New(fault.EventLock, "That place is inside the event.")
	if got := (call{"POST", "/api/v1/admin/queue/6/move", "admin", `{"to":"top"}`, nil}).do(s); got.Code != 423 {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if len(w.trail) != 2 {
		t.Errorf("what was refused is in the audit trail: %v", w.trail)
	}
}

func TestPlayAndSkip(t *testing.T) {
	w := newWorld()
	w.edited.Outcome = channel.Done
	s := w.open(t)
	if got := (call{"POST", "/api/v1/admin/queue/6/play", "admin", "", nil}).do(s); got.Code != 403 || w.played != 0 {
		t.Errorf("an admin below the rank for it: %d %s", got.Code, got.Body)
	}
	decodeBody(t, call{"POST", "/api/v1/admin/queue/6/play", "chief", "", nil}.do(s), 200)
	if w.played != 6 || w.trail[0].Action != "queue.play" || w.trail[0].Undo != "" {
		t.Errorf("%d %v", w.played, w.trail)
	}
	decodeBody(t, call{"POST", "/api/v1/admin/queue/1/skip", "admin", "", nil}.do(s), 200)
	if w.played != 1 || w.trail[1].Action != "queue.skip" || !strings.Contains(w.trail[1].Subject, "Carnival") {
		t.Errorf("%d %v", w.played, w.trail)
	}
}

func TestRemoveEntrySaysWhatComesBack(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	paid := decodeBody(t, call{"DELETE", "/api/v1/admin/queue/3", "admin", "", nil}.do(s), 202)
	if !strings.Contains(paid["message"].(string), "QuietStorm gets 500 coins back") || paid["undo"] != nil {
		t.Errorf("%v", paid)
	}
	free := decodeBody(t, call{"DELETE", "/api/v1/admin/queue/6", "admin", "", nil}.do(s), 202)
	back := free["undo"].(map[string]any)
	body := back["body"].(map[string]any)
	if back["path"] != "/api/v1/admin/queue" || body["after"] != 4.0 || body["title"] != "The General" || body["temp"] != false {
		t.Errorf("%v", back)
	}
	if promo := decodeBody(t, call{"DELETE", "/api/v1/admin/queue/5", "admin", "", nil}.do(s), 202); promo["undo"] != nil {
		t.Errorf("the rules place promos: %v", promo)
	}
}
