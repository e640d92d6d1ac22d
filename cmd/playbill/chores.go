package main

import (
	"context"
	"path/filepath"
	"time"

	"playbill/core/channel"
	"playbill/core/keeper"
	"playbill/core/till"
)

// startChores takes back what blocked accounts have pending, and starts what goes on beside the station: the night's work,
// and pay for being there. Both end before the station does.
func (h *host) startChores(ctx context.Context) error {
	own, end := context.WithCancel(context.WithoutCancel(ctx)) // close ends it, through h.end
	endStation := h.end
	h.end = func() {
		end()
		endStation()
	}
	if err := h.till.WithdrawBlocked(ctx); err != nil {
		h.log.Error("what blocked accounts have pending could not be taken back", "error", err)
	}
	h.keeper = keeper.New(keeper.Options{Books: h.books, Dir: filepath.Join(h.conf.DataDir, "backups"), Zone: h.conf.Location(),
		Logger: h.log.Named("keeper")})
	if s := h.abroad.syncer; s != nil {
		h.chore("mediacms", func() { s.Run(own) })
	}
	h.chore("library", func() { h.notePlayed(own) })
	h.chore("release", func() { h.release(own) })
	h.chore("rotation", func() { h.rotate(own) })
	h.chore("keeper", func() { h.keeper.Run(own) })
	opened := time.Now()
	earner := till.NewEarner(till.EarnOptions{Book: h.books, View: h.station.View, Rules: h.live.Pay, Now: nowMS, Wage: h.live.Earn,
		Steady: func() int64 { return channel.Steady(opened, time.Now()) },
		Report: func(what string, err error) { h.log.Error(what, "error", err) }})
	h.chore("earner", func() { earner.Run(own) })
	return nil
}

// chore runs until it ends by itself. Its panic is reported and ends nothing but it.
func (h *host) chore(name string, run func()) {
	h.running.Go(func() { // ends with the context of startChores; close waits
		_ = h.guarded(name, func() error { run(); return nil }) // the panic is in the log, and the channel goes on
	})
}
