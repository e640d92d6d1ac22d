package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"playbill/core/channel"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/sdk"
)

// customer is one viewer with an API token, and what they were told.
type customer struct {
	*chaos
	name, token string
	here        bool // the moderator's

	mu      sync.Mutex
	keys    int
	answers map[string]answer // per key that has bought
	unsure  []request         // without an answer: a kill came between
}

// answer is what the first use of a key was told.
type answer struct {
	request
	id    string
	price ledger.Coins
}

// request is one purchase as it was asked for.
type request struct {
	key   string
	media sdk.Key
	tier  string
	price ledger.Coins
}

func (r request) body() map[string]any {
	return map[string]any{"media": map[string]string{"type": r.media.Type, "id": r.media.ID}, "tier": r.tier, "quoted_price": r.price}
}

// live buys, cancels and asks again until everybody goes home; when the shop is closing, only what was asked before.
func (p *customer) live(dice *rand.Rand) {
	for !p.over.Load() {
		time.Sleep(time.Duration(20+dice.IntN(300)) * time.Millisecond)
		switch n := dice.IntN(100); {
		case n < 30 || p.closing.Load():
			p.retry()
		case n < 75:
			p.buy(dice)
		case n < 88:
			p.cancel(dice)
		default:
			p.again(dice, false)
		}
	}
}

// buy asks for a title with a new key, often from two tabs at once.
func (p *customer) buy(dice *rand.Rand) {
	m := p.titles[dice.IntN(len(p.titles))]
	p.mu.Lock()
	p.keys++
	r := request{key: serial(p.name, p.keys), media: m.Key(), tier: pay.Queue, price: 250}
	p.mu.Unlock()
	if dice.IntN(3) == 0 {
		r.tier, r.price = pay.PlayNext, 750
	}
	if dice.IntN(4) > 0 {
		p.send(r)
		return
	}
	var tabs sync.WaitGroup
	for range 2 {
		tabs.Go(func() { p.send(r) }) // ends with its answer
	}
	tabs.Wait()
}

// send asks once and keeps what is answered. A key that has bought answers with the same purchase for ever.
func (p *customer) send(r request) {
	code, text := p.ask(http.MethodPost, "/api/v1/purchases", p.token, r.key, r.body())
	p.mu.Lock()
	defer p.mu.Unlock()
	switch code {
	case 0, http.StatusServiceUnavailable: // the host has died, or does not sell now: nobody knows what was written
		if !slices.Contains(p.unsure, r) {
			p.unsure = append(p.unsure, r)
		}
		return
	case http.StatusCreated:
	default:
		if _, has := p.answers[r.key]; has && code != http.StatusCreated {
			p.Errorf("%s has bought, and is answered %d %s", r.key, code, text)
		}
		p.settleDoubt(r)
		return
	}
	var got struct {
		ID    string
		Price ledger.Coins
	}
	if err := json.Unmarshal(text, &got); err != nil || got.ID == "" || got.Price != r.price {
		p.Errorf("%s is answered %s, %v", r.key, text, err)
	}
	if first, has := p.answers[r.key]; has && first.id != got.ID {
		p.Errorf("%s has bought %s, and then %s", r.key, first.id, got.ID)
	}
	p.answers[r.key] = answer{r, got.ID, got.Price}
	p.settleDoubt(r)
}

// settleDoubt forgets a request that has its answer.
func (p *customer) settleDoubt(r request) {
	p.unsure = slices.DeleteFunc(p.unsure, func(one request) bool { return one == r })
}

// retry sends what has no answer yet, with the same key.
func (p *customer) retry() {
	p.mu.Lock()
	all := slices.Clone(p.unsure)
	p.mu.Unlock()
	if len(all) == 0 || !p.seeing.Load() {
		return
	}
	p.send(all[0])
	p.chaos.mu.Lock()
	p.tally.unsure++
	p.chaos.mu.Unlock()
}

