package api

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/core/asrun"
	"playbill/core/fault"
	"playbill/core/shadow"
	"playbill/web/live"
	"playbill/web/session"
)

// airing is one row of the as-run log.
type airing struct {
	RunID           int64          `json:"run_id"`
	EntryID         int64          `json:"entry_id"`
	Role            string         `json:"role"`
	PromoType       *string        `json:"promo_type"`
	Media           live.MediaJSON `json:"media"`
	Title           string         `json:"title"`
	DurationSeconds int64          `json:"duration_seconds"`
	PlannedAt       *string        `json:"planned_at"`
	StartedAt       *string        `json:"started_at"`
	EndedAt         *string        `json:"ended_at"` // null: on the air
	AiredSeconds    int64          `json:"aired_seconds"`
	Counted         bool           `json:"counted"` // by the cadence
	How             *string        `json:"how"`
	ByWhom          *string        `json:"by_whom"`
	PeopleStart     *int           `json:"people_start"` // null: not known
	PeopleEnd       *int           `json:"people_end"`
	DecisionID      *int64         `json:"decision_id"`
	Observed        bool           `json:"observed"` // false: inferred, it happened while we were down
}

// decision is why a promo was planned, placed or left out.
type decision struct {
	ID               int64       `json:"id"`
	At               *string     `json:"at"`
	EventID          string      `json:"event_id"`
	Hook             string      `json:"hook"`
	Target           *int64      `json:"target"` // entry id
	Rule             string      `json:"rule"`
	Outcome          string      `json:"outcome"`
	PromoType        *string     `json:"promo_type"`
	Plugin           *string     `json:"plugin"`
	Clip             *string     `json:"clip"`
	Reason           *string     `json:"reason"`
	Candidates       []candidate `json:"candidates"`
	Clips            []candidate `json:"clips"` // of their pools, that were not eligible
	SettingsRevision uint64      `json:"settings_revision"`
	Sentence         string      `json:"sentence"`
	Seed             string      `json:"seed"` // 64 bits, more than a number in JSON keeps
}

// candidate is one type or clip that was considered.
type candidate struct {
	PromoType string  `json:"promo_type"`
	Plugin    *string `json:"plugin"`
	Clip      *string `json:"clip"`
	Weight    int64   `json:"weight"`
	Rejected  *string `json:"rejected"` // null: it won
	Note      *string `json:"note"`
}

// GetAsrun pages through what really aired, newest first. before is the started_at_ms of the page before: next_before.
func (a *API) GetAsrun(c *gin.Context, _ session.Who) error {
	limit, before, err := page(c)
	if err != nil {
		return err
	}
	rows, err := a.Books.Asrun(c.Request.Context(), limit, before)
	if err != nil {
		return err
	}
	out, next := make([]airing, len(rows)), int64(0)
	for i, r := range rows {
		out[i] = airingOf(r)
		next = r.StartedAtMS
	}
	return send(c, http.StatusOK, gin.H{"asrun": out, "next_before": more(next, len(rows) == limit)})
}

// GetDecisions pages through why promos were or were not placed, newest first. before is an id: next_before.
func (a *API) GetDecisions(c *gin.Context, _ session.Who) error {
	limit, before, err := page(c)
	if err != nil {
		return err
	}
	rows, err := a.Books.Decisions(c.Request.Context(), limit, before)
	if err != nil {
		return err
	}
	out, next := make([]decision, len(rows)), int64(0)
	for i, d := range rows {
		out[i] = decisionOf(d)
		why := a.WhyOf(d, a.TitleOnList(d.Target))
		out[i].Sentence = strings.TrimSpace(SentenceOf(why.Head) + " " + why.Because)
		next = d.ID
	}
	return send(c, http.StatusOK, gin.H{"decisions": out, "next_before": more(next, len(rows) == limit)})
}

// TitleOnList is the title of an entry that is still there; empty when it is not.
func (a *API) TitleOnList(id int64) string {
	if e := a.Floor.View().Shadow.Find(shadow.EntryID(id)); e != nil {
		return e.Media.Title
	}
	return ""
}

func page(c *gin.Context) (limit int, before int64, err error) {
	n, err := number(c, "limit", pageDefault, 1, pageMax)
	if err != nil {
		return 0, 0, err
	}
	if text := c.Query("before"); text != "" {
		if before, err = strconv.ParseInt(text, 10, 64); err != nil || before < 1 {
			return 0, 0, fault.New(fault.Invalid, "“before” is the next_before of the page before this one.")
		}
	}
	return int(n), before, nil
}

// more is where the next page begins; null when this one was the last.
func more(next int64, full bool) *int64 {
	if !full {
		return nil
	}
	return orNull(next)
}

func airingOf(r asrun.Row) airing {
	return airing{RunID: r.RunID, EntryID: r.Entry, Role: r.Role, PromoType: orNull(r.PromoType), Media: live.MediaJSON{Type: r.MediaType, ID: r.MediaID},
		Title: r.Title, DurationSeconds: seconds(r.LengthMS), PlannedAt: instant(r.PlannedAtMS), StartedAt: instant(r.StartedAtMS),
		EndedAt: instant(r.EndedAtMS), AiredSeconds: seconds(r.AiredMS), Counted: r.Counted, How: orNull(r.How), ByWhom: orNull(r.ByWhom),
		PeopleStart: people(r.PeopleStart), PeopleEnd: people(r.PeopleEnd), DecisionID: orNull(r.Decision), Observed: r.Observed}
}

func people(n int) *int {
	if n < 0 {
		return nil
	}
	return &n
}

func decisionOf(d asrun.Decision) decision {
	return decision{ID: d.ID, At: instant(d.AtMS), EventID: d.EventID, Hook: d.Hook, Target: orNull(d.Target), Rule: d.Rule, Outcome: d.Outcome,
		PromoType: orNull(d.Detail.PromoType), Plugin: orNull(d.Detail.Plugin), Clip: orNull(d.Detail.Clip), Reason: orNull(d.Detail.Reason),
		Candidates: candidatesOf(d.Detail.Candidates), Clips: candidatesOf(d.Detail.Clips),
		SettingsRevision: d.SettingsRev, Seed: strconv.FormatUint(d.Seed, 10)}
}

func candidatesOf(all []asrun.Candidate) []candidate {
	out := make([]candidate, len(all))
	for i, k := range all {
		out[i] = candidate{k.PromoType, orNull(k.Plugin), orNull(k.Clip), k.Weight, orNull(k.Rejected), orNull(k.Note)}
	}
	return out
}
