package api

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/sdk"
	"playbill/web/session"
)

// tariff is the pay and the earn block, with the names that the file has. A PUT takes the whole object.
type tariff struct {
	Pay  payBlock  `json:"pay"`
	Earn earnBlock `json:"earn"`
}

type payBlock struct {
	Enabled         bool            `json:"enabled"`
	Price           []priceBlock    `json:"price"`
	Multiplier      int64           `json:"playnext_multiplier"`
	Discount        []discountBlock `json:"discount"`
	DailyLimit      int             `json:"daily_limit"` // 0: none, as below
	CooldownSeconds int64           `json:"cooldown_seconds"`
	PendingLimit    int             `json:"pending_limit"`
	QueueRank       float64         `json:"queue_rank"` // one decimal place, as all ranks
	PlayNextRank    float64         `json:"playnext_rank"`
	AdminRank       float64         `json:"admin_rank"`
	ForcePlayRank   float64         `json:"force_play_rank"`
	Blackout        []blackoutBlock `json:"blackout"`
	NotifyUser      bool            `json:"notify_user"`
}

type priceBlock struct {
	UpToSeconds *int64       `json:"up_to_seconds"` // null: any longer length
	Coins       ledger.Coins `json:"coins"`
}

type discountBlock struct {
	Rank    float64 `json:"rank"`
	Percent int64   `json:"percent"`
}

type blackoutBlock struct {
	Cron   string  `json:"cron"`
	Hours  float64 `json:"hours"`
	Reason string  `json:"reason"`
}

type earnBlock struct {
	Enabled         bool         `json:"enabled"`
	IntervalSeconds int64        `json:"interval_seconds"`
	Coins           ledger.Coins `json:"coins"`
	Welcome         ledger.Coins `json:"welcome"`
}

// tariffSaved is the answer to a PUT.
type tariffSaved struct {
	Tariff    tariff  `json:"tariff"`
	Persisted bool    `json:"persisted"`
	Reason    *string `json:"reason"` // when not persisted
	Undo      *Undo   `json:"undo"`
	Sentence  string  `json:"sentence"`
}

// priced is what lengths would cost, before and after a change.
type priced struct {
	Lengths  []example      `json:"lengths"`
	Problems []FieldProblem `json:"problems"` // what would be refused
}

// example is one length. Prices are without a discount.
type example struct {
	Seconds      int64        `json:"seconds"`
	Queue        ledger.Coins `json:"queue"`
	PlayNext     ledger.Coins `json:"playnext"`
	QueueThen    ledger.Coins `json:"queue_then"`
	PlayNextThen ledger.Coins `json:"playnext_then"`
}

// GetPay returns the pay and earn blocks, with their revision as ETag.
func (a *API) GetPay(c *gin.Context, _ session.Who) error {
	rules := a.Settings.Pay()
	c.Header("ETag", etag(rules.Revision))
	return send(c, http.StatusOK, tariffOf(rules, a.Money.Tariff.Earn()))
}

// PutPay replaces them. With If-Match it is refused as changed when somebody was first.
func (a *API) PutPay(c *gin.Context, who session.Who) error {
	var body tariff
	if err := decode(c, bodyMax, &body); err != nil {
		return err
	}
	old := tariffOf(a.Settings.Pay(), a.Money.Tariff.Earn())
	rev, err := matched(c, a.Settings.Pay().Revision)
	if err != nil {
		return err
	}
	rules, wage, err := body.read()
	if err != nil {
		return err
	}
	if rules.AdminRank > who.RankTenths {
		return refused(sdk.Problem{Pointer: "/pay/admin_rank", Sentence: fmt.Sprintf("Your own rank is %s: you would lock yourself out of these pages.", rankWords(who.RankTenths))})
	}
	saved, err := a.Money.Tariff.SavePay(c.Request.Context(), rev, rules, wage)
	if err != nil {
		return err
	}
	now := tariffOf(a.Settings.Pay(), a.Money.Tariff.Earn())
	e := a.act(who, "pay.config", "prices and earning")
	e.Before, e.After, e.Undo = jsonOf(old), jsonOf(now), jsonOf(undo{Do: undoPay})
	id := a.record(c.Request.Context(), e)
	out := tariffSaved{Tariff: now, Persisted: saved.Persisted, Reason: orNull(saved.Reason), Sentence: "Saved. The next request pays these prices."}
	if !saved.Persisted {
		out.Sentence = saved.Reason
	}
	if id != 0 {
		out.Undo = undoRequest(id)
	}
	c.Header("ETag", etag(saved.Revision))
	return send(c, http.StatusOK, out)
}

// PostPayExamples says what titles would cost under settings that are not saved, beside what they cost now.
func (a *API) PostPayExamples(c *gin.Context, _ session.Who) error {
	var body tariff
	if err := decode(c, bodyMax, &body); err != nil {
		return err
	}
	now := a.Settings.Pay()
	then, problems := body.Pay.rules()
	if len(problems) > 0 {
		then = now
	}
	out := priced{Lengths: []example{}, Problems: problems}
	for _, seconds := range ExampleLengths() {
		one := example{Seconds: seconds}
		one.Queue, one.PlayNext = now.ListPrice(seconds*1000, pay.Queue), now.ListPrice(seconds*1000, pay.PlayNext)
		one.QueueThen, one.PlayNextThen = then.ListPrice(seconds*1000, pay.Queue), then.ListPrice(seconds*1000, pay.PlayNext)
		out.Lengths = append(out.Lengths, one)
	}
	return send(c, http.StatusOK, out)
}

