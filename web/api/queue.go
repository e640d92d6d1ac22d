package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/sdk"
	"playbill/web/live"
	"playbill/web/session"
)

// Hands is the one who changes the live list: *station.Station. Each call waits for the channel's answer, or until ctx
// ends; an outcome that is Unknown may still come.
type Hands interface {
	AddEntry(ctx context.Context, x station.Extra) (station.Edited, error)
	MoveEntry(ctx context.Context, id shadow.EntryID, to station.Spot) (station.Edited, error)
	PlayEntry(ctx context.Context, id shadow.EntryID) (station.Edited, error)
	SkipEntry(ctx context.Context, id shadow.EntryID) (station.Edited, error)
}

// Undo is the request that takes a change back. It stands in the answer and, as JSON, in the audit trail.
type Undo struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Body   any    `json:"body,omitempty"`
}

// edited is what became of a change of the list.
type edited struct {
	EntryID *int64 `json:"entry_id"` // null: not known
	State   string `json:"state"`    // done; leaving: it follows; unknown: the channel has not answered, the list will show it
	Message string `json:"message"`
	Undo    *Undo  `json:"undo"` // null: it cannot be taken back
}

// extra is what an admin adds. Of media and ref one is given. A title and a length count for what is not in the catalog.
type extra struct {
	Media           *live.MediaJSON `json:"media"`
	Ref             string          `json:"ref"` // type:id, a link, or a token of the catalog
	Title           string          `json:"title"`
	DurationSeconds int64           `json:"duration_seconds"`
	Temp            *bool           `json:"temp"` // it leaves the list when it has played; left out: true
	spotBody
}

// spotBody is a place on the list: one of the three.
type spotBody struct {
	To     string `json:"to"` // top or end
	After  int64  `json:"after"`
	Before int64  `json:"before"`
}

// PostEntry adds a media to the live list for nothing.
func (a *API) PostEntry(c *gin.Context, who session.Who) error {
	key, err := requestKey(c)
	if err != nil {
		return err
	}
	var body extra
	if err := decode(c, bodyMax, &body); err != nil {
		return err
	}
	m, err := a.mediaOf(body)
	if err != nil {
		return err
	}
	to, err := body.spot(station.End)
	if err != nil {
		return err
	}
	x := station.Extra{RequestKey: string(who.Key) + " " + key, Media: m, Temp: body.Temp == nil || *body.Temp, To: to}
	ctx, cancel := context.WithTimeout(c.Request.Context(), editWait)
	defer cancel()
	got, err := a.Hands.AddEntry(ctx, x)
	if err != nil {
		return err
	}
	out := a.edited(got, called(m.Title)+" was added"+placeWords(to)+".")
	if got.Entry != 0 {
		out.Undo = &Undo{Method: http.MethodDelete, Path: entryPath(got.Entry, "")}
	}
	a.note(c, who, "queue.add", called(m.Title), out.Undo)
	if got.Outcome == channel.Done {
		return send(c, http.StatusCreated, out)
	}
	return send(c, http.StatusAccepted, out)
}

// MoveEntry moves a title of the live list.
func (a *API) MoveEntry(c *gin.Context, who session.Who) error {
	var body spotBody
	if err := decode(c, bodyMax, &body); err != nil {
		return err
	}
	to, err := body.spot("")
	if err != nil {
		return err
	}
	return a.change(c, who, change{"queue.move", "was moved" + placeWords(to), func(ctx context.Context, id shadow.EntryID) (station.Edited, error) {
		return a.Hands.MoveEntry(ctx, id, to)
	}, movedBack})
}

// PlayEntry starts a title of the live list at once.
func (a *API) PlayEntry(c *gin.Context, who session.Who) error {
	return a.change(c, who, change{"queue.play", "starts now", a.Hands.PlayEntry, nil})
}

// SkipEntry ends what is on the air, if that is still this entry.
func (a *API) SkipEntry(c *gin.Context, who session.Who) error {
	return a.change(c, who, change{"queue.skip", "was skipped", a.Hands.SkipEntry, nil})
}

