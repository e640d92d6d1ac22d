package main

import (
	"context"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"playbill/core/library"
	"playbill/core/pay"
	"playbill/core/till"
	"playbill/sdk"
)

// The shape of the demo's programme: groups of shorts with a film behind them, so that a promo falls due before the first
// film and the film has its lead-in.
const (
	groups         = 5
	shortsPerGroup = 3
	openerFrom     = 9 * time.Minute // the first title leaves time for the first purchases
)

// project fills an empty list, as a moderator would: some titles at once, the rest at the pace that a channel allows.
func (h *host) project(ctx context.Context) {
	if h.station.View().Shadow.Len() > 0 {
		return // it goes on where it was
	}
	if err := h.room.Join(projectionist, moderator); err != nil {
		h.log.Error("nobody fills the list", "error", err)
		return
	}
	hand := h.room.As(projectionist)
	for i, m := range h.programme() {
		if i >= addsAtOnce && !pause(ctx, addPause) {
			return
		}
		if err := hand.Add(m, false, false); err != nil {
			h.log.Debug("a title was not added to the list", "title", m.Title, "error", err)
		}
	}
	if err := h.room.Save(); err != nil { // a crash goes back to the whole programme
		h.log.Warn("the list was not saved", "error", err)
	}
}

// programme is the same every time: chance with a fixed seed.
func (h *host) programme() []sdk.Media {
	chance := rand.New(rand.NewPCG(1895, 1926))
	draw := func(from, to time.Duration) []library.Title {
		titles := h.showable(from, to)
		chance.Shuffle(len(titles), func(i, j int) { titles[i], titles[j] = titles[j], titles[i] })
		return titles
	}
	var list []sdk.Media
	openers, shorts, films := draw(openerFrom, longest), draw(shortest, openerFrom-time.Millisecond), draw(filmsFrom, filmsTo)
	next := func(from *[]library.Title) {
		if len(*from) > 0 {
			list = append(list, (*from)[0].Media)
			*from = (*from)[1:]
		}
	}
	for range groups {
		next(&openers)
		for range shortsPerGroup - 1 {
			next(&shorts)
		}
		next(&films)
	}
	return list
}

// The lengths of what the welcome suggests to buy: shorter than what anybody else takes.
const (
	suggestFrom = time.Minute
	suggestTo   = shortest - time.Millisecond
)

// suggestion is a title that a visitor can buy, and what it costs one with a token.
func (h *host) suggestion(ctx context.Context) (query string, m sdk.Media, price int64) {
	titles := h.showable(suggestFrom, suggestTo)
	if len(titles) == 0 {
		return "", sdk.Media{}, 0
	}
	m = titles[len(titles)/2].Media
	visitor := till.Actor{Key: "visitor", Name: "visitor", Token: true, RankTenths: viewerRank}
	quote, err := h.till.Quote(ctx, visitor, m.Key(), pay.Queue)
	if err != nil {
		h.log.Warn("no price for the welcome", "error", err)
	}
	return url.Values{"type": {m.Type}, "id": {m.ID}, "tier": {pay.Queue}}.Encode(), m, int64(quote.Price)
}

// self is how whoever reads the welcome calls this program.
func self() string {
	exe, err := os.Executable()
	if err != nil || strings.Contains(filepath.ToSlash(exe), "/go-build") {
		return "go run ./cmd/playbill"
	}
	return shell(os.Args[0])
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./@%+=:,-]+$`)

// shell quotes a word for a POSIX shell where it needs quotes.
func shell(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
