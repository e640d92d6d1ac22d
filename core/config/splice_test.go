package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"playbill/core/pay"
	"playbill/core/promo"
)

// spliced changes what src says and returns the new text.
func spliced(t *testing.T, src string, change func(*Config)) string {
	t.Helper()
	c, _, r := read("host.hcl", []byte(src))
	if err := r.problems.err(); err != nil {
		t.Fatal(err)
	}
	change(c)
	out, err := splice("host.hcl", []byte(src), c)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func setType(c *Config, id string, change func(*promo.TypeSettings)) {
	s := c.Promos.Types[id]
	change(&s)
	c.Promos.Types[id] = s
}

func setSettings(c *Config, id, json string) {
	p := c.Plugins[id]
	p.Settings = []byte(json)
	c.Plugins[id] = p
}

// spliceCase is a file, a change, and the file after it.
type spliceCase struct {
	name, src, want string
	change          func(*Config)
}

func TestSpliceChangesOnlyItsBytes(t *testing.T) {
	for _, c := range slices.Concat(valueCases(), blockCases()) {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, spliced(t, c.src, c.change)); diff != "" {
				t.Error(diff)
			}
			if same := spliced(t, c.src, func(*Config) {}); same != c.src {
				t.Errorf("no change gives %q", same)
			}
		})
	}
}

// valueCases are about single values and new blocks.
func valueCases() []spliceCase {
	return []spliceCase{
		{"one value, aligned by hand",
			"pay {\n\tdaily_limit    =   3 # a day\n\tpending_limit  =   3\n}\n",
			"pay {\n\tdaily_limit    =   7 # a day\n\tpending_limit  =   3\n}\n",
			func(c *Config) { c.Pay.DailyLimit = 7 }},
		{"a new key in the block's indentation",
			"promos {\n    general {\n        every_n_items = 4\n    } // end\n}",
			"promos {\n    general {\n        every_n_items = 4\n        every_m_minutes = 0.5\n    } // end\n}",
			func(c *Config) { c.Promos.EveryMS = 30_000 }},
		{"null and back",
			"promos {\n  general {\n    every_n_items   = 4\n    every_m_minutes = null\n  }\n}\n",
			"promos {\n  general {\n    every_n_items   = null\n    every_m_minutes = 20\n  }\n}\n",
			func(c *Config) { c.Promos.EveryItems, c.Promos.EveryMS = 0, 20*60_000 }},
		{"a block of one line",
			"presence { grace_seconds = 30 }\n",
			"presence {\n  grace_seconds = 30\n  enabled = false\n}\n",
			func(c *Config) { c.Presence.Enabled = false }},
		{"an empty block",
			"presence {}",
			"presence {\n  enabled = false\n}",
			func(c *Config) { c.Presence.Enabled = false }},
		{"a comment before the brace",
			"presence {\n  /* keep\n me */ }\n",
			"presence {\n  /* keep\n me */ \n  enabled = false\n}\n",
			func(c *Config) { c.Presence.Enabled = false }},
		{"a new block behind a file without an end of line",
			"data_dir = \"x\" # here",
			"data_dir = \"x\" # here\n\npresence {\n  grace_seconds = 0\n}\n",
			func(c *Config) { c.Presence.GraceMS = 0 }},
		{"into nothing",
			"",
			"promos {\n  enabled = false\n  type \"event\" {\n    enabled = false\n    weight  = 0\n  }\n}\n",
			func(c *Config) {
				c.Promos.Enabled = false
				setType(c, "event", func(s *promo.TypeSettings) { s.Enabled, s.Weight = false, 0 })
			}},
		{"lines that end in CR LF",
			"promos {\r\n  enabled = true\r\n}\r\n",
			"promos {\r\n  enabled = false\r\n  general {\r\n    selection = \"balanced\"\r\n  }\r\n}\r\n\r\npresence {\r\n  enabled = false\r\n}\r\n",
			func(c *Config) {
				c.Promos.Enabled, c.Promos.Selection, c.Presence.Enabled = false, promo.Balanced, false
			}},
		{"a byte order mark",
			"\xef\xbb\xbfpresence {\n  enabled = true\n}\n",
			"\xef\xbb\xbfpresence {\n  enabled = false\n}\n",
			func(c *Config) { c.Presence.Enabled = false }},
	}
}

