package cytube

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"playbill/core/channel"
	"playbill/core/channel/cytube/socketio"
	"playbill/core/fault"
	"playbill/sdk"
)

// TestRefusals is every text of a queueFail that the reference knows, as it comes on the wire (cytube.md 2 and 3).
func TestRefusals(t *testing.T) {
	tests := []struct {
		wire      string
		code      fault.Code
		immediate bool
		says      string // empty: the text itself
	}{
		{"This item is already on the playlist", fault.Duplicate, false, ""},
		{"You are adding videos too quickly", fault.TooFast, true, ""},
		{"Playlist limit reached &#40;4000&#41;", fault.ListFull, false, "Playlist limit reached (4000)"},
		{"Video exceeds the maximum length set by the channel admin: 90 seconds", fault.TooLong, false, ""},
		{"Channel limit exceeded: maximum number of videos per user", fault.ListFull, false, ""},
		{"Channel limit exceeded: maximum total playlist time per user", fault.ListFull, false, ""},
		{"You don&#39;t have permission to add live media", fault.Permission, true, "You don't have permission to add live media"},
		{"You don&#39;t have permission to add custom embeds", fault.Permission, true, "You don't have permission to add custom embeds"},
		{"You don&#39;t have permission to add raw video files", fault.Permission, true, "You don't have permission to add raw video files"},
		{"You don&#39;t have permission to add playlists", fault.Permission, true, "You don't have permission to add playlists"},
		{"You don&#39;t have permission to add livestreams", fault.Permission, false, "You don't have permission to add livestreams"},
		{"Playlist failure", fault.Dropped, false, ""},
		{"Unknown media type &#39;zz&#39;", fault.Media, false, "Unknown media type 'zz'"},
		{"Video does not exist or is private", fault.Media, false, ""},
		{"The uploader has made this video non-embeddable", fault.Media, false, ""},
		{"Cannot add age restricted videos. See: <a href=\"https://x\">https://x</a>", fault.Media, false, "Cannot add age restricted videos. See: https://x"},
		{"YouTube videos are temporarily unavailable due to the website exceeding the YouTube API quota.", fault.Media, false, ""},
		{"The YouTube API now requires an API key.", fault.Media, false, ""},
		{"Expected HTTP 200 OK, not 404 Not Found", fault.Media, false, ""},
		{"connect ECONNREFUSED 127.0.0.1:1", fault.Media, false, ""},
		{"Raw file playback is only supported for links accessible via HTTPS", fault.Media, false, ""},
		{"The requested link could not be found &#40;404&#41;.", fault.Media, false, "The requested link could not be found (404)."},
		{"HLS links must start with HTTPS", fault.Media, false, ""},
		{"Invalid embed.  Input must be an &lt;iframe&gt; tag", fault.Media, false, "Invalid embed.  Input must be an <iframe> tag"},
		{"Request timed out", fault.Media, false, ""},
		{"Internal error: could not determine media duration", fault.Media, false, ""},
		{"", fault.Media, false, "The channel refused this item and did not say why."},
	}
	for _, tc := range tests {
		f, immediate := refusal(tc.wire)
		want := tc.says
		if want == "" {
			want = tc.wire
		}
		if f.Code != tc.code || immediate != tc.immediate || f.Sentence != want {
			t.Errorf("%q is %s %v %q", tc.wire, f.Code, immediate, f.Sentence)
		}
	}
	if f, _ := refusal(strings.Repeat("ä", 5000)); len([]rune(f.Sentence)) > sentenceMax+1 {
		t.Errorf("a sentence of %d characters", len(f.Sentence))
	}
}

// TestKicks is every reason that the reference knows (cytube.md 1 and 7).
func TestKicks(t *testing.T) {
	tests := []struct {
		reason string
		final  bool
	}{
		{"You&#39;re banned!", true}, {"You are banned from this channel.", true}, {"Channel deleted", true},
		{"Invalid channel name", true}, {"", true}, {"spamming the list", true},
		{"Attempted setOptions as a non-moderator", true},
		{"Channel shutting down", false}, {"Channel reloading", false}, {"Rate limit exceeded", false},
		{"Too many connections from your IP address", false}, {"Channel could not be loaded: state too large", false},
		{"Duplicate login", false},
	}
	for _, tc := range tests {
		d := &Driver{}
		if end := d.kicked(tc.reason, 1000); end.final != tc.final || end.why == "" {
			t.Errorf("%q: %+v", tc.reason, end)
		}
	}
}

