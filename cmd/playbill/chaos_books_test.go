package main

import (
	"path/filepath"
	"strings"

	"playbill/core/asrun"
	"playbill/core/channel"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/core/shadow"
	"playbill/core/store"
)

// audit holds the books against what everybody was told and against what the server says was on the air. No host runs.
func (c *chaos) audit() {
	db, err := store.Open(c.Context(), store.Options{Path: filepath.Join(c.dir, "playbill.db")})
	if err != nil {
		c.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			c.Error(err)
		}
	}()
	books := db.Read("films")
	var all []pay.Purchase
	for _, p := range c.people {
		got, err := books.HistoryOf(c.Context(), channel.UserKey(p.name), 0, "")
		if err != nil {
			c.Fatal(err)
		}
		c.auditAnswers(p, got)
		c.auditPurse(p, books, got)
		all = append(all, got...)
	}
	rows, err := allRuns(c, books)
	if err != nil {
		c.Fatal(err)
	}
	c.auditAirings(all, rows)
}

// auditAnswers: what was sold is what was answered, under its key, at its price; nothing else was.
func (c *chaos) auditAnswers(p *customer, got []pay.Purchase) {
	told := map[string]answer{}
	for _, a := range p.answers {
		told[a.id] = a
	}
	for _, one := range got {
		a, asked := told[one.ID]
		if !asked || a.key != one.RequestKey || a.price != one.Price || a.media != one.Media.Key() {
			c.Errorf("%s has a purchase that was not asked for: %+v, answered %+v", p.name, one, a)
		}
		delete(told, one.ID)
		if !one.State.Final() {
			c.Errorf("purchase %s of %s is %s in the end", one.ID, p.name, one.State)
		}
		c.bought++
		if one.State == pay.Settled {
			c.settled++
		} else {
			c.refunded++
			c.reasons[one.Reason]++
		}
	}
	for id, a := range told {
		c.Errorf("%s was told of purchase %s, which is not in the books (%+v)", p.name, id, a)
	}
}

// auditPurse: somebody has what they were given and have earned, less what was settled or is held.
func (c *chaos) auditPurse(p *customer, books *store.Reader, got []pay.Purchase) {
	want, earned := c.given[p.name], map[string]bool{}
	for before := int64(0); ; {
		page, err := books.Statement(c.Context(), p.name, 1000, before)
		if err != nil {
			c.Fatal(err)
		}
		for _, t := range page.Lines {
			before = t.Seq
			if t.Kind == ledger.Earn || t.Kind == ledger.Grant && strings.HasPrefix(t.Key, "welcome:") {
				want += t.Amount
				if earned[t.Key] {
					c.Errorf("%s was paid twice for %s", p.name, t.Key)
				}
				earned[t.Key] = true
			}
		}
		if !page.More {
			break
		}
	}
	for _, one := range got {
		if one.State != pay.Refunded {
			want -= one.Price
		}
	}
	if have, err := books.Balance(c.Context(), p.name); err != nil || have != want {
		c.Errorf("%s has %d coins, want %d (%v)", p.name, have, want, err)
	}
}

// auditAirings: what the server played of ours was sold, once for each time, and the log says so. Of what happened to an
// item while no host looked the log may be inferred, and in doubt the viewer has the coins back.
func (c *chaos) auditAirings(all []pay.Purchase, rows []asrun.Row) {
	aired, sold, logged, inferred, doubted := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for _, d := range c.server.Aired() {
		if d.Item.Temp && channel.Fold(d.Item.AddedBy) == "playbill" {
			aired[d.Item.Media.ID]++
		}
	}
	if on, ok := c.server.OnAir(); ok && on.Temp && channel.Fold(on.AddedBy) == "playbill" {
		aired[on.Media.ID]++
	}
	for _, p := range all {
		switch {
		case p.State == pay.Settled:
			sold[p.Media.ID]++
		case p.Reason == pay.Lost && c.unseen(p.BoughtAtMS, p.EndedAtMS):
			doubted[p.Media.ID]++
		}
	}
	for _, r := range rows {
		if r.Role != string(shadow.Paid) {
			continue
		}
		logged[r.MediaID]++
		if !r.Observed {
			inferred[r.MediaID]++
			c.inferred++
		}
	}
	for _, m := range c.titles {
		n, s := aired[m.ID], sold[m.ID]
		c.aired += n
		if n > s+doubted[m.ID] {
			c.Errorf("%s was played %d times and sold %d times, %d in doubt", m.ID, n, s, doubted[m.ID])
		}
		if n > s {
			c.doubted += n - s
		}
		if n < s-inferred[m.ID] {
			c.Errorf("%s was sold %d times and played %d times, %d inferred", m.ID, s, n, inferred[m.ID])
		}
		if logged[m.ID] != s {
			c.Errorf("%s is logged as paid %d times and sold %d times", m.ID, logged[m.ID], s)
		}
	}
}

// unseen reports whether there was a time between two instants in which no host looked.
func (c *chaos) unseen(from, to int64) bool {
	for _, b := range c.blind {
		if b.from <= to && from <= b.to {
			return true
		}
	}
	return false
}

func allRuns(c *chaos, books *store.Reader) (all []asrun.Row, err error) {
	seen := map[int64]bool{}
	for before := int64(0); ; {
		page, err := books.Asrun(c.Context(), 1000, before)
		if err != nil {
			return nil, err
		}
		fresh := 0
		for _, r := range page {
			if !seen[r.RunID] {
				seen[r.RunID], fresh = true, fresh+1
				all = append(all, r)
			}
			before = r.StartedAtMS + 1 // others may have begun in the same millisecond
		}
		if fresh == 0 {
			return all, nil
		}
	}
}