// blockCases are about rows, free keys and odd expressions.
func blockCases() []spliceCase {
	return []spliceCase{
		{"a price keeps its comment when its length changes, another goes, a third comes",
			"pay {\n  # short\n  price {\n    up_to_seconds = 60 # one\n    coins = 1\n  }\n  price {\n    up_to_seconds = 120\n    coins = 2\n  } # two\n  price { coins = 9 }\n}\n",
			"pay {\n  # short\n  price {\n    up_to_seconds = 90 # one\n    coins = 1\n  }\n  # two\n  price { coins = 8 }\n}\n",
			func(c *Config) { c.Pay.Prices = []pay.PriceStep{{UpToMS: 90_000, Coins: 1}, {Coins: 8}} }},
		{"prices in a file that had none",
			"pay {\n}\n",
			"pay {\n  price {\n    up_to_seconds = 60\n    coins         = 1\n  }\n  price {\n    coins = 2\n  }\n  discount {\n    rank    = 0\n    percent = 5\n  }\n}\n",
			func(c *Config) {
				c.Pay.Prices = []pay.PriceStep{{UpToMS: 60_000, Coins: 1}, {Coins: 2}}
				c.Pay.Discounts = []pay.Discount{{Percent: 5}}
			}},
		{"a discount is taken away",
			"pay {\n  discount {\n    rank = 2\n    percent = 5\n  }\n\n  daily_limit = 3\n}\n",
			"pay {\n\n  daily_limit = 3\n}\n",
			func(c *Config) { c.Pay.Discounts = nil }},
		{"settings of a plugin",
			"plugin \"event\" {\n  settings {\n    a = 1 # one\n    b = \"x\"\n    c = [1,\n      2]\n  }\n}\n",
			"plugin \"event\" {\n  settings {\n    # one\n    b = \"$${y} \\\"\"\n    c = { \"for\" = null, for-it = [true], \"two words\" = {} }\n    d = 0.1\n  }\n}\n",
			func(c *Config) {
				setSettings(c, "event", `{"b":"${y} \"","c":{"for":null,"for-it":[true],"two words":{}},"d":0.1}`)
			}},
		{"a heredoc",
			"plugin \"event\" {\n  settings {\n    a = <<-E\n      hi\n    E\n    b = 1\n  }\n}\n",
			"plugin \"event\" {\n  settings {\n    a = \"ho\\n\"\n    b = 1\n  }\n}\n",
			func(c *Config) { setSettings(c, "event", `{"a":"ho\n","b":1}`) }},
		{"an expression without variables",
			"presence {\n  grace_seconds = (2 * 30)\n}\n",
			"presence {\n  grace_seconds = 61\n}\n",
			func(c *Config) { c.Presence.GraceMS = 61_000 }},
	}
}

func TestComputedValuesAreNotOverwritten(t *testing.T) {
	t.Setenv("PLAYBILL_TEST_TOKEN", "secret")
	src := "plugin \"event\" {\n  settings {\n    token = env.PLAYBILL_TEST_TOKEN\n    n     = 1\n  }\n}\n"
	got := spliced(t, src, func(c *Config) { setSettings(c, "event", `{"token":"secret","n":2}`) })
	if want := strings.Replace(src, "= 1", "= 2", 1); got != want {
		t.Errorf("a value beside it: %q", got)
	}
	for _, json := range []string{`{"token":"other","n":1}`, `{"n":1}`} {
		c, _, _ := read("host.hcl", []byte(src))
		setSettings(c, "event", json)
		_, err := splice("host.hcl", []byte(src), c)
		want := "host.hcl:3,13-36: token comes from the environment. Edit the file by hand to change it."
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v", json, err)
		}
	}
}

// TestSpliceProperty: whatever the file looks like and whatever value comes, the new text says the value, and all bytes
// around it are the old ones.
func TestSpliceProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nl := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "nl")
		note := rapid.StringMatching(`[ -~]{0,20}`).Draw(t, "comment")
		head := "# " + note + nl + "pay {" + nl + "\tcooldown_seconds \t= "
		tail := "  // " + note + nl + "}" + rapid.SampledFrom([]string{"", nl, nl + "# end"}).Draw(t, "end")
		src := head + fmt.Sprint(rapid.IntRange(0, maxMonthSeconds).Draw(t, "old")) + tail
		c, _, r := read("host.hcl", []byte(src))
		if err := r.problems.err(); err != nil {
			t.Fatal(err)
		}
		c.Pay.CooldownMS = rapid.Int64Range(0, maxMonthSeconds*1_000).Draw(t, "new")
		out, err := splice("host.hcl", []byte(src), c)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(out), head) || !strings.HasSuffix(string(out), tail) {
			t.Fatalf("other bytes differ: %q", out)
		}
	})
}