func TestPickServer(t *testing.T) {
	tests := []struct{ body, want string }{
		{`{"servers":[{"url":"http://a:1","secure":false}]}`, "http://a:1"},
		{`{"servers":[{"url":"http://a","secure":false},{"url":"https://b","secure":true}]}`, "https://b"},
		{`{"servers":[{"url":"https://a","secure":true,"ipv6":true},{"url":"https://b","secure":true}]}`, "https://b"},
		{`{"servers":[]}`, ""}, {`{"servers":[{"secure":true}]}`, ""}, {`<html>`, ""},
	}
	for _, tc := range tests {
		got, err := pickServer([]byte(tc.body))
		if got != tc.want || (err == nil) != (tc.want != "") {
			t.Errorf("%s: %q %v", tc.body, got, err)
		}
	}
}

// TestQueueOf: CyTube takes no key that it does not know, a title for two types only, a length for live ones only.
func TestQueueOf(t *testing.T) {
	tests := []struct{ kind, want string }{
		{"yt", `{"id":"x","pos":"end","temp":true,"type":"yt"}`},
		{"cm", `{"id":"x","pos":"end","temp":true,"type":"cm"}`},
		{"fi", `{"id":"x","pos":"end","temp":true,"title":"A title","type":"fi"}`},
		{"cu", `{"duration":60,"id":"x","pos":"end","temp":true,"title":"A title","type":"cu"}`},
		{"rt", `{"duration":60,"id":"x","pos":"end","temp":true,"type":"rt"}`},
	}
	for _, tc := range tests {
		r := &request{media: sdk.Media{Type: tc.kind, ID: "x", Title: "A title", DurationMS: 60_000}, temp: true}
		if got, _ := json.Marshal(queueOf(r)); string(got) != tc.want {
			t.Errorf("%s: %s", tc.kind, got)
		}
	}
	next, _ := json.Marshal(queueOf(&request{media: sdk.Media{Type: "yt", ID: "x"}, next: true}))
	if !strings.Contains(string(next), `"pos":"next"`) {
		t.Errorf("%s", next)
	}
}

// event makes an event of JSON.
func event(name string, args ...string) socketio.Event {
	e := socketio.Event{Name: name}
	for _, a := range args {
		e.Args = append(e.Args, json.RawMessage(a))
	}
	return e
}

// seatedDriver is a driver whose connection is a fake: events go in, messages come out.
func seatedDriver() (*Driver, *session) {
	o := Options{Channel: "test", User: "bot", Log: hclog.NewNullLogger()}.withDefaults()
	d := &Driver{opts: o, log: o.Log, updates: make(chan channel.Update, updatesCap), wake: make(chan struct{}, wakeCap),
		self: "bot", mirror: newMirror(1), desk: newDesk()}
	s := &session{out: make(chan message, outCap), beganMS: time.Now().UnixMilli(), loginMS: time.Now().UnixMilli(), seated: true, users: true, stop: func() {}}
	d.line = s
	return d, s
}

