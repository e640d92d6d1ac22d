package cytubetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"playbill/core/channel"
	"playbill/core/playlist"
	"playbill/sdk"
)

// request is one queue, delete or moveMedia of a client's, in the channel's line.
type request struct {
	by          *socket
	name        string
	add         playlist.Request
	id          string // as it was sent
	uid, behind channel.UID
	lookup      time.Duration
	fail        string // what the look-up will find out
	start       int    // of the server
}

// queue is an add as it arrives: what CyTube checks before it gets in line.
func (k *socket) queue(body map[string]json.RawMessage) {
	known := []string{"id", "type", "pos", "temp", "title", "duration"}
	for key := range body {
		if !slices.Contains(known, key) {
			k.emit("errorMsg", map[string]string{"msg": "Unexpected error for message queue: Extra key: " + key})
			return
		}
	}
	id, kind, pos := text(body["id"]), text(body["type"]), text(body["pos"])
	var temp bool
	var seconds float64
	_ = json.Unmarshal(body["temp"], &temp)
	_ = json.Unmarshal(body["duration"], &seconds)
	if !k.may("playlistadd") || pos != "end" && pos != "next" || pos == "next" && !k.may("playlistnext") {
		return
	}
	switch refusal := k.mayAdd(kind); {
	case refusal != "":
		k.queueFail(id, refusal)
		return
	case !k.s.opts.NoLimits && !k.adds.Allow(now()):
		k.queueFail(id, "You are adding videos too quickly")
		return
	}
	m := k.s.found(id, kind, text(body["title"]), seconds)
	r := &request{by: k, name: "queue", id: id, lookup: k.s.faults.lookup, fail: k.s.faults.takeFail(id), start: k.s.starts}
	r.add = playlist.Request{Media: m, Temp: temp || !k.may("addnontemp"), Next: pos == "next", By: k.name}
	k.s.waiting = append(k.s.waiting, r)
}

// mayAdd is the refusal that a media type meets at once.
func (k *socket) mayAdd(kind string) string {
	switch kind {
	case "yt", "vi", "dm", "sc":
	case "li", "tw", "rt", "hl":
		if !k.may("playlistaddlive") {
			return "You don't have permission to add live media"
		}
	case "cu":
		if !k.may("playlistaddcustom") {
			return "You don't have permission to add custom embeds"
		}
	case "fi", "cm":
		if !k.may("playlistaddrawfile") {
			return "You don't have permission to add raw video files"
		}
	default:
		return fmt.Sprintf("Unknown media type '%s'", kind)
	}
	return ""
}

// found is what a look-up finds.
func (s *Server) found(id, kind, title string, seconds float64) sdk.Media {
	m, ok := s.library[id]
	if !ok {
		m = sdk.Media{Title: "Clip " + id, DurationMS: time.Minute.Milliseconds()}
	}
	m.ID, m.Type = id, kind
	switch kind {
	case "li", "tw", "rt", "hl":
		m.Title, m.DurationMS = "Livestream", int64(seconds*1000)
	case "cu":
		m.ID, m.Title, m.DurationMS = "cu:hash-of-"+fmt.Sprint(len(id)), title, int64(seconds*1000)
	}
	return m
}

func (k *socket) queueFail(id, msg string) {
	k.emit("queueFail", map[string]string{"msg": escaped(msg), "link": "https://example.org/" + id, "id": id})
}

// edit is a delete, a move or a jump as it arrives. Without permission there is no answer.
func (k *socket) edit(name string, args []json.RawMessage, body map[string]json.RawMessage) {
	var uid, behind channel.UID
	var err error
	if name == "moveMedia" {
		err = json.Unmarshal(body["from"], &uid)
		switch text(body["after"]) {
		case "prepend":
			behind = playlist.Front
		case "append":
			behind = playlist.Back
		default:
			_ = json.Unmarshal(body["after"], &behind)
		}
	} else if len(args) > 0 {
		err = json.Unmarshal(args[0], &uid)
	}
	node := map[string]string{"delete": "playlistdelete", "moveMedia": "playlistmove", "jumpTo": "playlistjump"}[name]
	switch {
	case err != nil || !k.may(node):
	case name == "jumpTo":
		k.s.jump(uid)
	default:
		k.s.waiting = append(k.s.waiting, &request{by: k, name: name, uid: uid, behind: behind, start: k.s.starts})
	}
}

// work works off the line: one look-up after another, and what waits behind them. It ends with life.
func (s *Server) work() {
	for {
		select {
		case <-s.life.Done():
			return
		case <-s.feed:
		}
		for r, cleared := s.next(); r != nil; r, cleared = s.next() {
			s.serve(r, cleared)
		}
	}
}

// next takes the head of the line, with the channel that says that a clear let it loose.
func (s *Server) next() (*request, chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waiting) == 0 {
		return nil, nil
	}
	r := s.waiting[0]
	s.waiting = s.waiting[1:]
	return r, s.cleared
}

// serve does one request. A look-up that takes long, or that a clear has let loose, goes on beside the line.
func (s *Server) serve(r *request, cleared chan struct{}) {
	if r.lookup == 0 {
		s.act(func() { s.apply(r) })
		return
	}
	done := make(chan struct{})
	s.running.Go(func() { // ends with its look-up or with life; Close waits
		defer close(done)
		if s.sleep(r.lookup) {
			s.act(func() { s.apply(r) })
		}
	})
	timer := time.NewTimer(breaker)
	defer timer.Stop()
	select {
	case <-done:
	case <-cleared:
	case <-timer.C:
	case <-s.life.Done():
	}
}

// apply does one request whose turn has come.
func (s *Server) apply(r *request) {
	switch {
	case r.start != s.starts: // the server that had it was stopped
	case r.name == "delete":
		s.remove(r.uid)
	case r.name == "moveMedia" && s.faults.swallow > 0:
		s.faults.swallow--
		left, _ := s.list.Remove(r.uid, now())
		if len(left) > 0 {
			s.tellCurrent()
		}
	case r.name == "moveMedia":
		s.move(r.uid, r.behind)
	case r.by.gone || r.by.life.Err() != nil: // CyTube adds it all the same
		_ = s.add(r.add)
	case r.fail != "":
		r.by.queueFail(r.id, r.fail)
	case s.opts.MaxSeconds > 0 && r.add.Media.DurationMS > s.opts.MaxSeconds*1000 && !r.by.may("exceedmaxlength"):
		r.by.queueFail(r.id, fmt.Sprintf("Video exceeds the maximum length set by the channel admin: %d seconds", s.opts.MaxSeconds))
	default:
		if f := s.add(r.add); f != nil {
			r.by.queueFail(r.id, f.Sentence)
		}
	}
}

// dropWaiting drops what waits without a word, and lets loose the one in look-up.
func (s *Server) dropWaiting() {
	s.waiting = nil
	close(s.cleared)
	s.cleared = make(chan struct{})
}
