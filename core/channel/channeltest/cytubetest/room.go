package cytubetest

import (
	"regexp"
	"strings"

	"playbill/core/channel"
)

// person is somebody in the room.
type person struct {
	name       string
	rankTenths int
	afk, muted bool
}

type chatLine struct {
	who, text string // as it was typed; of a PM, to whom
	html      string
	atMS      int64
}

var (
	bold   = regexp.MustCompile(`\*(.+?)\*`)
	italic = regexp.MustCompile(`_(.+?)_`)
)

// filtered is what CyTube makes of a line: cut, escaped, and through the default filters.
func filtered(text string) string {
	if r := []rune(text); len(r) > chatMax {
		text = string(r[:chatMax])
	}
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	return italic.ReplaceAllString(bold.ReplaceAllString(text, "<strong>$1</strong>"), "<em>$1</em>")
}

func (l chatLine) frame() map[string]any {
	return map[string]any{"username": l.who, "msg": l.html, "meta": map[string]any{}, "time": l.atMS}
}

func (p *person) frame() map[string]any {
	return map[string]any{"name": p.name, "rank": float64(p.rankTenths) / 10,
		"profile": map[string]string{"image": "", "text": ""}, "meta": p.meta()}
}

func (p *person) meta() map[string]bool {
	return map[string]bool{"afk": p.afk, "muted": p.muted, "smuted": false}
}

func (s *Server) userlist() []map[string]any {
	out := []map[string]any{}
	for _, p := range s.people {
		out = append(out, p.frame())
	}
	for _, k := range s.sockets {
		if k.in && k.name != "" {
			out = append(out, k.person.frame())
		}
	}
	return out
}

// find is somebody in the room, with a socket or without.
func (s *Server) find(name string) *person {
	key := channel.Fold(name)
	for _, k := range s.sockets {
		if k.in && k.key() == key && !k.zombie {
			return &k.person
		}
	}
	return s.people[key]
}

// Join lets somebody in who needs no socket.
func (s *Server) Join(name string, rankTenths int) {
	s.act(func() {
		p := &person{name: name, rankTenths: rankTenths}
		s.people[channel.Fold(name)] = p
		first := *p
		first.rankTenths = 10
		s.all("addUser", first.frame())
		s.all("setUserRank", map[string]any{"name": name, "rank": float64(rankTenths) / 10})
	})
}

// Leave lets them out.
func (s *Server) Leave(name string) {
	s.act(func() {
		delete(s.people, channel.Fold(name))
		s.all("userLeave", map[string]string{"name": name})
	})
}

// Chat is a line of theirs; it ends their AFK.
func (s *Server) Chat(name, text string) {
	s.act(func() {
		s.change(name, func(p *person) { p.afk = false })
		s.say(name, text)
	})
}

// AFK makes somebody AFK, or not.
func (s *Server) AFK(name string, afk bool) {
	s.act(func() { s.change(name, func(p *person) { p.afk = afk }) })
}

// Mute silences somebody, the bot for example.
func (s *Server) Mute(name string, muted bool) {
	s.act(func() { s.change(name, func(p *person) { p.muted = muted }) })
}

// change changes what is told of somebody, and tells it twice, as CyTube does.
func (s *Server) change(name string, do func(p *person)) {
	p := s.find(name)
	if p == nil {
		return
	}
	before := *p
	do(p)
	if before == *p {
		return
	}
	s.all("setUserMeta", map[string]any{"name": p.name, "meta": p.meta()})
	s.all("setAFK", map[string]any{"name": p.name, "afk": p.afk})
}

func (s *Server) say(name, text string) {
	l := chatLine{who: name, text: text, html: filtered(text), atMS: now()}
	s.chat = append(s.chat, l)
	s.all("chatMsg", l.frame())
}

func (k *socket) chatMsg(msg string) {
	switch {
	case k.name == "" || !k.may("chat"):
	case !k.s.opts.NoLimits && !k.talks.Allow(now()):
		k.emit("cooldown", 100)
	case k.person.muted:
		k.emit("noflood", map[string]string{"action": "chat", "msg": "You have been muted on this channel."})
	default:
		k.s.say(k.name, msg)
	}
}

func (k *socket) pm(to, msg string) {
	fail := func(text string) { k.emit("errorMsg", map[string]string{"msg": text}) }
	p := k.s.find(to)
	switch {
	case !k.s.opts.NoLimits && !k.talks.Allow(now()):
		k.emit("cooldown", 100)
	case strings.ContainsAny(to, " !"):
		fail("PM failed: " + to + " isn't a valid username.")
	case channel.Fold(to) == k.key():
		fail("You can't PM yourself!")
	case p == nil:
		fail("PM failed: " + to + " isn't connected to this channel.")
	default:
		l := chatLine{who: p.name, text: msg, html: filtered(msg), atMS: now()}
		k.s.pms = append(k.s.pms, l)
		frame := map[string]any{"username": k.name, "to": p.name, "msg": l.html, "meta": map[string]any{}, "time": l.atMS}
		for _, other := range k.s.sockets {
			if other.in && other.key() == channel.Fold(to) {
				other.emit("pm", frame)
			}
		}
		k.emit("pm", frame)
	}
}
