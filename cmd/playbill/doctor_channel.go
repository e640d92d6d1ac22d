package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"playbill/core/channel"
	"playbill/core/channel/cytube"
	"playbill/core/config"
	"playbill/core/control"
)

// How long the doctor waits, and which difference of the clocks he mentions: codes, sessions and events go by ours.
const (
	joinWait   = 30 * time.Second // for the channel to say what the bot may do there
	clockWait  = 10 * time.Second
	clockDrift = 5 * time.Second
)

// channel looks at the live channel: through the host, or as the bot for a moment.
func (e examination) channel(ctx context.Context) part {
	p := part{head: "Channel"}
	from := server(e.file.Config)
	if from == "" {
		p.findings = append(p.findings, finding{what: "Channel", says: "It is inside the host: there is nothing to reach."})
		return p
	}
	room, err := e.room(ctx)
	if err != nil {
		p.findings = append(p.findings, finding{grade: bad, what: "Channel", says: sentence(err)})
		return p
	}
	p.findings = append(p.findings, clockFinding(ctx, from), roomFinding(e.file.Config, room))
	for _, n := range room.Needs {
		p.findings = append(p.findings, needFinding(n))
	}
	return p
}

func roomFinding(c *config.Config, room control.Room) finding {
	f := finding{what: "Login", says: fmt.Sprintf("The bot is in the channel %q as %s.", c.Channel.RoomName(), room.Self)}
	if !room.Good && room.Why != "" {
		f.grade, f.says = bad, room.Why
	}
	return f
}

func needFinding(n control.Need) finding {
	f := finding{what: n.What, says: n.Says, fix: n.Fix}
	switch {
	case n.Met:
	case n.Weight == channel.Grave:
		f.grade = bad
	default:
		f.grade = fair
	}
	return f
}

// room asks the host, or joins the channel until that has told what the bot may do, or why it cannot.
func (e examination) room(ctx context.Context) (control.Room, error) {
	if e.host != nil {
		return e.host.Room(ctx)
	}
	c := e.file.Config.Channel
	driver, err := cytube.Open(cytube.Options{Server: c.Server, Channel: c.RoomName(), User: c.Self, Password: c.Password, ChannelPassword: c.ChannelPassword})
	if err != nil {
		return control.Room{}, err
	}
	defer func() { _ = driver.Close() }() // it never fails
	last, end := channel.Update{}, time.After(joinWait)
	for {
		select {
		case last = <-driver.Updates():
			if last.Health == channel.Good || last.Needs != nil || last.Final {
				return roomOf(last), nil
			}
		case <-end:
			return roomOf(last), nil
		case <-ctx.Done():
			return control.Room{}, ctx.Err()
		}
	}
}

// clockFinding compares our clock with the server's, by the date that it puts on an answer.
func clockFinding(ctx context.Context, server string) finding {
	f := finding{what: "Clock"}
	ctx, cancel := context.WithTimeout(ctx, clockWait)
	defer cancel()
	ask, err := http.NewRequestWithContext(ctx, http.MethodHead, server, nil)
	if err != nil {
		return finding{grade: bad, what: f.what, says: fmt.Sprintf("%q is no address of a server. Correct server in the configuration.", server)}
	}
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		return finding{grade: fair, what: f.what, says: "The server gave no time to compare with."}
	}
	_ = answer.Body.Close() // a HEAD has none
	theirs, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return finding{grade: fair, what: f.what, says: "The server gave no time to compare with."}
	}
	if off := time.Since(theirs).Round(time.Second); off.Abs() > clockDrift {
		return finding{grade: fair, what: f.what, says: fmt.Sprintf("It differs from the server's by %s.", off.Abs()), fix: "Switch on time synchronization: events and daily limits go by this clock."}
	}
	f.says = "It agrees with the server's."
	return f
}
