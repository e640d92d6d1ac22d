package station_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"playbill/core/channel"
	"playbill/core/ledger"
	"playbill/core/pay"
)

// modelPurse is what each viewer of a model begins with: enough for some requests, and not for all. modelWorlds is how many
// worlds are played, if it is not to be thorough.
const (
	modelPurse  = 2000
	modelWorlds = 30
)

// TestMoneyIsWhatTheListSays plays random interleavings of buying, playing, cancelling, displacing, shuffling, deleting by
// somebody else, restarts and double submits on the real store, and holds every purse to a model of three sentences: what was
// on the air is paid for, what stands on the list is held, everything else was given back.
func TestMoneyIsWhatTheListSays(t *testing.T) {
	played := 0
	rapid.Check(t, func(r *rapid.T) {
		if played++; played > modelWorlds && !*thorough {
			return
		}
		moves := rapid.SliceOfN(rapid.Custom(drawMove), 4, 20).Draw(r, "moves")
		synctest.Test(t, func(t *testing.T) {
			if wrong := playModel(t, moves); wrong != "" {
				r.Errorf("%s", wrong)
			}
		})
	})
}

// move is one thing that happens. Its numbers choose among what is there.
type move struct {
	What string
	A, B int
}

func (m move) String() string { return fmt.Sprintf("%s(%d,%d)", m.What, m.A, m.B) }

func drawMove(r *rapid.T) move {
	return move{
		What: rapid.SampledFrom([]string{"buy", "buy", "buy", "next", "again", "cancel", "cancel", "delete", "displace", "shuffle", "skip", "jump", "wait", "wait",
			"restart", "buy and die"}).Draw(r, "what"),
		A: rapid.IntRange(0, 60).Draw(r, "a"),
		B: rapid.IntRange(0, 60).Draw(r, "b"),
	}
}

// model is the books as anybody would keep them who sees the channel.
type model struct {
	*world
	sales []sale

	mu    sync.Mutex
	aired map[string]bool // by media; told by the channel
}

type sale struct {
	who, media, tier string
	price            ledger.Coins
}

// playModel plays one world and says what the model did not expect first.
func playModel(t *testing.T, moves []move) (wrong string) {
	m := &model{world: newWorld(t), aired: map[string]bool{}}
	m.spy = m.watch
	for _, line := range [][]string{{"channel", "add", "a:40", "b:40", "c:40", "d:40"}, {"start"}, {"viewer", "ann", "joins"}, {"viewer", "bob", "joins"},
		{"viewer", "ann", "has", fmt.Sprint(modelPurse)}, {"viewer", "bob", "has", fmt.Sprint(modelPurse)}} {
		if err := m.command(line); err != nil {
			t.Fatal(line, err)
		}
	}
	defer func() { m.close() }()
	for i, x := range moves {
		if err := m.do(x); err != "" {
			return fmt.Sprintf("%v of %v: %s", x, moves[:i], err)
		}
		if wrong := m.wrong(); wrong != "" {
			return fmt.Sprintf("after %v: %s", moves[:i+1], wrong)
		}
	}
	return ""
}

// watch notes what the channel says to have played.
func (m *model) watch(u channel.Update) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if u.Current >= 0 {
		m.aired[u.List[u.Current].Media.ID] = true
	}
	for _, d := range u.Left {
		m.aired[d.Item.Media.ID] = true
	}
}

// do does one move, and says what of its answer is wrong.
func (m *model) do(x move) (wrong string) {
	who := []string{"ann", "bob"}[x.A%2]
	switch x.What {
	case "buy":
		return m.buys(who, pay.Queue)
	case "next":
		return m.buys(who, pay.PlayNext, "playnext")
	case "buy and die":
		wrong = m.buys(who, pay.Queue, "unplaced")
		m.restart(x.B)
		return wrong
	case "again":
		return m.again(x.A)
	case "cancel":
		if len(m.sales) > 0 {
			_ = m.command([]string{"viewer", who, "cancels", m.sales[x.A%len(m.sales)].media}) // what has ended is not cancelled
		}
	case "restart":
		m.restart(x.B)
	case "wait":
		_ = m.command([]string{"wait", fmt.Sprint(x.A, "s")})
	case "shuffle", "skip":
		_ = m.command([]string{"channel", x.What})
	default:
		m.moderator(x)
	}
	m.settle()
	return ""
}

