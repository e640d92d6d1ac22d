package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
)

func TestReadsWhatTheFileSays(t *testing.T) {
	t.Setenv("PLAYBILL_TEST_DSN", "file:x.db")
	c, _, r := read("host.hcl", []byte(`
time_zone = "Europe/Lisbon"
store {
  dsn = env.PLAYBILL_TEST_DSN
}
channel "matinee" {
  speed = 12.5
}
pay {
  price { coins = 7 }
  price {
    up_to_seconds = 60
    coins         = 5
  }
  queue_rank = 1.5
}
promos {
  general {
    every_n_items   = null
    every_m_minutes = 0.5
  }
  type "trailers" {
    weight = 9
  }
}
plugin "trailers" {
  command = "/opt/trailers"
  settings {
    greeting = "hello $${name}"
    deep     = { list = [1, 2.5, null], on = true }
  }
}
`))
	if err := r.problems.err(); err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.TimeZone, want.Store.DSN = "Europe/Lisbon", "file:x.db"
	want.Channel.Name, want.Channel.Speed = "matinee", 12.5
	want.Pay.Prices = want.Pay.Prices[:2]
	want.Pay.Prices[0].UpToMS, want.Pay.Prices[0].Coins = 60_000, 5
	want.Pay.Prices[1].UpToMS, want.Pay.Prices[1].Coins = 0, 7
	want.Pay.QueueRank = 15
	want.Promos.EveryItems, want.Promos.EveryMS = 0, 30_000
	trailers := defaultType()
	trailers.Weight = 9
	want.Promos.Types["trailers"] = trailers
	want.Plugins["trailers"] = Plugin{Enabled: true, Command: "/opt/trailers",
		Settings: []byte(`{"deep":{"list":[1,2.5,null],"on":true},"greeting":"hello ${name}"}`)}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
	if c.Location().String() != "Europe/Lisbon" || c.StoreDSN() != "file:x.db" ||
		c.SaveFile() != filepath.Join("playbill-data", "channel-matinee.json") {
		t.Errorf("%v %q %q", c.Location(), c.StoreDSN(), c.SaveFile())
	}
}

func TestLoad(t *testing.T) {
	if file, err := Load(""); err != nil || file.Path != "" || cmp.Diff(Default(), file.Config) != "" {
		t.Errorf("no path: %v %v", file, err)
	}
	missing := filepath.Join(t.TempDir(), "host.hcl")
	if _, err := Load(missing); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
	found := Validate(missing)
	if len(found) != 1 || found[0].String() != missing+": The file cannot be read: no such file or directory." {
		t.Errorf("%v", found)
	}
	large := filepath.Join(t.TempDir(), "large.hcl")
	if err := os.WriteFile(large, []byte(strings.Repeat("#", maxFileBytes+1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if found := Validate(large); len(found) != 1 || found[0].Sentence != "The file is larger than 1048576 bytes." {
		t.Errorf("%v", found)
	}
	if found := Validate(examplePath); found != nil {
		t.Errorf("%v", found)
	}
}

func TestPollingNeedsASlowerCheck(t *testing.T) {
	c := Default()
	c.Channel.Driver, c.Channel.PollMS, c.Presence.CheckIntervalMS = APIGate, 20_000, 15_000
	found := crossing(c)
	if len(found) != 1 || found[0].Field != "presence.check_interval_seconds" {
		t.Errorf("%v", found)
	}
	c.Presence.CheckIntervalMS = 20_000
	if found := crossing(c); len(found) != 0 {
		t.Errorf("%v", found)
	}
}

func TestListenAddresses(t *testing.T) {
	for s, want := range map[string]bool{
		"127.0.0.1:8080": true, ":80": true, "[::1]:443": true, "localhost:0": true,
		"8080": false, "": false, "host:": false, "host:http": false, "host:70000": false, "::1:80": false, "[::1:80": false,
		"http://x:80": false,
	} {
		if isAddress(s) != want {
			t.Errorf("isAddress(%q) is not %v", s, want)
		}
	}
}

// FuzzRead: no text makes the reader panic, and what it accepts is valid by the checks for values of the web, and is read
// back from itself unchanged.
func FuzzRead(f *testing.F) {
	example, err := os.ReadFile(examplePath)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(example)
	f.Add([]byte("pay {\n  price { coins = 1e3 }\n}\nplugin \"a\" {\n  settings {\n    x = <<E\nhi\nE\n  }\n}\n"))
	f.Add([]byte("promos {\n  general {\n    every_m_minutes = 0x1p-2\n  }\n}"))
	f.Add([]byte("data_dir = env[\"HOME\"]\nlisten = [for x in [\":1\"] : x]"))
	f.Fuzz(func(t *testing.T, src []byte) {
		c, _, r := read("host.hcl", src)
		if len(r.problems) > 0 {
			_ = r.problems.Error()
			return
		}
		if found := normalize(c); len(found) > 0 {
			t.Fatalf("the reader accepts what the check refuses: %v", found)
		}
		out, err := splice("host.hcl", src, c)
		if err != nil || string(out) != string(src) {
			t.Fatalf("writing what was read changes the file: %v\n%q", err, out)
		}
	})
}

func TestDecimalsAreExact(t *testing.T) {
	u := unit{per: 10, low: 0, high: 255}
	for _, c := range []struct {
		text string
		n    int64
		ok   bool
	}{{"1.5", 15, true}, {"0.1", 1, true}, {"254.9", 2549, true}, {"255", 2550, true}, {"1.55", 0, false}, {"255.1", 0, false},
		{"1.0000000000000000000000000001", 0, false}} {
		n, ok := exact(cty.MustParseNumberVal(c.text), u)
		if ok != c.ok || ok && n != c.n {
			t.Errorf("%s is %d, %v", c.text, n, ok)
		}
		if ok && !decimal(n, 10).RawEquals(cty.MustParseNumberVal(c.text)) {
			t.Errorf("%s is written as %v", c.text, decimal(n, 10).GoString())
		}
	}
}

func TestCyTubeChannel(t *testing.T) {
	t.Setenv("PLAYBILL_TEST_PASSWORD", "hunter2")
	c, _, r := read("host.hcl", []byte(`channel "films" {
  driver           = "cytube"
  server           = "https://cytube.example.org/"
  channel          = "FilmClub"
  self             = "usher"
  password         = env.PLAYBILL_TEST_PASSWORD
  channel_password = "sesame"
}`))
	if err := r.problems.err(); err != nil {
		t.Fatal(err)
	}
	got := c.Channel
	want := Channel{Name: "films", Driver: CyTube, Server: "https://cytube.example.org/", Room: "FilmClub", Self: "usher",
		Password: "hunter2", ChannelPassword: "sesame", Speed: got.Speed, AddIntervalMS: got.AddIntervalMS,
		AddRetries: got.AddRetries, PollMS: got.PollMS, AFKTimeoutMS: got.AFKTimeoutMS}
	if got != want || got.RoomName() != "FilmClub" {
		t.Errorf("%+v", got)
	}
	if name := (Channel{Name: "films"}).RoomName(); name != "films" {
		t.Errorf("a channel without a name of its own is %q", name)
	}
}
