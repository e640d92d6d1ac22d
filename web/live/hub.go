package live

import (
	"runtime/debug"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"playbill/core/shadow"
	"playbill/core/station"
	"playbill/sdk"
)

// Floor is the station as the hub needs it.
type Floor interface {
	// View returns the latest published state. Never blocks.
	View() *station.View
}

// Options is what a hub is made of.
type Options struct {
	Floor   Floor
	Channel string
	Badge   func(promoType string) string // a promo type in words
	Art     func(m sdk.Media) string      // address of a title's picture here, empty for none; nil: there are no pictures
	Now     func() int64                  // UTC milliseconds
	Logger  hclog.Logger                  // nil: silent
}

// Hub keeps the model and its sockets. Safe for concurrent use.
type Hub struct {
	opt  Options
	stop chan struct{}  // closed by Close
	done sync.WaitGroup // the watch
	open sync.WaitGroup // the sockets

	mu      sync.Mutex
	changed <-chan struct{} // closed when the view that was seen is not the latest any more
	seen    stamp
	state   State
	ring    []frame // the last changes, oldest first
	whole   []byte  // the state as a frame; nil: not rendered yet
	sockets map[*socket]struct{}
	closed  bool
}

// snapshot is the model of a view, with the pictures of its titles.
func (o Options) snapshot(v *station.View) State {
	s := Snapshot(o.Channel, v, o.Badge)
	if o.Art == nil {
		return s
	}
	for i := range s.Items {
		if !s.Items[i].Role.Promo() {
			s.Items[i].Art = o.Art(s.Items[i].Media)
		}
	}
	return s
}

// frame is one change as it was sent.
type frame struct {
	from, to int64
	text     []byte
}

// stamp is what the model depends on: two views with the same stamp make the same model.
type stamp struct {
	shadowRev, at, played int64
	rate                  float64
	health, people        int
	blind, resolved       bool
	why, journal, gate    string
	stopped               bool
	opens                 int64
	planned               uint64 // the view's revision while promos are planned: they are compared one by one
	first, last           *shadow.Entry
	overhead              int64
	list, waiting         int
}

// New returns a hub that watches the station until Close. Its first revision is the clock's milliseconds: far above
// whatever an earlier run of the host can have counted up to, so that a page which comes back is never mistaken.
func New(opt Options) *Hub {
	if opt.Logger == nil {
		opt.Logger = hclog.NewNullLogger()
	}
	h := &Hub{opt: opt, stop: make(chan struct{}), sockets: map[*socket]struct{}{}}
	v := opt.Floor.View()
	h.changed, h.seen, h.state = v.Changed(), stampOf(v), opt.snapshot(v)
	h.state.Revision = opt.Now()
	h.done.Go(h.watch) // stopped by Close, which waits for it
	return h
}

// State returns the model as it is now: a reader who has just changed something sees it.
func (h *Hub) State() State {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.look()
	return h.state
}

// Close ends every socket and returns when all are gone, or after five seconds. It comes before the HTTP server's own
// shutdown, which knows nothing of sockets.
func (h *Hub) Close() {
	h.mu.Lock()
	if !h.closed {
		h.closed = true
		close(h.stop)
	}
	h.mu.Unlock()
	h.done.Wait()
	gone := make(chan struct{})
	go func() { // ends with the last socket, each of which gives up by itself
		h.open.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-time.After(closeWait):
	}
}

// watch looks whenever the station has published something, and now and then.
func (h *Hub) watch() {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for h.await(tick.C) {
		h.mu.Lock()
		h.lookSafely()
		h.mu.Unlock()
	}
}

// await returns true when it is time to look, false at the end.
func (h *Hub) await(tick <-chan time.Time) bool {
	h.mu.Lock()
	changed := h.changed
	h.mu.Unlock()
	select {
	case <-h.stop:
		return false
	case <-tick:
	case <-changed:
		time.Sleep(gatherFor) // what belongs together comes as one delta
	}
	return true
}

