package station

import (
	"context"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/notice"
)

// message is a PM that somebody waits to be sent.
type message struct {
	ctx  context.Context // of who waits: a message that nobody waits for any more is not sent
	to   channel.UserKey
	text string
	done chan error // capacity 1
}

// PM tells one person something now and returns what became of it: nil once the channel has taken it. It is sent once,
// and never again. Faults: Missing or another refusal of the channel, ChannelDown when the room cannot be reached or does
// not say what became of it, Unsupported when the bot may not send PMs.
func (s *Station) PM(ctx context.Context, to channel.UserKey, text string) error {
	switch v := s.View(); {
	case v.Health != channel.Good:
		return fault.New(fault.ChannelDown, "The channel cannot be reached now, so the bot cannot send a message.")
	case !v.Can.Tell:
		return fault.New(fault.Unsupported, "The bot may not send messages on this channel.")
	}
	m := message{ctx: ctx, to: to, text: text, done: make(chan error, 1)}
	select {
	case s.messages <- m:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stopped:
		return errStopped
	}
	select {
	case s.wakeHands <- struct{}{}:
	default: // they are awake
	}
	select {
	case err := <-m.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stopped:
		return errStopped
	}
}

// deliver sends one message that somebody waits for, before anything else that the hands do, and reports whether there
// was one.
func (h *hands) deliver(ctx context.Context) bool {
	select {
	case m := <-h.messages:
		if m.ctx.Err() == nil {
			m.done <- h.pm(ctx, m)
		}
		return true
	default:
		return false
	}
}

func (h *hands) pm(ctx context.Context, m message) error {
	r := h.do(ctx, sayWait, channel.Tell{To: m.to, Text: notice.Say(m.text, h.View().Can.TextMax)})
	switch {
	case r.Outcome == channel.Done:
		return nil
	case r.Outcome == channel.Refused && r.Fault != nil:
		return r.Fault
	default:
		return fault.New(fault.ChannelDown, "The channel does not say whether the message arrived.")
	}
}
