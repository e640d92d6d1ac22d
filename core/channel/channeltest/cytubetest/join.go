package cytubetest

import (
	"encoding/json"
	"time"

	"playbill/core/playlist"
)

// join is joinChannel: once per socket.
func (k *socket) join(password string, given bool) {
	if k.joined {
		return
	}
	k.joined = true
	if k.s.faults.zombies > 0 {
		k.s.faults.zombies--
		k.zombie = true
	}
	if k.s.opts.Password != "" && password != k.s.opts.Password {
		k.knocking = true
		k.emit("needPassword", given)
		k.letInByRank()
		return
	}
	k.enter()
}

func (k *socket) channelPassword(password string) {
	if !k.knocking {
		return
	}
	if password != k.s.opts.Password {
		k.emit("needPassword", true)
		return
	}
	k.knocking = false
	k.enter()
}

// letInByRank lets moderators into a channel with a password.
func (k *socket) letInByRank() {
	if a, ok := k.s.opts.Accounts[k.name]; k.knocking && ok && a.RankTenths >= 20 {
		k.knocking = false
		k.emit("cancelNeedPassword")
		k.enter()
	}
}

// enter is the join itself: everything that a new arrival is sent, in CyTube's order.
func (k *socket) enter() {
	s := k.s
	k.in = true
	k.emit("setPermissions", s.opts.Permissions)
	k.emit("setPlaylistLocked", !s.opts.Unlocked)
	k.emit("emoteList", []string{})
	for _, l := range s.chat[max(len(s.chat)-replayed, 0):] {
		k.emit("chatMsg", l.frame())
	}
	k.emit("drinkCount", 0)
	k.emit("channelCSSJS", map[string]string{"css": "", "js": ""})
	k.emit("setMotd", "")
	k.emit("channelOpts", map[string]any{"allow_dupes": s.opts.Dupes, "afk_timeout": 600, "pagetitle": s.opts.Channel})
	k.sendList()
	if item, ok := s.list.OnAir(); ok && k.may("seeplaylist") {
		k.emit("setCurrent", item.UID)
		k.emit("changeMedia", s.media())
	}
	k.emit("userlist", s.userlist())
	k.emit("usercount", len(s.sockets))
	if s.opts.Unregistered {
		k.emit("channelNotRegistered")
	}
	if k.name != "" {
		k.appear()
	}
}

// sendList is what requestPlaylist and a login send.
func (k *socket) sendList() {
	k.emit("setPlaylistMeta", k.s.meta())
	if !k.may("seeplaylist") {
		return
	}
	k.emit("playlist", k.s.rows())
	if item, ok := k.s.list.OnAir(); ok {
		k.emit("setCurrent", item.UID)
	}
}

// login checks a password, which takes a moment.
func (k *socket) login(name, password string) {
	if k.name != "" {
		return
	}
	k.s.later(k.s.opts.LoginDelay, func() {
		if k.name != "" || k.gone {
			return
		}
		a, ok := k.s.opts.Accounts[name]
		if !ok || a.Password != password {
			k.emit("login", map[string]any{"success": false, "error": "Invalid username/password combination"})
			return
		}
		k.name, k.rankTenths = name, 10
		k.adds, k.talks = playlist.AddLimiter(a.RankTenths), playlist.TalkLimiter()
		k.emit("rank", 1)
		k.emit("login", map[string]any{"success": true, "name": name})
		k.letInByRank()
		if k.in {
			k.appear()
		}
	})
}

// appear shows a client to the room once it is in and logged in; its rank in the channel comes a moment later.
func (k *socket) appear() {
	if k.zombie {
		return
	}
	for _, other := range k.s.sockets {
		if other != k && other.in && other.key() == k.key() {
			other.kick("Duplicate login")
		}
	}
	k.person = person{name: k.name, rankTenths: 10}
	k.s.all("addUser", k.person.frame())
	k.s.later(k.s.opts.RankDelay, func() {
		if !k.in || k.gone {
			return
		}
		k.setRank(k.s.opts.Accounts[k.name].RankTenths)
		k.emit("userlist", k.s.userlist())
		k.sendList()
		k.s.all("setUserRank", map[string]any{"name": k.name, "rank": float64(k.rankTenths) / 10})
	})
}

func (k *socket) setRank(rankTenths int) {
	k.rankTenths, k.person.rankTenths = rankTenths, rankTenths
	if !k.zombie {
		k.emit("rank", float64(rankTenths)/10)
	}
}

// later does an act after a while.
func (s *Server) later(wait time.Duration, do func()) {
	s.running.Go(func() { // ends with its act or with life; Close waits
		if s.sleep(wait) {
			s.act(do)
		}
	})
}

// sleep waits; false: the server was closed.
func (s *Server) sleep(wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.life.Done():
		return false
	}
}

// event is one event of a client's. Unknown ones are ignored, as CyTube does.
func (k *socket) event(name string, args []json.RawMessage) {
	var body map[string]json.RawMessage
	if len(args) > 0 {
		_ = json.Unmarshal(args[0], &body)
	}
	switch name {
	case "joinChannel":
		_, given := body["pw"]
		k.join(text(body["pw"]), given)
		return
	case "channelPassword":
		if len(args) > 0 {
			k.channelPassword(text(args[0]))
		}
		return
	case "login":
		k.login(text(body["name"]), text(body["pw"]))
		return
	}
	if !k.in || k.zombie || k.gone || k.s.faults.drop(name) {
		return
	}
	switch name {
	case "queue":
		k.queue(body)
	case "delete", "moveMedia", "jumpTo":
		k.edit(name, args, body)
	case "requestPlaylist":
		k.requestPlaylist()
	case "playerReady":
		if item, ok := k.s.list.OnAir(); ok {
			k.emit("setCurrent", item.UID)
			k.emit("changeMedia", k.s.media())
		}
	case "chatMsg":
		k.chatMsg(text(body["msg"]))
	case "pm":
		k.pm(text(body["to"]), text(body["msg"]))
	}
}

func (k *socket) requestPlaylist() {
	if k.askedMS > 0 && now() < k.askedMS+requestEvery.Milliseconds() {
		k.emit("errorMsg", map[string]string{"msg": "Get Playlist URLs is limited to 1 usage every 60 seconds.", "code": "REQ_PLAYLIST_LIMIT_REACHED"})
		return
	}
	k.askedMS = now()
	k.sendList()
}

func text(raw json.RawMessage) string {
	var v string
	_ = json.Unmarshal(raw, &v)
	return v
}