// moderator is somebody else's hand on what is listed.
func (m *model) moderator(x move) {
	list := m.room.List()
	one, other := list[x.A%len(list)].Media.ID, list[x.B%len(list)].Media.ID
	switch x.What {
	case "delete":
		if len(list) > 2 {
			_ = m.command([]string{"channel", "remove", one})
		}
	case "displace":
		_ = m.command([]string{"channel", "move", one, other})
	case "jump":
		_ = m.command([]string{"channel", "jump", one})
	}
}

// restart kills the host and starts it again a while later; the channel plays on.
func (m *model) restart(seconds int) {
	for _, line := range [][]string{{"kill"}, {"wait", fmt.Sprint(seconds, "s")}, {"start"}} {
		if err := m.command(line); err != nil {
			m.t.Fatal(line, err)
		}
	}
	m.settle()
}

// buys sells a new title, if there is enough for it, and only then.
func (m *model) buys(who, tier string, how ...string) (wrong string) {
	s := sale{who: who, media: fmt.Sprint("p", len(m.lengths)), tier: tier, price: 250}
	if tier == pay.PlayNext {
		s.price *= 3
	}
	left, open := m.purse(who), m.st.View().Closed() == nil && m.st.View().Shadow.OnAir() != nil
	if err := m.command(append([]string{"viewer", who, "buys", s.media + ":20", "key", s.media}, how...)); err != nil {
		m.t.Fatal(err)
	}
	_, sold := m.world.buys[s.media]
	if sold {
		m.sales = append(m.sales, s)
	}
	if want := open && left >= s.price; sold != want {
		return fmt.Sprintf("%s has %d, and %s for %d is sold: %t", who, left, s.media, s.price, sold)
	}
	return ""
}

// again submits a request a second time: it is the same purchase, whatever has become of it.
func (m *model) again(n int) (wrong string) {
	if len(m.sales) == 0 {
		return ""
	}
	s := m.sales[n%len(m.sales)]
	line := []string{"viewer", s.who, "buys", s.media, "key", s.media, "shown", fmt.Sprint(s.price)}
	if s.tier == pay.PlayNext {
		line = append(line, "playnext")
	}
	first := m.world.buys[s.media]
	if err := m.command(line); err != nil {
		m.t.Fatal(err)
	}
	if m.world.buys[s.media] != first {
		return s.media + " is sold twice for one request"
	}
	return ""
}

// purse is what a viewer has left, by the model.
func (m *model) purse(who string) ledger.Coins {
	left := ledger.Coins(modelPurse)
	for _, s := range m.sales {
		if s.who == who && m.state(s.media) != pay.Refunded {
			left -= s.price
		}
	}
	return left
}

// state is what a purchase must be: settled, refunded, or else it is held and its title stands on the list.
func (m *model) state(media string) pay.State {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.aired[media]:
		return pay.Settled
	case slices.ContainsFunc(m.room.List(), func(it channel.Item) bool { return it.Media.ID == media }):
		return pay.Placed
	}
	return pay.Refunded
}

// wrong says in what the books differ from the model. What is on its way has ten seconds to arrive.
func (m *model) wrong() (wrong string) {
	for range 10 {
		if wrong = m.differs(); wrong == "" {
			return ""
		}
		time.Sleep(time.Second)
		synctest.Wait()
	}
	return wrong
}

func (m *model) differs() string {
	for _, s := range m.sales {
		p, err := m.book.Purchase(context.Background(), m.world.buys[s.media])
		if err != nil || p.State != m.state(s.media) || p.Price != s.price {
			return fmt.Sprintf("%s of %s is %s for %d, and must be %s for %d (%v)", s.media, s.who, p.State, p.Price, m.state(s.media), s.price, err)
		}
	}
	for _, who := range []string{"ann", "bob"} {
		if has, err := m.book.Balance(context.Background(), who); err != nil || has != m.purse(who) {
			return fmt.Sprintf("%s has %d, and must have %d (%v)", who, has, m.purse(who), err)
		}
	}
	return ""
}
