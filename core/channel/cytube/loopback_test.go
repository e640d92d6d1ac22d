package cytube_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"playbill/core/channel"
	"playbill/core/channel/channeltest/cytubetest"
	"playbill/core/channel/cytube"
	"playbill/sdk"
)

// onLoopback is a server and a driver on real sockets, with short waits.
func onLoopback(t testing.TB, o cytubetest.Options) (*cytubetest.Server, *cytube.Driver) {
	t.Helper()
	o.NoLimits = true
	server, err := cytubetest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	driver, err := cytube.Open(cytube.Options{Server: server.URL(), Channel: "test", User: "playbill", Password: "secret",
		AddIntervalMS: 1, Timing: cytube.Timing{Horizon: 2 * time.Second, First: 50 * time.Millisecond, EachConnect: time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = driver.Close() })
	return server, driver
}

// read reads states until one is as wanted.
func read(t testing.TB, d *cytube.Driver, ok func(u channel.Update) bool) channel.Update {
	t.Helper()
	timeout := time.After(30 * time.Second)
	for {
		select {
		case u := <-d.Updates():
			if ok(u) {
				return u
			}
		case <-timeout:
			t.Fatal("no such state")
		}
	}
}

func good(u channel.Update) bool { return u.Health == channel.Good }

func longList(n int) []channel.Item {
	items := make([]channel.Item, n)
	for i := range items {
		items[i] = channel.Item{Media: sdk.Media{Type: "yt", ID: fmt.Sprintf("ep_%04d_abcdefg", i), Title: fmt.Sprintf("Episode %d of a long-running programme", i), DurationMS: 600_000}, AddedBy: "Mod"}
	}
	return items
}

// TestLoopback is a walk on real sockets: a list that comes as one frame of most of a megabyte, every kind of command, a
// shuffle, a restart of the server, and the end.
func TestLoopback(t *testing.T) {
	server, driver := onLoopback(t, cytubetest.Options{Start: longList(3990)})
	u := read(t, driver, func(u channel.Update) bool { return good(u) && u.Over >= 0 })
	if len(u.List) != 3990 || u.Current != 0 {
		t.Fatalf("%d items, current %d", len(u.List), u.Current)
	}
	ctx := context.Background()
	do := func(c channel.Command) channel.Result {
		t.Helper()
		res := driver.Do(ctx, c)
		if res.Outcome != channel.Done {
			t.Fatalf("%#v is %v: %v", c, res.Outcome, res.Fault)
		}
		return res
	}
	clip := sdk.Media{Type: "yt", ID: "a-clip", DurationMS: 60_000}
	added := do(channel.Add{Media: clip, Temp: true}).Item
	first := channel.Ref{Epoch: u.Epoch, UID: u.List[0].UID}
	do(channel.Move{Item: added, After: first})
	do(channel.Jump{Item: added})
	do(channel.Remove{Item: added})
	server.Join("Ann", 10)
	read(t, driver, func(u channel.Update) bool { return len(u.People) == 2 })
	do(channel.Say{Text: "good evening"})
	last := do(channel.Tell{To: "ann", Text: "good evening"})
	u = read(t, driver, func(u channel.Update) bool { return good(u) && u.Over >= last.N })
	server.Shuffle()
	u = read(t, driver, func(n channel.Update) bool { return good(n) && n.Epoch > u.Epoch })
	server.Restart(true, 100*time.Millisecond)
	u = read(t, driver, func(n channel.Update) bool { return good(n) && n.Epoch > u.Epoch })
	if got := server.Items(); !slices.Equal(got, u.List) {
		t.Errorf("the mirror has %d items, the server %d", len(u.List), len(got))
	}
	if err := driver.Close(); err != nil {
		t.Fatal(err)
	}
	if _, open := <-driver.Updates(); open {
		for range driver.Updates() {
		}
	}
}

// BenchmarkAdd is from an add to its echo on loopback, beside nothing but the server's own work.
func BenchmarkAdd(b *testing.B) {
	_, driver := onLoopback(b, cytubetest.Options{MaxItems: 1 << 30})
	read(b, driver, good)
	var took []time.Duration
	n := 0
	for b.Loop() {
		n++
		start := time.Now()
		res := driver.Do(context.Background(), channel.Add{Media: sdk.Media{Type: "yt", ID: fmt.Sprint("c", n), DurationMS: 60_000}, Temp: true})
		took = append(took, time.Since(start))
		if res.Outcome != channel.Done {
			b.Fatal(res.Fault)
		}
		driver.Do(context.Background(), channel.Remove{Item: res.Item})
		time.Sleep(time.Millisecond) // the pace
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkJoin is from opening the driver to the first Good state of 4,000 items, with the server's 55 ms for password
// and rank.
func BenchmarkJoin(b *testing.B) {
	server, err := cytubetest.New(cytubetest.Options{Start: longList(4000), NoLimits: true})
	if err != nil {
		b.Fatal(err)
	}
	defer server.Close()
	for b.Loop() {
		d, err := cytube.Open(cytube.Options{Server: server.URL(), Channel: "test", User: "playbill", Password: "secret"})
		if err != nil {
			b.Fatal(err)
		}
		if u := read(b, d, good); len(u.List) != 4000 {
			b.Fatal(len(u.List))
		}
		_ = d.Close()
	}
}

// BenchmarkEvents is what one event and its state cost on a list of 4,000 items.
func BenchmarkEvents(b *testing.B) {
	server, driver := onLoopback(b, cytubetest.Options{Start: longList(4000)})
	u := read(b, driver, good)
	temp := false
	for b.Loop() {
		temp = !temp
		server.SetTemp(u.List[3999].UID, temp)
		read(b, driver, func(u channel.Update) bool { return good(u) && u.List[3999].Temp == temp })
	}
}