// again uses an old key, or every one, and wants the first answer; with other inputs it is refused.
func (p *customer) again(dice *rand.Rand, every bool) {
	p.mu.Lock()
	var old []answer
	for _, a := range p.answers {
		old = append(old, a)
	}
	p.mu.Unlock()
	slices.SortFunc(old, func(a, b answer) int { return len(a.key) - len(b.key) })
	if len(old) > 0 && !every {
		old = []answer{old[dice.IntN(len(old))]}
	}
	for _, a := range old {
		if every {
			p.must(a)
		} else {
			p.send(a.request)
		}
		p.chaos.mu.Lock()
		p.tally.again++
		p.chaos.mu.Unlock()
	}
	if len(old) == 0 || !p.seeing.Load() {
		return
	}
	other := old[0].request
	other.price++
	if code, text := p.ask(http.MethodPost, "/api/v1/purchases", p.token, other.key, other.body()); code == http.StatusCreated {
		p.Errorf("%s with another price is answered %d %s", other.key, code, text)
	}
}

// must wants the first answer, now.
func (p *customer) must(a answer) {
	code, text := p.ask(http.MethodPost, "/api/v1/purchases", p.token, a.key, a.body())
	var got struct{ ID string }
	if err := json.Unmarshal(text, &got); err != nil || code != http.StatusCreated || got.ID != a.id {
		p.Errorf("%s has bought %s, and is answered %d %s", a.key, a.id, code, text)
	}
}

// cancel takes back one of the purchases, ended or not.
func (p *customer) cancel(dice *rand.Rand) {
	code, text := p.ask(http.MethodGet, "/api/v1/purchases", p.token, "", nil)
	var got struct{ Purchases []purchaseState }
	if code != http.StatusOK || json.Unmarshal(text, &got) != nil || len(got.Purchases) == 0 {
		return
	}
	one := got.Purchases[dice.IntN(min(len(got.Purchases), 4))]
	p.ask(http.MethodDelete, "/api/v1/purchases/"+one.ID, p.token, "", nil)
}

// moderate is a person on the channel: skips, deletes, moves, shuffles; people come and go, and the server is slow. While
// no host looks the list only plays on: what then became of an item nobody could say.
func (c *chaos) moderate(dice *rand.Rand) {
	for !c.over.Load() {
		time.Sleep(time.Duration(100+dice.IntN(500)) * time.Millisecond)
		n := dice.IntN(100)
		if n < 60 || c.closing.Load() || !c.seeing.Load() {
			c.server.Skip()
			continue
		}
		switch items := c.server.Items(); {
		case n < 68:
			c.withdraw(items, dice)
		case n < 75 && len(items) > 2:
			c.server.Move(items[dice.IntN(len(items))].UID, items[dice.IntN(len(items))].UID)
		case n < 79:
			c.server.Shuffle()
		case n < 86:
			c.comeOrGo(c.people[dice.IntN(len(c.people))])
		case n < 94:
			c.server.Slow([]time.Duration{0, 0, 300 * time.Millisecond, 1500 * time.Millisecond}[dice.IntN(4)])
		case n < 97 && c.calm.Load():
		case n < 95:
			c.server.Drop("queue", 1)
		case n < 96:
			c.server.SwallowMove()
		case n < 97 && dice.IntN(3) == 0: // seldom: for a minute after it nobody can say what became of an add
			c.cut()
		default:
			c.server.Add(c.titles[dice.IntN(len(c.titles))], false, true)
		}
	}
}

// withdraw deletes something that would vanish at its end anyway.
func (c *chaos) withdraw(items []channel.Item, dice *rand.Rand) {
	if one := items[dice.IntN(len(items))]; one.Temp {
		c.server.Remove(one.UID)
	}
}

// comeOrGo brings back who is gone, or lets somebody go.
func (c *chaos) comeOrGo(p *customer) {
	for _, one := range c.people {
		if !one.here {
			c.server.Join(one.name, 10)
			one.here = true
			return
		}
	}
	c.server.Leave(p.name)
	p.here = false
}

