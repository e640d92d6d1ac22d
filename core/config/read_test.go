package config

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// problemsOf loads a text as host.hcl and returns what is shown, one line each.
func problemsOf(t *testing.T, src string) string {
	t.Helper()
	_, _, r := read("host.hcl", []byte(src))
	if err := r.problems.err(); err != nil {
		return err.Error()
	}
	return ""
}

// badCase is a text and what is shown of it.
type badCase struct{ name, src, want string }

func TestBadValues(t *testing.T) {
	t.Setenv("PLAYBILL_TEST_SECRET", "hunter2")
	for _, c := range slices.Concat(badBlocks(), badNumbers(), badTexts(), badPay()) {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, problemsOf(t, c.src)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// badNumbers are numbers out of their bounds, and what is not a number.
func badNumbers() []badCase {
	return []badCase{
		{"text for a number", "pay {\n  daily_limit = \"500\"\n}",
			"host.hcl:2,17-22: daily_limit must be a whole number from 0 to 10000, not the text \"500\"."},
		{"null", "presence {\n  grace_seconds = null\n}",
			"host.hcl:2,19-23: grace_seconds must be a number from 0 to 86400 with at most three decimal places, not null."},
		{"fraction", "pay {\n  daily_limit = 1.5\n}",
			"host.hcl:2,17-20: daily_limit must be a whole number from 0 to 10000, not 1.5."},
		{"too fine", "presence {\n  grace_seconds = 0.0001\n}",
			"host.hcl:2,19-25: grace_seconds must be a number from 0 to 86400 with at most three decimal places, not 0.0001."},
		{"astronomic", "presence {\n  grace_seconds = 1e999999\n}",
			"host.hcl:2,19-27: grace_seconds must be a number from 0 to 86400 with at most three decimal places, not a number as large or as fine as this."},
		{"hair-thin", "presence {\n  grace_seconds = 1e-999999\n}",
			"host.hcl:2,19-28: grace_seconds must be a number from 0 to 86400 with at most three decimal places, not a number as large or as fine as this."},
		{"negative grace", "presence {\n  grace_seconds = -1\n}",
			"host.hcl:2,19-21: grace_seconds must be a number from 0 to 86400 with at most three decimal places, not -1."},
		{"check interval zero", "presence {\n  check_interval_seconds = 0\n}",
			"host.hcl:2,28-29: check_interval_seconds must be a number from 1 to 86400 with at most three decimal places, not 0."},
		{"every_n_items zero", "promos {\n  general {\n    every_n_items = 0\n  }\n}",
			"host.hcl:3,21-22: every_n_items must be a whole number from 1 to 1000, or null to switch it off, not 0."},
		{"every_m_minutes negative", "promos {\n  general {\n    every_m_minutes = -1\n  }\n}",
			"host.hcl:3,23-25: every_m_minutes must be a number from 0 to 10080 with at most three decimal places, or null to switch it off, not -1."},
		{"weight", "promos {\n  type \"event\" {\n    weight = 1001\n  }\n}",
			"host.hcl:3,14-18: weight must be a whole number from 0 to 1000, not 1001."},
		{"speed", "channel \"a\" {\n  speed = 0\n}",
			"host.hcl:2,11-12: speed must be a number above 0, up to 1000 with at most three decimal places, not 0."},
		{"percent", "pay {\n  discount {\n    rank = 2\n    percent = 101\n  }\n}",
			"host.hcl:4,15-18: percent must be a whole number from 0 to 100, not 101."},
		{"rank", "pay {\n  queue_rank = 1.55\n}",
			"host.hcl:2,16-20: queue_rank must be a number from 0 to 255 with at most one decimal place, not 1.55."},
		{"hours", "pay {\n  blackout {\n    cron = \"0 20 * * 5\"\n    hours = 0\n  }\n}",
			"host.hcl:4,13-14: hours must be a number above 0, up to 168 with at most three decimal places, not 0."},
		{"secret not shown", "pay {\n  daily_limit = env.PLAYBILL_TEST_SECRET\n}",
			"host.hcl:2,17-41: daily_limit must be a whole number from 0 to 10000, not what the environment holds."},
		{"number in settings", "plugin \"event\" {\n  settings {\n    a = [1e999999]\n  }\n}",
			"host.hcl:3,9-19: a holds a number that is too large or too fine."},
	}
}

// badPay are price lists that do not add up.
func badPay() []badCase {
	return []badCase{
		{"no open end", "pay {\n  price {\n    up_to_seconds = 60\n    coins = 1\n  }\n}",
			"host.hcl:3,21-23: The last price is for any longer length: leave its limit out."},
		{"no coins", "pay {\n  price {\n  }\n}",
			"host.hcl:2,9-9: The argument \"coins\" is required, but no definition was found."},
		{"price twice", "pay {\n  price {\n    up_to_seconds = 60\n    coins = 1\n  }\n  price {\n    up_to_seconds = 60\n    coins = 2\n  }\n  price {\n    coins = 3\n  }\n}",
			"host.hcl:7,21-23: Limits ascend: this one is not above the one before it."},
		{"discount twice", "pay {\n  discount {\n    rank = 2\n    percent = 5\n  }\n  discount {\n    rank = 2.0\n    percent = 6\n  }\n}",
			"host.hcl:7,12-15: This rank has a discount already."},
		{"cron", "pay {\n  blackout {\n    cron = \"99 * * * *\"\n    hours = 1\n  }\n}",
			"host.hcl:3,12-24: \"99\" is not a minute: 0 to 59, a range like 0-59, or a step like */2."},
	}
}

// badBlocks are blocks and keys in the wrong place.
func badBlocks() []badCase {
	return []badCase{
		{"unknown key", "pay {\n  dayly_limit = 3\n}",
			"host.hcl:2,3-14: An argument named \"dayly_limit\" is not expected here. Did you mean \"daily_limit\"?"},
		{"unknown block", "payy {\n}",
			"host.hcl:1,1-5: Blocks of type \"payy\" are not expected here. Did you mean \"pay\"?"},
		{"unknown at the top", "data_dirr = \"x\"",
			"host.hcl:1,1-10: An argument named \"data_dirr\" is not expected here. Did you mean \"data_dir\"?"},
		{"unknown type", "promos {\n  type \"trailers\" {\n  }\n}",
			"host.hcl:2,8-18: No plugin offers the promo type \"trailers\". The types are channel_identity, event, feature_presentation, mod_shoutout, viewers_choice; for another, add its plugin."},
		{"type without name", "promos {\n  type {\n  }\n}",
			"host.hcl:2,8-9: All type blocks must have 1 labels (name)."},
		{"type with hyphen", "promos {\n  type \"mod-shoutout\" {\n  }\n}",
			"host.hcl:2,8-22: A promo type is lower-case letters, digits and _, starting with a letter."},
		{"type twice", "promos {\n  type \"event\" {\n  }\n  type \"event\" {\n  }\n}",
			"host.hcl:4,3-15: There is a type \"event\" already, at line 2."},
		{"block twice", "pay {\n}\n\npay {\n}",
			"host.hcl:4,1-4: There is a pay block already, at line 1."},
		{"cytube without a password", "channel \"x\" {\n  driver = \"cytube\"\n  server = \"https://cytu.be\"\n}",
			"host.hcl:2,12-20: The driver \"cytube\" needs the password of the bot's account. Set password, for example to env.CYTUBE_PASSWORD."},
		{"cytube channel name", "channel \"x\" {\n  channel = \"a b\"\n}",
			"host.hcl:2,13-18: channel must be the channel's name on its server, 1 to 30 letters, digits, _ or -, not the text \"a b\"."},
		{"cytube long name", "channel \"a234567890123456789012345678901\" {\n  driver = \"cytube\"\n  password = \"x\"\n}",
			"host.hcl:2,12-20: A channel's name on CyTube has at most 30 characters. Set channel to the name that it has there."},
		{"cytube server", "channel \"x\" {\n  server = \"cytu.be/r/x\"\n}",
			"host.hcl:2,12-25: server must be the address of a CyTube server like \"https://cytu.be\", not the text \"cytu.be/r/x\"."},
		{"apigate", "channel \"x\" {\n  driver = \"apigate\"\n}",
			"host.hcl:2,12-21: The driver \"apigate\" is not in this version. Use \"embedded\" or \"cytube\"."},
		{"two channels", "channel \"a\" {\n}\nchannel \"b\" {\n}",
			"host.hcl:3,1-12: One host runs one channel. Start a second host for \"b\"."},
		{"channel name", "channel \"a b\" {\n}",
			"host.hcl:1,9-14: A channel's name is 1 to 64 letters, digits, _ or -."},
		{"plugin id", "plugin \"Presence_Leave\" {\n}",
			"host.hcl:1,8-24: A plugin's id is lower-case letters, digits and -, starting with a letter."},
		{"settings as value", "plugin \"event\" {\n  settings = {}\n}",
			"host.hcl:2,3-11: An argument named \"settings\" is not expected here. Did you mean to define a block of type \"settings\"?"},
		{"block in settings", "plugin \"event\" {\n  settings {\n    a {\n    }\n  }\n}",
			"host.hcl:3,5-6: Blocks are not allowed here."},
	}
}

// badTexts are texts that are not what is wanted.
func badTexts() []badCase {
	return []badCase{
		{"text for a flag", "promos {\n  enabled = \"true\"\n}",
			"host.hcl:2,13-19: enabled must be true or false, not the text \"true\"."},
		{"number for a text", "data_dir = 5",
			"host.hcl:1,12-13: data_dir must be a directory, not 5."},
		{"selection", "promos {\n  general {\n    selection = \"wieghted\"\n  }\n}",
			"host.hcl:3,17-27: selection must be \"weighted\" or \"balanced\", not the text \"wieghted\"."},
		{"order", "promos {\n  type \"event\" {\n    order = \"shufle\"\n  }\n}",
			"host.hcl:3,13-21: order must be \"random\", \"sequential\" or \"shuffle\", not the text \"shufle\"."},
		{"unknown lead-in", "promos {\n  lead_in_order = [\"trailers\"]\n}",
			"host.hcl:2,19-31: No plugin offers the promo type \"trailers\". The types are channel_identity, event, feature_presentation, mod_shoutout, viewers_choice; for another, add its plugin."},
		{"lead-in twice", "promos {\n  lead_in_order = [\"viewers_choice\", \"viewers_choice\"]\n}",
			"host.hcl:2,19-55: lead_in_order must be a list of lead-in types, none twice, not this list."},
		{"time zone", "time_zone = \"Lisbon\"",
			"host.hcl:1,13-21: time_zone must be an IANA time zone like \"Europe/Lisbon\", not the text \"Lisbon\"."},
		{"local zone", "time_zone = \"Local\"",
			"host.hcl:1,13-20: time_zone must be an IANA time zone like \"Europe/Lisbon\", not the text \"Local\"."},
		{"listen", "listen = [\"8080\"]",
			"host.hcl:1,10-18: listen must be a list of addresses like \"127.0.0.1:8080\", not this list."},
		{"listen text", "listen = \"127.0.0.1:8080\"",
			"host.hcl:1,10-26: listen must be a list of addresses like \"127.0.0.1:8080\", not the text \"127.0.0.1:8080\"."},
		{"proxies", "trusted_proxies = [\"all\"]",
			"host.hcl:1,19-26: trusted_proxies must be a list of addresses or ranges like \"10.0.0.0/8\", not this list."},
		{"level", "log {\n  level = \"loud\"\n}",
			"host.hcl:2,11-17: level must be \"trace\", \"debug\", \"info\", \"warn\" or \"error\", not the text \"loud\"."},
		{"postgres", "store {\n  driver = \"postgres\"\n}",
			"host.hcl:2,12-22: The store driver \"postgres\" is not built into this version. Use \"sqlite\"."},
		{"other driver", "channel \"x\" {\n  driver = \"twitch\"\n}",
			"host.hcl:2,12-20: driver must be \"embedded\", \"cytube\" or \"apigate\", not the text \"twitch\"."},
		{"variable", "data_dir = playbill",
			"host.hcl:1,12-20: There is no variable \"playbill\". Text stands in quotes; from the environment it is env.NAME."},
		{"function", "data_dir = upper(\"x\")",
			"host.hcl:1,12-22: Functions may not be called here."},
		{"environment", "store {\n  dsn = env.PLAYBILL_TEST_UNSET\n}",
			"host.hcl:2,9-32: The environment variable PLAYBILL_TEST_UNSET is not set."},
		{"sha256", "plugin \"event\" {\n  sha256 = \"ABC\"\n}",
			"host.hcl:2,12-17: sha256 must be 64 lower-case hex digits, not the text \"ABC\"."},
		{"not text", "# top\ndata_dir = \"\xff\"\n",
			"host.hcl:2,1-1: This line is not UTF-8 text."},
		{"unclosed quote", "data_dir = \"x\nlisten = []\nlog {\n  level = \"info\n}\n",
			"host.hcl:1,14-2,1: Quoted strings may not be split over multiple lines. To produce a multi-line string, either use the \\n escape to represent a newline character or use the \"heredoc\" multi-line template syntax.\nhost.hcl:1,14-2,1: No closing marker was found for the string.\nhost.hcl:2,12-3,1: Quoted strings may not be split over multiple lines. To produce a multi-line string, either use the \\n escape to represent a newline character or use the \"heredoc\" multi-line template syntax.\nand 1 more"},
	}
}
