package cytube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"playbill/core/channel"
	"playbill/core/channel/cytube/socketio"
)

// ending is why a connection ended, or did not come about.
type ending struct {
	why   string        // a sentence for a person
	final bool          // trying again would not help, or would harm
	pause time.Duration // before the next attempt; 0: the usual backoff
	cause error         // for the log; may be nil
}

// message is one event to be written.
type message struct {
	name string
	args []any
}

// session is one connection. Its fields but out, life and stop are guarded by the driver's lock.
type session struct {
	conn *socketio.Conn
	out  chan message
	life context.Context // ends with the connection
	stop context.CancelFunc

	beganMS   int64
	loginMS   int64  // when our login was accepted; 0: it was not yet
	heardMS   int64  // when the channel itself first spoke of us after that
	rankMS    int64  // when it gave us our rank after that
	placed    bool   // it told everybody our rank: the last word of a join
	seated    bool   // all of that, so that it takes our commands
	users     bool   // the users came: chat from before is replay
	password  string // the channel asks for a password, in a sentence
	askedMS   int64  // when we asked for the list; 0: never
	awaiting  bool   // the list that we asked for
	probedMS  int64  // when we asked what plays
	proven    bool   // it has lasted for a horizon
	lastEvent string
	end       *ending // decided by an event or the clock, while the reader reads
}

// connectAgain connects, reads until the connection ends, and connects again. It ends with the driver's life, or waits
// for it when trying again would not help.
func (d *Driver) connectAgain() {
	pause := d.opts.Timing.First
	for {
		end, seated := d.once()
		if d.life.Err() != nil {
			return
		}
		if seated {
			pause = d.opts.Timing.First
		}
		d.lost(end)
		wait := end.pause
		if wait == 0 {
			wait = time.Duration(float64(pause) * (0.8 + 0.4*rand.Float64())) // so that two hosts do not knock together
			pause = min(pause*2, backoffMost)
		}
		if end.final {
			wait = 0
		}
		if !d.rest(wait) {
			return
		}
	}
}

// rest waits; zero is for ever. False: the driver was closed.
func (d *Driver) rest(wait time.Duration) bool {
	if wait == 0 {
		<-d.life.Done()
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-d.life.Done():
		return false
	}
}

// lost publishes that there is no connection, and says why.
func (d *Driver) lost(end ending) {
	d.mu.Lock()
	defer d.mu.Unlock()
	log := d.log.Warn
	switch {
	case end.final:
		log = d.log.Error
	case d.why == end.why:
		log = d.log.Debug // said already: the attempts go on
	}
	log("no connection to the channel", "channel", d.opts.Channel, "why", end.why, "final", end.final, "cause", end.cause)
	d.why, d.final = end.why, end.final
	if !d.closed {
		d.publish(d.now())
	}
}

// once makes one connection and reads it to its end. seated: the channel took our commands meanwhile.
func (d *Driver) once() (end ending, seated bool) {
	if err := d.connects.Wait(d.life); err != nil {
		return ending{why: "The driver was closed.", cause: err}, false
	}
	server, failed := d.findServer()
	if failed != nil {
		return *failed, false
	}
	ctx, cancel := context.WithTimeout(d.life, dialWait)
	defer cancel()
	conn, err := socketio.Dial(ctx, socketio.Options{URL: server, Client: d.opts.Client})
	if err != nil {
		return d.endingOf(err), false
	}
	s := d.begin(conn)
	var writing sync.WaitGroup
	writing.Go(func() { s.write() }) // ends with the session's life; waited for below
	end = d.read(s)
	s.stop()
	_ = conn.Close()
	writing.Wait()
	return end, d.finishSession(s)
}

// begin makes a connection ours: a new epoch, nothing known.
func (d *Driver) begin(conn *socketio.Conn) *session {
	d.mu.Lock()
	defer d.mu.Unlock()
	nowMS := d.now()
	s := &session{conn: conn, out: make(chan message, outCap), beganMS: nowMS}
	s.life, s.stop = context.WithCancel(d.life)
	d.line, d.gap = s, true
	d.mirror = newMirror(d.mirror.epoch + 1)
	d.room, d.allow = room{}, allow{rankTenths: -10}
	join := map[string]any{"name": d.opts.Channel}
	if d.opts.ChannelPassword != "" {
		join["pw"] = d.opts.ChannelPassword
	}
	login := map[string]any{"name": d.opts.User}
	if d.opts.Password != "" {
		login["pw"] = d.opts.Password
	}
	s.emit("joinChannel", join)
	s.emit("login", login)
	d.publish(nowMS)
	d.poke()
	return s
}

// finishSession ends a session: what was sent may still come, what waited will not be sent.
func (d *Driver) finishSession(s *session) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mirror.settleGone()
	d.collect()
	d.line = nil
	d.stood(s)
	d.mirror = newMirror(d.mirror.epoch)
	if !d.closed {
		d.forget(false)
	}
	return s.seated
}