// lookSafely is one look that cannot end the host. The caller holds mu.
func (h *Hub) lookSafely() {
	defer func() {
		if p := recover(); p != nil {
			h.opt.Logger.Error("the live queue could not be brought up to date", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	h.look()
}

// look brings the model up to date and sends what changed. The caller holds mu.
func (h *Hub) look() {
	h.changed = nil // should this panic, the next tick looks again
	v := h.opt.Floor.View()
	h.changed = v.Changed()
	at := stampOf(v)
	if at == h.seen {
		return
	}
	h.seen = at
	told, c := Diff(h.state, h.opt.snapshot(v))
	if c.Empty() {
		return
	}
	from := h.state.Revision
	told.Revision = from + 1
	h.state, h.whole = told, nil
	h.send(frame{from, told.Revision, h.encode(from, c)})
}

// encode renders a change: a delta, or the whole state when that is shorter.
func (h *Hub) encode(from int64, c Change) []byte {
	if len(c.Put)+len(c.Removed)+len(c.Shifts) > deltaMax {
		return h.stateFrame()
	}
	return raw(h.state.delta(from, c, h.opt.Now()))
}

// stateFrame is the whole state as a frame, rendered once per revision. The caller holds mu.
func (h *Hub) stateFrame() []byte {
	if h.whole == nil {
		q := h.state.JSON(h.opt.Now())
		q.Type = "state"
		h.whole = raw(q)
	}
	return h.whole
}

// send hands a frame to every socket; one that has not taken its last ones is dropped, and comes back when it can. The
// caller holds mu.
func (h *Hub) send(f frame) {
	h.ring = append(h.ring, f)
	if len(h.ring) > ringMax {
		h.ring = append(h.ring[:0:0], h.ring[len(h.ring)-ringMax:]...)
	}
	for s := range h.sockets {
		select {
		case s.frames <- f.text:
		default:
			delete(h.sockets, s)
			close(s.frames)
		}
	}
}

// join registers a socket and returns what it must be told first. since is the revision it knows; 0: none.
func (h *Hub) join(s *socket, since int64) (first [][]byte, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || len(h.sockets) >= socketsMax {
		return nil, false
	}
	h.look()
	h.sockets[s] = struct{}{}
	h.open.Add(1)
	hello := raw(Hello{"hello", instant(h.opt.Now()), h.state.Revision})
	if missed, known := h.missed(since); known {
		return append([][]byte{hello}, missed...), true
	}
	return [][]byte{hello, h.stateFrame()}, true
}

// missed returns what was sent after a revision. The caller holds mu.
func (h *Hub) missed(since int64) (texts [][]byte, known bool) {
	if since == h.state.Revision {
		return nil, true
	}
	for _, f := range h.ring {
		if f.from == since || known {
			known = true
			texts = append(texts, f.text)
		}
	}
	return texts, known
}

// leave forgets a socket that has joined.
func (h *Hub) leave(s *socket) {
	defer h.open.Done()
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, here := h.sockets[s]; here {
		delete(h.sockets, s)
		close(s.frames)
	}
}

// Sockets is how many pages are connected.
func (h *Hub) Sockets() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.sockets)
}

func stampOf(v *station.View) stamp {
	s := stamp{shadowRev: int64(v.Shadow.Rev), at: v.Shadow.AtMS, played: v.Shadow.PlayedMS, rate: v.Shadow.Rate, health: int(v.Health),
		people: notCounted, blind: v.Shadow.Blind(), resolved: v.Resolved, why: v.Why, journal: v.Journal,
		gate: v.Gate.Code + v.Gate.Sentence, opens: v.Gate.OpensAtMS, overhead: v.Can.OverheadMS,
		list: v.Shadow.Len(), waiting: len(v.Shadow.Waiting)}
	if v.People != nil {
		s.people = len(v.People)
	}
	s.stopped = v.Stopped()
	if len(v.Planned) > 0 {
		s.planned = v.Rev
	}
	if len(v.Shadow.Entries) > 0 {
		s.first, s.last = v.Shadow.At(0), v.Shadow.Entries[len(v.Shadow.Entries)-1]
	}
	return s
}