// change is one change of an entry: its name in the audit trail, its words, what does it, and what takes it back.
type change struct {
	action, words string
	do            func(context.Context, shadow.EntryID) (station.Edited, error)
	undo          func(*station.View, shadow.EntryID) *Undo
}

func (a *API) change(c *gin.Context, who session.Who, ch change) error {
	id, err := idOf(c, "entry_id", "entry")
	if err != nil {
		return err
	}
	v := a.Floor.View()
	var back *Undo
	if ch.undo != nil {
		back = ch.undo(v, shadow.EntryID(id))
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), editWait)
	defer cancel()
	got, err := ch.do(ctx, shadow.EntryID(id))
	if err != nil {
		return err
	}
	subject := subjectOf(v, shadow.EntryID(id))
	got.Entry = shadow.EntryID(id)
	out := a.edited(got, subject+" "+ch.words+".")
	out.Undo = back
	a.note(c, who, ch.action, subject, back)
	if got.Outcome == channel.Done {
		return send(c, http.StatusOK, out)
	}
	return send(c, http.StatusAccepted, out)
}

// DeleteEntry takes an entry off the live queue: a paid one is refunded, the one on the air ends. 202: the removal is
// wanted and durable, and follows.
func (a *API) DeleteEntry(c *gin.Context, who session.Who) error {
	n, err := idOf(c, "entry_id", "entry")
	if err != nil {
		return err
	}
	id, v := shadow.EntryID(n), a.Floor.View()
	subject, back := subjectOf(v, id), removedBack(v, id)
	sentence := subject + " was taken off the list."
	if e := v.Shadow.Find(id); e != nil && e.Role == shadow.Paid {
		subject += " of " + string(e.PaidBy)
		if p, open := v.Purchases[e.Purchase]; open && e != v.Shadow.OnAir() {
			sentence = fmt.Sprintf("%s was taken off the list. %s gets %s back.", called(e.Media.Title), p.BuyerName, pay.Words(p.Price))
		}
	}
	if err := a.Floor.RemoveEntry(c.Request.Context(), id); err != nil {
		return err
	}
	a.note(c, who, "queue.remove", subject, back)
	return send(c, http.StatusAccepted, edited{EntryID: &n, State: "leaving", Message: sentence, Undo: back})
}

// edited puts what became of a change into words.
func (a *API) edited(got station.Edited, sentence string) edited {
	id := int64(got.Entry)
	out := edited{EntryID: orNull(id), State: "done", Message: sentence}
	if got.Note != "" {
		out.Message += " " + got.Note
	}
	if got.Outcome != channel.Done {
		out.State, out.Message = "unknown", "The channel has not answered yet. The list will show what became of it."
	}
	return out
}

// note writes a change of the list into the audit trail, with the request that takes it back.
func (a *API) note(c *gin.Context, who session.Who, action, subject string, back *Undo) {
	e := a.act(who, action, subject)
	if back != nil {
		e.Undo = jsonOf(back)
	}
	a.record(c.Request.Context(), e)
}

// mediaOf finds what an admin wants to add. The catalog's title and length count before the request's.
func (a *API) mediaOf(x extra) (sdk.Media, error) {
	var m sdk.Media
	if x.DurationSeconds < 0 || x.DurationSeconds > secondsMax || len(x.Title) > mediaMax {
		return m, fault.New(fault.Invalid, "“duration_seconds” is a whole number of seconds.")
	}
	switch {
	case x.Media != nil && x.Ref == "":
		if x.Media.Type == "" || x.Media.ID == "" || len(x.Media.Type) > nameMax || len(x.Media.ID) > mediaMax {
			return m, fault.New(fault.Invalid, "“media” has a type and an id.")
		}
		m = sdk.Media{Type: x.Media.Type, ID: x.Media.ID, Title: x.Title, DurationMS: x.DurationSeconds * 1000}
		if t, known := a.Titles.Title(m.Key()); known {
			return t.Media, nil
		}
	case x.Media == nil && strings.TrimSpace(x.Ref) != "" && len(x.Ref) <= mediaMax:
		items, problems := a.Editor.ParseList(strings.TrimSpace(x.Ref))
		if len(problems) > 0 {
			return m, fault.New(fault.Invalid, problems[0].Sentence+" Choose a title from the list, or paste a link or type:id.")
		}
		if len(items) != 1 {
			return m, fault.New(fault.Invalid, "Name one title: a link, or type:id.")
		}
		m = items[0].Media
	default:
		return m, fault.New(fault.Invalid, "Say what to add: “media” with type and id, or “ref” with a link.")
	}
	if m.Title == "" {
		m.Title = m.Type + ":" + m.ID
	}
	return m, nil
}