// TestWholeActs: between the frames of one act nothing is published, and behind the last one everything is.
func TestWholeActs(t *testing.T) {
	item := func(uid, id string) string {
		return `{"media":{"id":"` + id + `","title":"T","seconds":60,"type":"yt"},"uid":` + uid + `,"temp":true,"queueby":"bot"}`
	}
	start := func(id string) socketio.Event {
		return event("changeMedia", `{"id":"`+id+`","type":"yt","seconds":60,"currentTime":-3,"paused":true}`)
	}
	acts := []struct {
		name   string
		frames []socketio.Event
	}{
		{"join", []socketio.Event{event("playlist", "["+item("0", "a")+","+item("1", "b")+","+item("2", "c")+"]"), event("setCurrent", "0"), start("a")}},
		{"the end of a temp item", []socketio.Event{event("delete", `{"uid":0}`), event("setCurrent", "1"), start("b")}},
		{"shuffle", []socketio.Event{event("playlist", "["+item("3", "b")+","+item("4", "c")+"]"), event("setCurrent", "3"), start("b")}},
		{"skip", []socketio.Event{event("setCurrent", "4"), start("c")}},
		{"clear", []socketio.Event{event("playlist", "[]")}},
		{"first item", []socketio.Event{event("queue", `{"item":`+item("5", "d")+`,"after":"prepend"}`), event("setCurrent", "5"), start("d")}},
		{"last item ends", []socketio.Event{event("delete", `{"uid":5}`)}},
	}
	d, s := seatedDriver()
	for _, act := range acts {
		for i, e := range act.frames {
			if err := d.fold(s, e, time.Now().UnixMilli()); err != nil {
				t.Fatalf("%s: %v", act.name, err)
			}
			last := i == len(act.frames)-1
			if shuffled := act.name == "shuffle" && i == 1; !shuffled && d.mirror.complete() != last {
				t.Errorf("%s, frame %d: complete is %v", act.name, i, !last)
			}
		}
	}
	d.collect()
	var how []string
	for _, l := range d.left {
		how = append(how, l.Item.Media.ID+" "+l.How)
	}
	if want := []string{"a removed", "b skipped", "c removed", "d removed"}; !slices.Equal(how, want) {
		t.Errorf("left the air: %v, want %v", how, want)
	}
}

// FuzzEvents: whatever a server sends, nothing panics, no uid is listed twice, and a state is never half an act.
func FuzzEvents(f *testing.F) {
	seeds := [][2]string{
		{"playlist", `[{"media":{"id":"a","seconds":60,"type":"yt"},"uid":1,"temp":true,"queueby":"bot"}]`},
		{"queue", `{"item":{"media":{"id":"b","seconds":1e300,"type":"yt"},"uid":2},"after":"append"}`},
		{"setCurrent", `1`}, {"setCurrent", `"1"`}, {"changeMedia", `{"id":"a","currentTime":-3,"paused":true}`},
		{"mediaUpdate", `{"currentTime":-1e300}`}, {"delete", `{"uid":1}`}, {"moveVideo", `{"from":1,"after":"prepend"}`},
		{"setTemp", `{"uid":1,"temp":false}`}, {"userlist", `[{"name":"Ann","rank":1.5,"meta":{"afk":true}}]`},
		{"addUser", `{"name":"","rank":null}`}, {"userLeave", `{"name":"Ann"}`}, {"setUserMeta", `{"name":"Ann","meta":null}`},
		{"rank", `1e300`}, {"setPermissions", `{"playlistadd":-1e300}`}, {"channelOpts", `{"allow_dupes":null}`},
		{"login", `{"success":true,"name":"bot"}`}, {"kick", `{"reason":"<b>"}`}, {"chatMsg", `{"username":"bot","time":-1}`},
		{"pm", `{"username":"bot","to":"ann"}`}, {"queueFail", `{"msg":"&#39;","id":"a"}`}, {"errorMsg", `{"msg":"PM failed: ann isn't connected"}`},
		{"cooldown", `100`}, {"noflood", `{}`}, {"needPassword", `true`}, {"partitionChange", `[]`},
	}
	for _, a := range seeds {
		for _, b := range seeds[:10] {
			f.Add(a[0], a[1], b[0], b[1])
		}
	}
	f.Fuzz(func(t *testing.T, name1, arg1, name2, arg2 string) {
		d, s := seatedDriver()
		nowMS := time.Now().UnixMilli()
		for _, e := range []socketio.Event{event("playlist", seeds[0][1]), event(name1, arg1), event(name2, arg2)} {
			if !json.Valid(append([]byte(nil), e.Args[0]...)) {
				return // a frame that is no JSON does not get here
			}
			if d.fold(s, e, nowMS) != nil || s.end != nil {
				return
			}
			d.turn(nowMS)
			u := d.state(nowMS)
			seen := map[channel.UID]bool{}
			for _, it := range u.List {
				if seen[it.UID] || it.UID < 0 || it.Media.DurationMS < 0 {
					t.Fatalf("%+v", u.List)
				}
				seen[it.UID] = true
			}
			if u.Health == channel.Good && (len(u.List) > 0) != (u.Current >= 0) || u.PlayedMS < 0 {
				t.Fatalf("%+v", u)
			}
		}
	})
}
