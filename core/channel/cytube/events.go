package cytube

import (
	"encoding/json"
	"fmt"

	"playbill/core/channel"
	"playbill/core/channel/cytube/socketio"
)

// take takes in one event, or the error that came in its place. An ending says that the connection is over.
func (d *Driver) take(s *session, event socketio.Event, err error) *ending {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == nil && s.end == nil {
		nowMS := d.now()
		if err = d.fold(s, event, nowMS); err != nil {
			err = fmt.Errorf("event %s: %w", event.Name, err)
		}
		s.lastEvent = event.Name
		d.after(nowMS)
	}
	if s.end != nil {
		return s.end
	}
	if err != nil {
		end := d.endingOf(err)
		return &end
	}
	return nil
}

// fold folds one event into the state. An error says that the state can no longer be exact: the connection must be made
// anew. Events that are not named here change nothing that we keep.
func (d *Driver) fold(s *session, event socketio.Event, nowMS int64) error {
	switch event.Name {
	case "playlist", "queue", "delete", "moveVideo", "setTemp", "setCurrent", "changeMedia", "mediaUpdate":
		return d.foldList(s, event, nowMS)
	case "userlist", "addUser", "userLeave", "setUserMeta", "setAFK", "setUserRank":
		return d.foldRoom(s, event, nowMS)
	case "rank", "setPermissions", "setPlaylistLocked", "channelOpts":
		return d.foldAllow(s, event, nowMS)
	case "login", "kick", "needPassword", "cancelNeedPassword", "channelNotRegistered", "partitionChange":
		return d.foldSession(s, event, nowMS)
	}
	d.foldTalk(s, event, nowMS)
	return nil
}

// foldList folds what changes the list or what plays.
func (d *Driver) foldList(s *session, event socketio.Event, nowMS int64) (err error) {
	defer d.touch(nowMS)
	switch event.Name {
	case "playlist":
		return d.foldPlaylist(s, event.Args, nowMS)
	case "queue":
		var q wireQueue
		if q, err = arg[wireQueue](event.Args); err == nil {
			it := q.Item.item()
			d.mirror.insert(it, channel.UID(q.After))
			d.added(it, nowMS)
		}
	case "delete":
		var x wireUIDOnly
		if x, err = arg[wireUIDOnly](event.Args); err == nil {
			uid := channel.UID(x.UID)
			d.mirror.remove(uid, d.howRemoved(uid), nowMS)
			d.echoed(func(r *request) bool { return r.act == remove && r.uid == uid }, nowMS)
		}
	case "moveVideo":
		var x wireMove
		if x, err = arg[wireMove](event.Args); err == nil {
			uid, behind := channel.UID(x.From), channel.UID(x.After)
			d.mirror.move(uid, behind)
			d.echoed(func(r *request) bool { return r.act == move && r.uid == uid && r.behind == behind }, nowMS)
		}
	case "setTemp":
		var x wireUIDOnly
		if x, err = arg[wireUIDOnly](event.Args); err == nil {
			d.mirror.setTemp(channel.UID(x.UID), x.Temp)
		}
	case "setCurrent":
		var uid wireUID
		if uid, err = arg[wireUID](event.Args); err == nil {
			d.mirror.current(channel.UID(uid), nowMS)
			d.echoed(func(r *request) bool { return r.act == jump && r.uid == channel.UID(uid) }, nowMS)
		}
	case "changeMedia", "mediaUpdate":
		err = d.foldPosition(event, nowMS)
	}
	return err
}

func (d *Driver) foldPosition(event socketio.Event, nowMS int64) error {
	p, err := arg[wirePosition](event.Args)
	if err != nil {
		return err
	}
	if event.Name == "changeMedia" {
		d.mirror.start(p, nowMS)
	} else {
		d.mirror.position(p, nowMS)
	}
	return nil
}

