package cytubetest

import (
	"time"

	"playbill/core/channel"
	"playbill/core/playlist"
)

// faults are what the server was told to do wrong.
type faults struct {
	lookup  time.Duration
	drops   map[string]int
	fails   map[string]string
	swallow int
	refuse  int
	refusal string
	zombies int
	noPings bool
}

func (f *faults) drop(name string) bool {
	if f.drops[name] == 0 {
		return false
	}
	f.drops[name]--
	return true
}

func (f *faults) takeFail(id string) string {
	msg := f.fails[id]
	delete(f.fails, id)
	return msg
}

// Slow makes every look-up take so long from now on.
func (s *Server) Slow(d time.Duration) { s.act(func() { s.faults.lookup = d }) }

// Drop loses the next n events of this name.
func (s *Server) Drop(event string, n int) {
	s.act(func() {
		if s.faults.drops == nil {
			s.faults.drops = map[string]int{}
		}
		s.faults.drops[event] = n
	})
}

// Fail lets the next look-up of this id fail with a text, which is escaped as CyTube does.
func (s *Server) Fail(id, msg string) {
	s.act(func() {
		if s.faults.fails == nil {
			s.faults.fails = map[string]string{}
		}
		s.faults.fails[id] = msg
	})
}

// SwallowMove loses the item of the next move, as a move behind a vanished item does: without a word.
func (s *Server) SwallowMove() { s.act(func() { s.faults.swallow++ }) }

// RefuseConnects answers the next n connections with 44 and this text.
func (s *Server) RefuseConnects(n int, message string) {
	s.act(func() { s.faults.refuse, s.faults.refusal = n, message })
}

// Zombies lets the next n joins fall into a channel that is being unloaded.
func (s *Server) Zombies(n int) { s.act(func() { s.faults.zombies = n }) }

// Silence stops the pings.
func (s *Server) Silence(silent bool) { s.act(func() { s.faults.noPings = silent }) }

// Kick puts somebody out, with this reason. Their websocket stays open.
func (s *Server) Kick(name, reason string) {
	s.act(func() {
		for _, k := range s.sockets {
			if k.key() == channel.Fold(name) {
				k.kick(reason)
			}
		}
	})
}

// Emit sends an event to everybody in the room, whatever it says.
func (s *Server) Emit(name string, args ...any) { s.act(func() { s.all(name, args...) }) }

// CutAll cuts every connection, as a broken network does.
func (s *Server) CutAll() {
	s.act(func() {
		for _, k := range s.sockets {
			k.cut()
		}
	})
}

// Save is what CyTube does every five minutes.
func (s *Server) Save() { s.act(func() { s.saved = s.list.Save(now()) }) }

// Restart stops the server and starts it again after a while. In good order the list is saved first; after a crash it is
// the one that was saved last. uids count from 0.
func (s *Server) Restart(inOrder bool, down time.Duration) {
	s.act(func() {
		if inOrder {
			s.saved = s.list.Save(now())
		} else {
			s.aired = append(s.aired, s.list.Clear(now())...) // what it does not come back to
		}
		s.dropWaiting()
		s.starts++
		s.upMS = now() + down.Milliseconds()
		for _, k := range s.sockets {
			k.leave()
			k.gone = true
			k.cut()
		}
		s.list = playlist.Load(s.rules(), 0, s.saved, now())
	})
}

// Connections is how many clients are in the room.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, k := range s.sockets {
		if k.in {
			n++
		}
	}
	return n
}