// ExampleLengths are lengths, in seconds, for which prices are shown: a clip, shorts, an episode, films.
func ExampleLengths() []int64 { return []int64{240, 900, 1440, 2700, 3600, 5400, 7800} }

func tariffOf(r pay.Rules, w pay.Wage) tariff {
	out := tariff{Pay: payBlock{Enabled: r.Enabled, Price: []priceBlock{}, Multiplier: r.Multiplier, Discount: []discountBlock{}, DailyLimit: r.DailyLimit,
		CooldownSeconds: r.CooldownMS / 1000, PendingLimit: r.Pending, QueueRank: units(r.QueueRank), PlayNextRank: units(r.NextRank),
		AdminRank: units(r.AdminRank), ForcePlayRank: units(r.ForceRank), Blackout: []blackoutBlock{}, NotifyUser: r.NotifyUser},
		Earn: earnBlock{w.Enabled, w.IntervalMS / 1000, w.Coins, w.Welcome}}
	for _, p := range r.Prices {
		out.Pay.Price = append(out.Pay.Price, priceBlock{orNull(p.UpToMS / 1000), p.Coins})
	}
	for _, d := range r.Discounts {
		out.Pay.Discount = append(out.Pay.Discount, discountBlock{units(d.RankTenths), d.Percent})
	}
	for _, b := range r.Blackouts {
		out.Pay.Blackout = append(out.Pay.Blackout, blackoutBlock{b.Cron, float64(b.ForMS) / hourMS, b.Reason})
	}
	return out
}

// read returns the settings that the body asks for. fault.Invalid with Problems: they cannot run.
func (t tariff) read() (pay.Rules, pay.Wage, error) {
	rules, problems := t.Pay.rules()
	if len(problems) > 0 {
		return rules, pay.Wage{}, fault.Wrap(Problems(problems), fault.Invalid, problems[0].Sentence)
	}
	if t.Earn.IntervalSeconds < 0 || t.Earn.IntervalSeconds > secondsMax {
		return rules, pay.Wage{}, refused(sdk.Problem{Pointer: "/earn/interval_seconds", Sentence: "The interval is from 1 second to a day."})
	}
	return rules, pay.Wage{Enabled: t.Earn.Enabled, IntervalMS: t.Earn.IntervalSeconds * 1000, Coins: t.Earn.Coins, Welcome: t.Earn.Welcome}, nil
}

// rules reads the pay block, and says what is wrong with it.
func (b payBlock) rules() (pay.Rules, []FieldProblem) {
	r := pay.Rules{Enabled: b.Enabled, Multiplier: b.Multiplier, DailyLimit: b.DailyLimit, CooldownMS: milli(b.CooldownSeconds), Pending: b.PendingLimit,
		QueueRank: tenths(b.QueueRank), NextRank: tenths(b.PlayNextRank), AdminRank: tenths(b.AdminRank), ForceRank: tenths(b.ForcePlayRank), NotifyUser: b.NotifyUser}
	for _, p := range b.Price {
		step := pay.PriceStep{Coins: p.Coins}
		if p.UpToSeconds != nil {
			if step.UpToMS = milli(*p.UpToSeconds); step.UpToMS == 0 {
				step.UpToMS = -1 // 0 would be no limit
			}
		}
		r.Prices = append(r.Prices, step)
	}
	for _, d := range b.Discount {
		r.Discounts = append(r.Discounts, pay.Discount{RankTenths: tenths(d.Rank), Percent: d.Percent})
	}
	for _, one := range b.Blackout {
		r.Blackouts = append(r.Blackouts, pay.Blackout{Cron: one.Cron, ForMS: hours(one.Hours), Reason: one.Reason})
	}
	problems := []FieldProblem{}
	for _, p := range r.Check() {
		problems = append(problems, FieldProblem{"/pay" + p.Pointer, p.Sentence})
	}
	return r, problems
}

// refused is a refusal for one field.
func refused(p sdk.Problem) error {
	return fault.Wrap(Problems{{p.Pointer, p.Sentence}}, fault.Invalid, p.Sentence)
}

func units(tenths int) float64 { return float64(tenths) / 10 }

// tenths reads a rank; one with more places than CyTube has is none.
func tenths(rank float64) int {
	if rank < 0 || rank > rankMost || rank*10 != float64(int(rank*10+.5)) {
		return -1
	}
	return int(rank*10 + .5)
}

// milli makes seconds into milliseconds; what is out of all bounds is refused by whoever checks them.
func milli(seconds int64) int64 { return min(max(seconds, -1), secondsMax) * 1000 }

func hours(n float64) int64 {
	if !(n > 0 && n < secondsMax) {
		return 0
	}
	return int64(n*hourMS + .5)
}