// drawLive changes everything that can be changed at run time.
func drawLive(t *rapid.T, c *Config) {
	bools, count := rapid.Bool(), rapid.IntRange(0, maxCount)
	ms := rapid.Int64Range(1_000, maxDaySeconds*1_000)
	c.Presence.Enabled, c.Presence.NotifyUser = bools.Draw(t, "presence"), bools.Draw(t, "notify")
	c.Presence.GraceMS, c.Presence.CheckIntervalMS = ms.Draw(t, "grace"), ms.Draw(t, "interval")
	c.Pay.Enabled, c.Pay.DailyLimit, c.Pay.Pending = bools.Draw(t, "pay"), count.Draw(t, "daily"), count.Draw(t, "pending")
	c.Pay.QueueRank = rapid.IntRange(0, maxRank*10).Draw(t, "rank")
	lengths := rapid.SliceOfNDistinct(rapid.Int64Range(1, 9), 0, 4, rapid.ID[int64]).Draw(t, "lengths")
	c.Pay.Prices = []pay.PriceStep{{Coins: 99}}
	for _, l := range lengths {
		c.Pay.Prices = append(c.Pay.Prices, pay.PriceStep{UpToMS: l * 60_500, Coins: 5})
	}
	c.Pay.Discounts = nil
	for _, rank := range rapid.SliceOfNDistinct(rapid.IntRange(0, 30), 0, 3, rapid.ID[int]).Draw(t, "discounts") {
		c.Pay.Discounts = append(c.Pay.Discounts, pay.Discount{RankTenths: rank, Percent: int64(rank)})
	}
	c.Pay.Blackouts = nil
	for _, hour := range rapid.SliceOfNDistinct(rapid.IntRange(0, 23), 0, 2, rapid.ID[int]).Draw(t, "blackouts") {
		c.Pay.Blackouts = append(c.Pay.Blackouts, pay.Blackout{Cron: fmt.Sprintf("0 %d * * *", hour), ForMS: 900_000,
			Reason: rapid.String().Draw(t, "reason")})
	}
	c.Promos.EveryItems = rapid.IntRange(0, maxItems).Draw(t, "items")
	c.Promos.EveryMS = rapid.SampledFrom([]int64{-1, 0, 30_000, 1_200_000}).Draw(t, "minutes")
	c.Promos.LeadInOrder = rapid.SampledFrom([][]string{nil, {"viewers_choice"}, {"feature_presentation", "viewers_choice"}}).Draw(t, "order")
	for _, id := range BuiltInTypes() {
		setType(c, id, func(s *promo.TypeSettings) {
			s.Enabled, s.Weight = bools.Draw(t, id), rapid.Int64Range(0, maxWeight).Draw(t, id)
		})
	}
	json := rapid.SampledFrom([]string{`{}`, `{"a":1}`, `{"a":[{"b":null}],"c":"${x}%{y}\n"}`, `{"c":{"":0.125}}`})
	for _, id := range []string{"event", "presence-afk"} {
		setSettings(c, id, json.Draw(t, id))
	}
}

// FuzzSplice: any file that loads can be made to say any valid configuration, twice over, and then says it.
func FuzzSplice(f *testing.F) {
	f.Add([]byte{1, 2, 3}, "pay {\n  price { coins = 3 } # x\n}\nplugin \"event\" { }\n")
	f.Add([]byte{200, 7}, "promos { no_repeat = false }\r\npresence {\r\n}\r\nplugin \"event\" {\r\n  settings { a = <<E\r\nx\r\nE\r\n }\r\n}")
	f.Fuzz(func(t *testing.T, seed []byte, src string) {
		file, _, r := read("host.hcl", []byte(src))
		if len(r.problems) > 0 {
			return
		}
		rapid.MakeFuzz(func(t *rapid.T) { spliceTwice(t, src, file.Clone()) })(t, seed)
	})
}

// TestSpliceAnything is FuzzSplice on files of our own.
func TestSpliceAnything(t *testing.T) {
	files := []string{"", "pay { daily_limit = 1 }", "promos {\n  type \"event\" {} # c\n general { every_n_items = null } }\n",
		"# top\r\npay {\r\n  price {\r\n  coins = 5 }\r\n discount {\r\n rank = 1\r\n percent = 2 } }\r\nplugin \"event\" {\r\n  settings { c = 5 }\r\n}"}
	rapid.Check(t, func(t *rapid.T) {
		src := rapid.SampledFrom(files).Draw(t, "file")
		file, _, r := read("host.hcl", []byte(src))
		if len(r.problems) > 0 {
			t.Skip(r.problems)
		}
		spliceTwice(t, src, file)
	})
}

func spliceTwice(t *rapid.T, src string, c *Config) {
	for range 2 {
		drawLive(t, c)
		out, err := splice("host.hcl", []byte(src), c)
		if err != nil {
			t.Fatalf("%v\n%q", err, src)
		}
		back, _, _ := read("host.hcl", out)
		normalize(c)
		if !reflect.DeepEqual(live(back), live(c)) {
			t.Fatalf("%s", cmp.Diff(live(c), live(back)))
		}
		again, err := splice("host.hcl", out, c)
		if err != nil || string(again) != string(out) {
			t.Fatalf("not at rest: %v\n%q\n%q", err, out, again)
		}
		src = string(out)
	}
}