// administer adds, moves, starts and removes entries, saves settings, and gives coins with a key until the answer has come.
func (c *chaos) administer(dice *rand.Rand) {
	items := 1
	for n := 0; !c.over.Load(); time.Sleep(time.Duration(100+dice.IntN(700)) * time.Millisecond) {
		if c.closing.Load() || !c.seeing.Load() {
			continue
		}
		switch dice.IntN(4) {
		case 0:
			n++
			c.arrange(dice, n)
		case 1:
			c.removeOne(dice)
		case 2:
			items = 3 - items
			c.saveSettings(items)
		default:
			n++
			c.give(c.people[dice.IntN(len(c.people))].name, ledger.Coins(1+dice.IntN(9)), n)
		}
	}
}

// saveSettings changes the cadence.
func (c *chaos) saveSettings(everyItems int) {
	var set map[string]any
	code, text := c.ask(http.MethodGet, "/api/v1/admin/promos/config", c.admin, "", nil)
	if code != http.StatusOK || json.Unmarshal(text, &set) != nil {
		return
	}
	general, _ := set["general"].(map[string]any) // without one the host complains
	general["every_n_items"] = everyItems
	if code, text := c.ask(http.MethodPut, "/api/v1/admin/promos/config", c.admin, "", set); code >= 400 && code < 500 {
		c.Errorf("the settings were not taken: %d %s", code, text)
	}
}

// give grants coins. Without an answer it asks again with the same key, whatever host answers then.
func (c *chaos) give(to string, coins ledger.Coins, n int) {
	body := map[string]any{"user": to, "amount": coins, "reason": "a present"}
	for !c.over.Load() {
		code, text := c.ask(http.MethodPost, "/api/v1/admin/ledger/grants", c.admin, serial("present", n), body)
		switch code {
		case http.StatusOK, http.StatusCreated:
			c.mu.Lock()
			c.given[to] += coins
			c.mu.Unlock()
			return
		case 0, http.StatusServiceUnavailable:
			time.Sleep(50 * time.Millisecond)
		default:
			c.Errorf("a grant is answered %d %s", code, text)
			return
		}
	}
	c.Errorf("a grant of %d coins to %s was never answered", coins, to)
}

func (c *chaos) removeOne(dice *rand.Rand) {
	var q queueState
	code, text := c.ask(http.MethodGet, "/api/v1/queue", "", "", nil)
	if code != http.StatusOK || json.Unmarshal(text, &q) != nil {
		return
	}
	for _, i := range dice.Perm(len(q.Items)) {
		if q.Items[i].PaidBy != nil {
			c.ask(http.MethodDelete, fmt.Sprint("/api/v1/admin/queue/", q.Items[i].EntryID), c.admin, "", nil)
			return
		}
	}
}

// arrange adds a title, or moves or starts one that waits.
func (c *chaos) arrange(dice *rand.Rand, n int) {
	if dice.IntN(2) == 0 {
		// Not one that is for sale: what the bot adds of those must have been paid for.
		body := map[string]any{"media": map[string]string{"type": "yt", "id": serial("extra", n)}, "to": []string{"top", "end"}[dice.IntN(2)]}
		c.ask(http.MethodPost, "/api/v1/admin/queue", c.admin, serial("extra", n), body)
		return
	}
	var q queueState
	code, text := c.ask(http.MethodGet, "/api/v1/queue", "", "", nil)
	if code != http.StatusOK || json.Unmarshal(text, &q) != nil || len(q.Items) < 2 {
		return
	}
	one := fmt.Sprint("/api/v1/admin/queue/", q.Items[1+dice.IntN(len(q.Items)-1)].EntryID)
	if dice.IntN(2) == 0 {
		c.ask(http.MethodPost, one+"/play", c.admin, "", nil)
		return
	}
	c.ask(http.MethodPost, one+"/move", c.admin, "", map[string]string{"to": []string{"top", "end"}[dice.IntN(2)]})
}