// stood counts how long the channel was there in a connection that ended too soon to prove anything by itself. What it
// leaves in doubt begins the count anew.
func (d *Driver) stood(s *session) {
	switch {
	case s.proven || len(d.sentInLine()) > 0:
		d.desk.stoodMS = 0
	case s.seated:
		d.desk.stoodMS += min(d.now()-s.beganMS, d.opts.Timing.Horizon.Milliseconds())
	}
}

// read takes events until the connection ends.
func (d *Driver) read(s *session) ending {
	for {
		event, err := s.conn.Next(s.life)
		if end := d.take(s, event, err); end != nil {
			return *end
		}
	}
}

// write writes what is to be sent, in order. It ends with the session's life, and ends that when it cannot write.
func (s *session) write() {
	for {
		select {
		case m := <-s.out:
			if err := s.conn.Emit(s.life, m.name, m.args...); err != nil {
				s.stop()
				return
			}
		case <-s.life.Done():
			return
		}
	}
}

// emit hands one event to the writer. A connection whose writer cannot keep up is given up.
func (s *session) emit(name string, args ...any) {
	select {
	case s.out <- message{name, args}:
	default:
		s.giveUp(ending{why: "The server does not read what we send. Connecting again."})
	}
}

// giveUp ends a connection from our side; the first reason stays.
func (s *session) giveUp(end ending) {
	if s.end == nil {
		s.end = &end
	}
	s.stop()
}

// waitsFor says what a session that is not seated waits for.
func (s *session) waitsFor() string {
	switch {
	case s.password != "":
		return s.password
	case s.loginMS == 0:
		return "Joining the channel and logging in."
	}
	return "Logged in, and waiting for the rank that the channel gives us."
}

// findServer asks which server serves the channel, and prefers a secure one.
func (d *Driver) findServer() (string, *ending) {
	ctx, cancel := context.WithTimeout(d.life, configWait)
	defer cancel()
	address := d.opts.Server + "/socketconfig/" + url.PathEscape(d.opts.Channel) + ".json"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", &ending{final: true, cause: err, why: fmt.Sprintf("%q is no address of a server. Correct server in the config.", d.opts.Server)}
	}
	res, err := d.opts.Client.Do(req)
	if err != nil {
		return "", &ending{cause: err, why: fmt.Sprintf("The server %s cannot be reached. Trying again.", d.opts.Server)}
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, configMax))
	switch {
	case err != nil:
		return "", &ending{cause: err, why: fmt.Sprintf("The server %s broke off its answer. Trying again.", d.opts.Server)}
	case res.StatusCode == http.StatusNotFound && strings.Contains(string(body), "does not exist"):
		return "", &ending{final: true, why: fmt.Sprintf(
			"There can be no channel %q on %s. Correct the channel's name in the config.", d.opts.Channel, d.opts.Server)}
	case res.StatusCode != http.StatusOK:
		return "", &ending{why: fmt.Sprintf("The server %s answered %s where CyTube gives its socket's address. Trying again.",
			d.opts.Server, res.Status)}
	}
	server, err := pickServer(body)
	if err != nil {
		return "", &ending{pause: longPause, cause: err, why: fmt.Sprintf("%s does not answer as a CyTube server. Check server in the config.", d.opts.Server)}
	}
	return server, nil
}

// pickServer reads a socketconfig.
func pickServer(body []byte) (string, error) {
	var config struct {
		Servers []struct {
			URL    string `json:"url"`
			Secure bool   `json:"secure"`
			IPv6   bool   `json:"ipv6"`
		} `json:"servers"`
	}
	if err := json.Unmarshal(body, &config); err != nil {
		return "", fmt.Errorf("socketconfig: %w", err)
	}
	best, points := "", -1
	for _, s := range config.Servers {
		n := 0
		if s.Secure {
			n += 2
		}
		if !s.IPv6 {
			n++
		}
		if s.URL != "" && n > points {
			best, points = s.URL, n
		}
	}
	if best == "" {
		return "", errors.New("socketconfig names no server")
	}
	return best, nil
}

// endingOf says what an error of the connection means.
func (d *Driver) endingOf(err error) ending {
	var refused *socketio.RefusedError
	switch {
	case errors.As(err, &refused):
		return refusedEnding(refused.Message)
	case errors.Is(err, socketio.ErrEnded):
		return ending{why: "The server ended the connection. Connecting again."}
	case errors.Is(err, context.DeadlineExceeded):
		return ending{cause: err, why: "The server fell silent. Connecting again."}
	}
	return ending{cause: err, why: "The connection to the server was lost. Connecting again."}
}

// forget ends every command that was sent: nobody knows what became of it, and it may still come until a connection has
// lasted for a horizon. What waits for the pace was not sent.
func (d *Driver) forget(closing bool) {
	for _, r := range d.desk.paced {
		if closing {
			d.finish(r, channel.Result{})
		} else {
			d.refuse(r, droppedUnsent())
		}
	}
	for _, r := range d.desk.talking {
		d.finish(r, channel.Result{})
	}
	d.desk.paced, d.desk.talking = nil, nil
	for r, pastMS := range d.gonePast() {
		if r.act.inLine() {
			d.desk.lateMS = max(d.desk.lateMS, pastMS)
		}
	}
	for _, r := range d.desk.open {
		d.finish(r, channel.Result{})
	}
}