// foldPlaylist takes in a whole list: of a join, on our request, or because somebody cleared or shuffled the channel's.
func (d *Driver) foldPlaylist(s *session, args []json.RawMessage, nowMS int64) error {
	rows, err := arg[[]wireItem](args)
	if err != nil {
		return err
	}
	items := make([]channel.Item, len(rows))
	seen := make(map[channel.UID]bool, len(rows))
	for i, row := range rows {
		items[i] = row.item()
		if seen[items[i].UID] {
			return fmt.Errorf("uid %d twice", items[i].UID)
		}
		seen[items[i].UID] = true
	}
	asked := s.awaiting && s.lastEvent == "setPlaylistMeta"
	wasEmpty := d.mirror.whole && len(d.mirror.items) == 0
	renumbered := d.mirror.replace(items, nowMS)
	switch {
	case asked: // a clear or shuffle sends a list of its own
	case renumbered:
		d.dropWaiting(nowMS)
	case wasEmpty && len(items) == 0 && s.seated: // a clear of an empty list still drops what waits
		d.mirror.epoch++
		d.dropWaiting(nowMS)
	}
	if asked {
		s.awaiting = false
	}
	return nil
}

// howRemoved is how an item that is deleted leaves the air, when it has not come to its end.
func (d *Driver) howRemoved(uid channel.UID) string {
	for _, r := range d.desk.open {
		if r.act == jump && r.sentMS > 0 && r.uid != uid {
			return channel.Skipped // a temp item that we jump away from is deleted first
		}
	}
	return channel.Removed
}

// foldRoom folds who is there.
func (d *Driver) foldRoom(s *session, event socketio.Event, nowMS int64) error {
	defer d.touch(nowMS)
	if event.Name == "userlist" {
		users, err := arg[[]wireUser](event.Args)
		if err != nil {
			return err
		}
		d.room.replace(users)
		s.users = true
		d.noteMuted()
		return nil
	}
	u, err := arg[wireUser](event.Args)
	if err != nil {
		return err
	}
	switch event.Name {
	case "addUser":
		d.room.put(u.user(), 0)
	case "userLeave":
		d.room.leave(u.Name)
	case "setUserMeta":
		d.room.change(u.Name, func(p *channel.User) {
			p.AFK, p.Muted = u.Meta.AFK, u.Meta.Muted || u.Meta.ShadowMute
		})
	case "setAFK":
		d.room.change(u.Name, func(p *channel.User) { p.AFK = u.AFK })
	case "setUserRank":
		d.room.change(u.Name, func(p *channel.User) { p.RankTenths = tenths(u.Rank) })
	}
	if channel.Fold(u.Name) == channel.Fold(d.self) {
		d.heard(s, event.Name, nowMS)
		d.noteMuted()
	}
	return nil
}

// heard notes that the channel spoke of us after our login: it is no zombie.
func (d *Driver) heard(s *session, name string, nowMS int64) {
	if s.loginMS == 0 || name == "userLeave" {
		return // of an earlier connection of ours
	}
	if s.heardMS == 0 {
		s.heardMS = nowMS
	}
	if name == "setUserRank" {
		s.placed = true
	}
}

func (d *Driver) noteMuted() { d.allow.muted = d.room.people[channel.Fold(d.self)].Muted }

// foldAllow folds what our rank may do.
func (d *Driver) foldAllow(s *session, event socketio.Event, nowMS int64) error {
	defer d.touch(nowMS)
	before := d.allow.wanting()
	switch event.Name {
	case "rank":
		rank, err := arg[float64](event.Args)
		if err != nil {
			return err
		}
		d.allow.rankTenths = tenths(rank)
		if s.loginMS > 0 && s.rankMS == 0 {
			s.rankMS = nowMS
			d.heard(s, event.Name, nowMS)
		}
	case "setPermissions":
		nodes, err := arg[map[string]float64](event.Args)
		if err != nil {
			return err
		}
		d.allow.nodes = make(map[string]int, len(nodes))
		for node, rank := range nodes {
			d.allow.nodes[node] = tenths(rank)
		}
	case "setPlaylistLocked":
		locked, err := arg[bool](event.Args)
		if err != nil {
			return err
		}
		d.allow.open = !locked
	case "channelOpts":
		opts, err := arg[wireOptions](event.Args)
		if err != nil {
			return err
		}
		d.allow.dupes, d.allow.afkS = opts.Dupes != nil && *opts.Dupes, opts.AFKs
	}
	if after := d.allow.wanting(); s.seated && after != before {
		d.logWanting(after)
	}
	return nil
}

