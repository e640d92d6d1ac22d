package station_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/station"
	"playbill/core/store"
	"playbill/core/till"
	"playbill/sdk"
)

// rig is the part of a world with which scripts bring about doubt, rivals and crashes.
type rig struct {
	onPoint func(point string) // told of every failpoint that is passed
	dead    atomic.Bool        // what this world still sends does not reach the channel
	every   time.Duration      // the driver polls so often; 0: it is told
	rivals  []*store.DB
	spy     func(channel.Update) // told of every state that a connection takes from the channel
}

// shut says whether the station has ended by itself, what is closed, and who counts as away for how long.
func (w *world) shut(v *station.View) (lines []string) {
	select {
	case err := <-w.ended:
		lines = append(lines, fmt.Sprintf("ended   %s", fault.Of(err).Code))
		w.ended <- err
	default:
	}
	if why := v.Closed(); why != nil {
		lines = append(lines, "closed  "+string(why.Code))
	}
	if v.Gate.PayClosed {
		lines = append(lines, "closed  "+v.Gate.Code)
	}
	for _, c := range v.Clocks {
		lines = append(lines, fmt.Sprintf("away    %s %ds (%s)", c.Owner, c.AwayMS/1000, c.Plugin))
	}
	return lines
}

// doubt: "fault degraded|down|well", "fault lookup_ends", "fault missing p 1" (so many polls do not show it).
func (w *world) doubt(args []string) error {
	defer w.settle()
	switch args[0] {
	case "lookup_ends":
		w.fault.LookupFails(nil)
	case "degraded":
		w.fault.Sick(channel.Degraded, "The channel is being read again.")
	case "down":
		w.fault.Sick(channel.Down, "The connection is gone.")
	case "well":
		w.fault.Well()
	case "missing":
		n, err := strconv.Atoi(args[2])
		w.line.poll.miss(args[1], n)
		return err
	}
	return nil
}

// refusal notes that what somebody asked for could not be written.
func (w *world) refusal(verb string, err error) error {
	if fault.Is(err, fault.Journal) {
		w.log.add("refused", "%s: %s", verb, fault.Journal)
		return nil
	}
	return err
}

// hold holds the money, unless the disk is full: the store's own answer to that is the same.
func (w *world) hold(o till.Order, decide func(pay.Facts) pay.Quote) (till.Held, error) {
	if w.diskFull() {
		return till.Held{}, errDisk
	}
	return w.book.Hold(context.Background(), o, now(), decide)
}

// doRival is another host on the same database: "rival claims" while the lock file is held, "rival takes" where the file
// system has lost it; "rival again" is this host, a second time.
func (w *world) doRival(args []string) error {
	defer w.settle()
	db, ctx, path := w.db, context.Background(), filepath.Join(w.dir, "playbill.db")
	if args[0] == "takes" {
		if err := os.Remove(path + ".hall.lock"); err != nil {
			return err
		}
	}
	if args[0] != "again" {
		var err error
		if db, err = store.Open(ctx, store.Options{Path: path}); err != nil {
			return err
		}
		w.rivals = append(w.rivals, db)
	}
	if _, err := db.Claim(ctx, "hall", "rival"); err != nil {
		w.log.add("refused", "the rival: %s", fault.Of(err).Code)
		return nil
	}
	w.log.add("again", "the rival has the channel")
	return nil
}

// mayFail reports whether this is how a station ends that a rival has replaced.
func (w *world) mayFail(err error) bool {
	if len(w.rivals) > 0 && fault.Is(err, fault.Fenced) {
		return true
	}
	return w.dead.Load()
}

// poll is a connection that reads the list every so often: it sees neither what left between two reads nor that
// something is certainly gone.
type poll struct {
	every  time.Duration
	mu     sync.Mutex
	hidden string // media that the next reads do not show
	times  int
}

func (c *connection) read() {
	every := time.NewTicker(c.poll.every)
	defer every.Stop()
	var newest *channel.Update
	for {
		select {
		case <-c.stop:
			return
		case u, open := <-c.Channel.Updates():
			if !open {
				return
			}
			u.Over, u.Left, u.Certain, u.Whole = max(u.Over-c.base, -1), nil, false, false
			newest = &u
			continue
		case <-every.C:
		}
		if newest == nil {
			continue
		}
		u := c.poll.shown(*newest)
		u.Gap, c.first = c.first, false
		select {
		case c.out <- u:
		case <-c.stop:
			return
		}
	}
}

// miss makes the next reads not show a media.
func (p *poll) miss(id string, times int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hidden, p.times = id, times
}

func (p *poll) shown(u channel.Update) channel.Update {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.times == 0 {
		return u
	}
	p.times--
	list, current := u.List, u.Current
	u.List, u.Current = nil, -1
	for i, it := range list {
		if it.Media.ID == p.hidden {
			continue
		}
		if i == current {
			u.Current = len(u.List)
		}
		u.List = append(u.List, it)
	}
	return u
}

// minded is what a trigger says under its mode: "unsure" about everybody, "patient" with a grace of its own.
func (p *plugins) minded(plugin string, v sdk.Verdicts) sdk.Verdicts {
	for i := range v.Away {
		switch p.is(plugin) {
		case "unsure":
			v.Away[i].Unsure = true
		case "patient":
			v.Away[i].GraceMS = 150_000
		}
	}
	return v
}
