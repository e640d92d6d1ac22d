package channeltest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"playbill/core/channel"
	"playbill/core/fault"
)

func sayAndTell(t *testing.T, w *watcher) {
	w.good()
	w.Join("Ann")
	w.until("shows her", func(u channel.Update) bool { return person(u, "ann") != nil })
	w.do(channel.Say{Text: "good evening"}, channel.Done)
	w.do(channel.Tell{To: "ann", Text: "good evening"}, channel.Done)
	if res := w.do(channel.Tell{To: "nobody-of-that-name", Text: "x"}, channel.Refused); res.Fault.Code != fault.Missing {
		t.Errorf("a PM to nobody is refused as %s", res.Fault.Code)
	}
	w.do(channel.Tell{To: channel.Fold(w.Self), Text: "x"}, channel.Refused)
}

func people(t *testing.T, w *watcher) {
	if u := w.good(); !u.Can.Users {
		t.Skip("not declared")
	}
	w.Join("Ann")
	u := w.until("shows her", func(u channel.Update) bool { return person(u, "ann") != nil })
	if p := person(u, "ann"); p.Name != "Ann" || p.AFK {
		t.Errorf("%+v", p)
	}
	if person(u, channel.Fold(w.Self)) == nil {
		t.Error("the bot is not among the people")
	}
	w.Chat("Ann", "hello")
	w.until("shows when she chatted", func(u channel.Update) bool { return person(u, "ann").LastChatMS > 0 })
	w.Leave("Ann")
	u = w.until("shows that she left", func(u channel.Update) bool { return person(u, "ann") == nil })
	if u.People == nil {
		t.Error("people are not known, though the driver keeps them")
	}
}

func person(u channel.Update, key channel.UserKey) *channel.User {
	for i := range u.People {
		if u.People[i].Key == key {
			return &u.People[i]
		}
	}
	return nil
}

func lookup(t *testing.T, w *watcher) {
	w.good()
	ctx, cancel := context.WithTimeout(context.Background(), w.Patience)
	defer cancel()
	w.Join("Ann")
	w.until("shows her", func(u channel.Update) bool { return !u.Can.Users || person(u, "ann") != nil })
	if p, err := w.Driver.Lookup(ctx, "ann"); err != nil || p.Name != "Ann" || p.Key != "ann" {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := w.Driver.Lookup(ctx, "nobody-of-that-name"); !fault.Is(err, fault.Missing) {
		t.Errorf("of nobody: %v", err)
	}
	cancel()
	if _, err := w.Driver.Lookup(ctx, "nobody-of-that-name"); err == nil || fault.Is(err, fault.Missing) {
		t.Errorf("with an ended context: %v, which is no doubt", err)
	}
}

// A driver that does not declare an act refuses it with a code that says so.
func undeclared(t *testing.T, w *watcher) {
	u := w.good()
	ref := w.add(0, 1)[0]
	for _, c := range []struct {
		declared bool
		command  channel.Command
	}{
		{u.Can.AddNext, channel.Add{Media: w.Media(5, time.Minute), Next: true}},
		{u.Can.Move, channel.Move{Item: ref, After: ref}},
		{u.Can.Remove, channel.Remove{Item: ref}},
		{u.Can.Jump, channel.Jump{Item: ref}},
		{u.Can.Say, channel.Say{Text: "x"}},
		{u.Can.Tell, channel.Tell{To: "ann", Text: "x"}},
	} {
		if c.declared {
			continue
		}
		res := w.do(c.command, channel.Refused)
		if code := res.Fault.Code; code != fault.Unsupported && code != fault.Permission {
			t.Errorf("%#v is refused as %s", c.command, code)
		}
	}
}

func closing(t *testing.T, w *watcher) {
	w.good()
	if w.Slow != nil {
		w.Slow(time.Hour)
	}
	ended := make(chan channel.Result, 1)
	go func() { ended <- w.Driver.Do(context.Background(), channel.Add{Media: w.Media(0, time.Minute)}) }()
	time.Sleep(time.Second)
	if err := w.Driver.Close(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(w.Patience)
	for {
		if _, ok := <-w.Driver.Updates(); !ok {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("states come after Close")
		}
	}
	if res := <-ended; w.Slow != nil && res.Outcome != channel.Unknown {
		t.Errorf("what was under way is %v, want unknown", res.Outcome)
	}
	if res := w.Driver.Do(context.Background(), channel.Say{Text: "x"}); res.Outcome == channel.Done {
		t.Error("something was said after Close")
	}
	if _, err := w.Driver.Lookup(context.Background(), channel.Fold(w.Self)); err == nil || fault.Is(err, fault.Missing) {
		t.Errorf("a look-up after Close: %v, which is no doubt", fmt.Sprint(err))
	}
}