// spot reads a place; otherwise is what it is when none is named, empty: one must be.
func (b spotBody) spot(otherwise string) (station.Spot, error) {
	switch {
	case b.After > 0 && b.Before == 0 && b.To == "":
		return station.Spot{Where: station.After, Entry: shadow.EntryID(b.After)}, nil
	case b.Before > 0 && b.After == 0 && b.To == "":
		return station.Spot{Where: station.Before, Entry: shadow.EntryID(b.Before)}, nil
	case b.After == 0 && b.Before == 0 && (b.To == station.Top || b.To == station.End):
		return station.Spot{Where: b.To}, nil
	case b == (spotBody{}) && otherwise != "":
		return station.Spot{Where: otherwise}, nil
	}
	return station.Spot{}, fault.New(fault.Invalid, "Name one place: “after” or “before” with an entry id, or “to” with “top” or “end”.")
}

// movedBack puts a title back where it stands now.
func movedBack(v *station.View, id shadow.EntryID) *Undo {
	if at, ok := placeOf(v, id); ok {
		return &Undo{Method: http.MethodPost, Path: entryPath(id, "/move"), Body: at}
	}
	return nil
}

// removedBack adds again what nobody paid for and no rule placed, where it stands now.
func removedBack(v *station.View, id shadow.EntryID) *Undo {
	e := v.Shadow.Find(id)
	if e == nil || e.Role != shadow.Content || e == v.Shadow.OnAir() {
		return nil
	}
	at, ok := placeOf(v, id)
	if !ok {
		return nil
	}
	return &Undo{Method: http.MethodPost, Path: "/api/v1/admin/queue", Body: extra{Media: &live.MediaJSON{Type: e.Media.Type, ID: e.Media.ID},
		Title: e.Media.Title, DurationSeconds: seconds(e.Media.DurationMS), Temp: &e.Temp, spotBody: at}}
}

// placeOf names an entry's place by a neighbour that is likely to stay: the title before it, or the one behind it where
// only what is on the air comes before.
func placeOf(v *station.View, id shadow.EntryID) (spotBody, bool) {
	at := v.Shadow.Place(id)
	if at < 0 {
		return spotBody{}, false
	}
	for i := at - 1; i > 0; i-- {
		if e := v.Shadow.At(i); !e.Role.Promo() {
			return spotBody{After: int64(e.ID)}, true
		}
	}
	for i := at + 1; i < v.Shadow.Len(); i++ {
		if e := v.Shadow.At(i); !e.Role.Promo() {
			return spotBody{Before: int64(e.ID)}, true
		}
	}
	return spotBody{To: station.Top}, true
}

func subjectOf(v *station.View, id shadow.EntryID) string {
	if e := v.Shadow.Find(id); e != nil {
		return called(e.Media.Title)
	}
	return fmt.Sprintf("Entry %d", id)
}

func placeWords(to station.Spot) string {
	switch to.Where {
	case station.Top:
		return " to the top"
	case station.End:
		return " to the end"
	default:
		return ""
	}
}

func entryPath(id shadow.EntryID, more string) string {
	return fmt.Sprintf("/api/v1/admin/queue/%d%s", id, more)
}

func called(title string) string { return "“" + title + "”" }