// logWanting says in the log what the bot may not do and the station would.
func (d *Driver) logWanting(wanting string) {
	if wanting == "" {
		d.log.Info("the bot may do all that the station needs", "channel", d.opts.Channel, "rank_tenths", d.allow.rankTenths)
		return
	}
	d.log.Warn("the bot's rank is too low for some of what the station needs", "channel", d.opts.Channel,
		"rank_tenths", d.allow.rankTenths, "wanting", wanting)
}

// foldSession folds what is about our connection itself.
func (d *Driver) foldSession(s *session, event socketio.Event, nowMS int64) error {
	switch event.Name {
	case "login":
		login, err := arg[wireLogin](event.Args)
		if err != nil {
			return err
		}
		if !login.Success {
			s.giveUp(d.loginFailed(login.Error))
			return nil
		}
		s.loginMS, d.self = nowMS, login.Name
		d.touch(nowMS)
	case "kick":
		kick, err := arg[wireFail](event.Args)
		if err != nil {
			return err
		}
		s.giveUp(d.kicked(kick.Reason, nowMS))
	case "needPassword":
		wrong, _ := arg[bool](event.Args)
		s.password = "The channel asks for a password. Set channel_password in the config, or give the bot a moderator's rank."
		if wrong {
			s.password = "The channel does not accept channel_password of the config. Correct it."
		}
		d.touch(nowMS)
	case "cancelNeedPassword":
		s.password = ""
	case "channelNotRegistered":
		s.giveUp(ending{final: true, why: fmt.Sprintf(
			"There is no registered channel %q on %s. Correct the channel's name in the config, or register it.", d.opts.Channel, d.opts.Server)})
	case "partitionChange":
		s.giveUp(ending{why: "The channel moved to another server. Following it."})
	}
	return nil
}

// foldTalk folds chat, PMs and refusals. None of them changes the list: what cannot be read is passed over.
func (d *Driver) foldTalk(s *session, event socketio.Event, nowMS int64) {
	switch event.Name {
	case "chatMsg":
		if c, err := arg[wireChat](event.Args); err == nil {
			d.chatted(s, c, nowMS)
		}
	case "pm":
		c, err := arg[wireChat](event.Args)
		if err == nil && channel.Fold(c.Username) == channel.Fold(d.self) {
			to := channel.Fold(c.To)
			d.echoed(func(r *request) bool { return r.act == tell && r.to == to }, nowMS)
		}
	case "queueFail":
		if f, err := arg[wireFail](event.Args); err == nil {
			d.addFailed(f, nowMS)
		}
	case "queueWarn":
		if f, err := arg[wireFail](event.Args); err == nil {
			d.log.Warn("the channel warns of an item", "channel", d.opts.Channel, "why", plain(f.Msg))
		}
	case "errorMsg":
		if f, err := arg[wireFail](event.Args); err == nil {
			s.awaiting = s.awaiting && f.Code != listLimit
			d.complained(plain(f.Msg))
		}
	case "cooldown", "noflood", "spamFiltered":
		f, _ := arg[wireFail](event.Args) // a cooldown is a bare number
		d.talkLost(event.Name, plain(f.Msg), nowMS)
	}
}

// chatted notes that somebody chatted. Lines from before we were there are sent again on every join, and are nobody's.
func (d *Driver) chatted(s *session, c wireChat, nowMS int64) {
	if !s.users || c.Time < s.beganMS-replayMost.Milliseconds() {
		return
	}
	d.room.change(c.Username, func(u *channel.User) { u.LastChatMS = max(c.Time, u.LastChatMS) })
	d.touch(nowMS)
	if channel.Fold(c.Username) == channel.Fold(d.self) {
		d.echoed(func(r *request) bool { return r.act == say }, nowMS)
	}
}
