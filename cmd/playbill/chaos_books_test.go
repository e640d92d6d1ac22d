package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

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
	aired, bought := map[string][]channel.Departure{}, map[string][]pay.Purchase{}
	for _, d := range c.server.Aired() {
		if !d.Item.Temp || channel.Fold(d.Item.AddedBy) != "playbill" {
			continue
		}
		all := aired[d.Item.Media.ID]
		if n := len(all); n > 0 && all[n-1].Item.UID == d.Item.UID && all[n-1].Epoch == d.Epoch {
			continue // it was started once more by a jump to itself: one item, one sale
		}
		aired[d.Item.Media.ID] = append(all, d)
	}
	for _, p := range all {
		bought[p.Media.ID] = append(bought[p.Media.ID], p)
	}
	logged, inferred := map[string]int{}, map[string]int{}
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
		c.aired += len(aired[m.ID])
		free, sold, unplayed := c.match(aired[m.ID], bought[m.ID])
		for _, d := range free {
			if c.unseen(d.AtMS-d.PlayedMS, d.AtMS-d.PlayedMS) {
				c.doubted++
				continue
			}
			c.Errorf("%s was on the air from %s for %d ms, and nobody paid:%s", m.ID, clockOf(d.AtMS-d.PlayedMS), d.PlayedMS,
				c.story(aired[m.ID], bought[m.ID], d.AtMS))
		}
		if unplayed > inferred[m.ID] {
			c.Errorf("%s was sold %d times without an airing, %d inferred:%s", m.ID, unplayed, inferred[m.ID], c.story(aired[m.ID], bought[m.ID], 0))
		}
		if logged[m.ID] != sold {
			c.Errorf("%s is logged as paid %d times and sold %d times:%s", m.ID, logged[m.ID], sold, c.story(aired[m.ID], bought[m.ID], 0))
		}
	}
}

// match gives each sale its airing: the last one that began before it was settled. free are the airings that are left.
func (c *chaos) match(aired []channel.Departure, bought []pay.Purchase) (free []channel.Departure, sold, unplayed int) {
	free = slices.Clone(aired)
	slices.SortFunc(bought, func(a, b pay.Purchase) int { return cmp.Compare(a.EndedAtMS, b.EndedAtMS) })
	for _, p := range bought {
		if p.State != pay.Settled {
			continue
		}
		sold++
		found := -1
		for i, d := range free {
			if began := d.AtMS - d.PlayedMS; p.BoughtAtMS <= began && began <= p.EndedAtMS {
				found = i
			}
		}
		if found < 0 {
			unplayed++
			continue
		}
		free = slices.Delete(free, found, found+1)
	}
	return free, sold, unplayed
}

// story is what happened to one title around an instant, for whoever has to find out why; 0: all of it.
func (c *chaos) story(aired []channel.Departure, bought []pay.Purchase, aroundMS int64) string {
	var lines []string
	near := func(atMS int64) bool { return aroundMS == 0 || max(atMS-aroundMS, aroundMS-atMS) < 60_000 }
	for _, d := range aired {
		if near(d.AtMS) {
			lines = append(lines, fmt.Sprintf("%s aired for %d ms, %s", clockOf(d.AtMS-d.PlayedMS), d.PlayedMS, d.How))
		}
	}
	for _, p := range bought {
		if near(p.EndedAtMS) {
			lines = append(lines, fmt.Sprintf("%s bought by %s as entry %d, %s %s at %s", clockOf(p.BoughtAtMS), p.BuyerName, p.Entry, p.State,
				p.Reason, clockOf(p.EndedAtMS)))
		}
	}
	for _, b := range c.blind {
		if near(b.to) {
			lines = append(lines, fmt.Sprintf("%s blind until %s", clockOf(b.from), clockOf(b.to)))
		}
	}
	slices.Sort(lines)
	return "\n\t" + strings.Join(lines, "\n\t")
}

func clockOf(atMS int64) string { return time.UnixMilli(atMS).UTC().Format("15:04:05.000") }

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
