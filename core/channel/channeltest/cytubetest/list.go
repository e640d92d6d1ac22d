package cytubetest

import (
	"fmt"
	"strings"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/playlist"
	"playbill/sdk"
)

// advance brings the list up to the time, and tells what ended.
func (s *Server) advance() {
	left := s.list.Advance(now())
	s.tellLeft(left)
}

// tellLeft tells of what left the air by an act: temp items are deleted before the next one is current.
func (s *Server) tellLeft(left []channel.Departure) {
	s.aired = append(s.aired, left...)
	for _, d := range left {
		if s.list.Find(d.Item.UID) < 0 {
			s.all("delete", map[string]any{"uid": d.Item.UID})
			s.all("setPlaylistMeta", s.meta())
		}
	}
	if len(left) > 0 {
		s.tellCurrent()
	}
}

func (s *Server) tellCurrent() {
	item, ok := s.list.OnAir()
	if !ok {
		return
	}
	s.beatMS = now()
	s.all("setCurrent", item.UID)
	s.all("changeMedia", s.media())
	s.all("voteskip", map[string]int{"count": 0, "need": 0})
}

// add lists a media and tells it. The fault is the refusal.
func (s *Server) add(r playlist.Request) *fault.Fault {
	old := channel.NoUID
	for _, it := range s.list.Items() {
		if it.Media.ID == r.Media.ID && r.Next && !s.opts.Dupes {
			old = it.UID
		}
	}
	item, err := s.list.Add(r, now())
	if err != nil {
		return fault.Of(err)
	}
	s.listed = append(s.listed, Listed{item, now()})
	if old != channel.NoUID {
		s.all("delete", map[string]any{"uid": old})
		s.all("setPlaylistMeta", s.meta())
	}
	after := any("prepend")
	if at := s.list.Find(item.UID); at > 0 {
		after = s.list.Items()[at-1].UID
	}
	s.all("queue", map[string]any{"item": row(item), "after": after})
	s.all("setPlaylistMeta", s.meta())
	if s.list.Len() == 1 {
		s.tellCurrent()
	}
	return nil
}

func (s *Server) remove(uid channel.UID) {
	left, ok := s.list.Remove(uid, now())
	if !ok {
		return
	}
	s.aired = append(s.aired, left...)
	s.all("delete", map[string]any{"uid": uid})
	s.all("setPlaylistMeta", s.meta())
	if len(left) > 0 {
		s.tellCurrent()
	}
}

// move tells a move that was done; one behind an item that is gone loses the item, and nobody is told.
func (s *Server) move(uid, behind channel.UID) {
	moved, left := s.list.Move(uid, behind, now())
	s.aired = append(s.aired, left...)
	if moved == playlist.InPlace {
		s.all("moveVideo", map[string]any{"from": uid, "after": place(behind)})
	}
	if len(left) > 0 {
		s.tellCurrent()
	}
}

func (s *Server) jump(uid channel.UID) {
	if left, ok := s.list.Jump(uid, now()); ok {
		s.tellLeft(left)
	}
}

// Add, and the acts below it, are a moderator's: no look-up, no limits, no line.
func (s *Server) Add(m sdk.Media, next, temp bool) {
	s.act(func() { _ = s.add(playlist.Request{Media: m, Next: next, Temp: temp, By: "Mod"}) })
}

// Remove takes an item off.
func (s *Server) Remove(uid channel.UID) { s.act(func() { s.remove(uid) }) }

// Move puts an item behind another.
func (s *Server) Move(uid, behind channel.UID) { s.act(func() { s.move(uid, behind) }) }

// Jump starts an item.
func (s *Server) Jump(uid channel.UID) { s.act(func() { s.jump(uid) }) }

// Skip ends what plays.
func (s *Server) Skip() { s.act(func() { s.tellLeft(s.list.Skip(now())) }) }

// SetTemp makes an item vanish at its end, or stay.
func (s *Server) SetTemp(uid channel.UID, temp bool) {
	s.act(func() {
		if s.list.SetTemp(uid, temp) {
			s.all("setTemp", map[string]any{"uid": uid, "temp": temp})
		}
	})
}

// Shuffle gives every item a new uid and drops what waits in line.
func (s *Server) Shuffle() {
	s.act(func() {
		s.dropWaiting()
		s.shuffles++
		s.list.Shuffle(s.shuffles)
		s.all("playlist", s.rows())
		s.tellCurrent()
	})
}

// Clear empties the list and drops what waits in line. Players go on showing what played.
func (s *Server) Clear() {
	s.act(func() {
		s.dropWaiting()
		s.aired = append(s.aired, s.list.Clear(now())...)
		s.all("playlist", []any{})
		s.all("setPlaylistMeta", s.meta())
	})
}

// SetRank changes somebody's rank.
func (s *Server) SetRank(name string, rankTenths int) {
	s.act(func() {
		for _, k := range s.sockets {
			if k.in && k.key() == channel.Fold(name) {
				k.setRank(rankTenths)
			}
		}
		s.all("setUserRank", map[string]any{"name": name, "rank": float64(rankTenths) / 10})
	})
}

// Permit changes one node of the permissions.
func (s *Server) Permit(node string, rank float64) {
	s.act(func() {
		s.opts.Permissions[node] = rank
		s.all("setPermissions", s.opts.Permissions)
	})
}

// Lock locks the list, or opens it.
func (s *Server) Lock(locked bool) {
	s.act(func() {
		s.opts.Unlocked = !locked
		s.all("setPlaylistLocked", locked)
	})
}

// AllowDupes changes the option.
func (s *Server) AllowDupes(dupes bool) {
	s.act(func() {
		s.opts.Dupes = dupes
		s.list.Rules.Dupes = dupes
		s.all("channelOpts", map[string]any{"allow_dupes": dupes, "afk_timeout": 600})
	})
}

func (s *Server) meta() map[string]any {
	return map[string]any{"count": s.list.Len(), "rawTime": 0, "time": "00:00"}
}

func (s *Server) rows() []map[string]any {
	out := make([]map[string]any, 0, s.list.Len())
	for _, it := range s.list.Items() {
		out = append(out, row(it))
	}
	return out
}

func row(it channel.Item) map[string]any {
	return map[string]any{"media": mediaOf(it.Media), "uid": it.UID, "temp": it.Temp, "queueby": it.AddedBy}
}

func mediaOf(m sdk.Media) map[string]any {
	seconds := m.DurationMS / 1000
	return map[string]any{"id": m.ID, "title": m.Title, "seconds": seconds, "type": m.Type, "meta": map[string]any{},
		"duration": fmt.Sprintf("%02d:%02d", seconds/60, seconds%60)}
}

// media is what changeMedia tells: what plays, and where it stands.
func (s *Server) media() map[string]any {
	item, _ := s.list.OnAir()
	m := mediaOf(item.Media)
	at := float64(s.list.PositionMS(now())) / 1000
	m["currentTime"], m["paused"] = at, at < 0
	return m
}

func place(uid channel.UID) any {
	switch uid {
	case playlist.Front:
		return "prepend"
	case playlist.Back:
		return "append"
	}
	return uid
}

// escaped is how CyTube writes the text of a refusal.
func escaped(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;", "(", "&#40;", ")", "&#41;").Replace(text)
}
