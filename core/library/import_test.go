package library

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"playbill/sdk"
)

func TestParseList(t *testing.T) {
	c := newCatalog([]Title{
		{Media: sdk.Media{Type: "cm", ID: "https://media.example/api/v1/media/cytube/AbC123.json?format=json", Title: "Known", DurationMS: 5000}},
		{Media: sdk.Media{Type: "cm", ID: "https://a.example/same.json", Title: "Same A"}},
		{Media: sdk.Media{Type: "cm", ID: "https://b.example/same.json", Title: "Same B"}},
	})
	for line, want := range map[string]string{
		"yt:dQw4w9WgXcQ":            "yt dQw4w9WgXcQ",
		"  vi:1234  # the long one": "vi 1234",
		"AbC123":                    "cm https://media.example/api/v1/media/cytube/AbC123.json?format=json",
		"https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=5#a": "yt dQw4w9WgXcQ",
		"http://m.youtube.com/shorts/dQw4w9WgXcQ":           "yt dQw4w9WgXcQ",
		"https://youtu.be/dQw4w9WgXcQ?si=x":                 "yt dQw4w9WgXcQ",
		"https://www.youtube.com/embed/dQw4w9WgXcQ":         "yt dQw4w9WgXcQ",
		"https://vimeo.com/76979871":                        "vi 76979871",
		"https://player.vimeo.com/video/76979871":           "vi 76979871",
		"https://vimeo.com/channels/staffpicks/76979871":    "vi 76979871",
		"https://www.dailymotion.com/video/x2bu0q2_a-title": "dm x2bu0q2",
		"https://dai.ly/x2bu0q2":                            "dm x2bu0q2",
		"https://media.example/a.json":                      "cm https://media.example/a.json",
		"https://media.example/a.mp4?x=1":                   "fi https://media.example/a.mp4?x=1",
		"https://media.example/live.m3u8":                   "hl https://media.example/live.m3u8",
		"# a comment":                                       "",
		"":                                                  "",
		"same":                                              notKnown,
		"Unknown":                                           notKnown,
		"two words":                                         notKnown,
		"ftp://media.example/a.mp4":                         notKnown,
		"https://media.example/page":                        notKnown,
		"http://media.example/a.json":                       notSecure,
		"https://www.youtube.com/playlist?list=PL1":         notAVideo,
		"https://www.youtube.com/watch?v=short":             notAVideo,
		"https://vimeo.com/about":                           notAVideo,
		"https://www.dailymotion.com/someone":               notAVideo,
	} {
		items, problems := parseList(line, c)
		var got string
		for _, i := range items {
			got += i.Media.Type + " " + i.Media.ID
		}
		for _, p := range problems {
			got += p.Sentence
		}
		if got != want {
			t.Errorf("%q is %q, want %q", line, got, want)
		}
	}
}

func TestListKeepsTheRest(t *testing.T) {
	c := newCatalog([]Title{{Media: sdk.Media{Type: "yt", ID: "dQw4w9WgXcQ", Title: "Known", DurationMS: 5000}}})
	items, problems := parseList("\ufeff# Saturday\r\nyt:dQw4w9WgXcQ\r\n\r\nnonsense here\r\nvi:77\r\n", c)
	wantItems := []Item{
		{Media: sdk.Media{Type: "yt", ID: "dQw4w9WgXcQ", Title: "Known", DurationMS: 5000}},
		{Media: sdk.Media{Type: "vi", ID: "77", Title: "vi:77"}},
	}
	wantProblems := []Problem{{Line: 4, Text: "nonsense here", Sentence: notKnown}}
	if d := cmp.Diff(wantItems, items) + cmp.Diff(wantProblems, problems); d != "" {
		t.Error(d)
	}
}

func TestProblemsHaveAnEnd(t *testing.T) {
	_, problems := parseList(strings.Repeat("nonsense\n", 5000), newCatalog(nil))
	if n := len(problems); n != maxProblems+1 || problems[maxProblems].Sentence != tooManyBad {
		t.Errorf("%d problems, the last: %+v", n, problems[len(problems)-1])
	}
	items, problems := parseList(strings.Repeat("vi:1\n", maxItems+5), newCatalog(nil))
	if len(items) != maxItems || len(problems) != 1 || problems[0].Line != maxItems+1 {
		t.Errorf("%d items, problems %+v", len(items), problems)
	}
}

func TestParseCSV(t *testing.T) {
	titles, problems, err := ParseCSV(strings.NewReader("\ufeff# sample\n" +
		"title,Type,id,length,year,categories,tags,unheard\n" +
		"\"Alice, in Wonderland\",yt,a1,9:30,1903,Silent|Short, fairy tale | , x\n" +
		"No length,yt,a2\n" +
		"Bad length,yt,a3,nine\n" +
		"Bad year,yt,a4,5,MCM\n" +
		"Bad \"quote,yt,a5,5\n" +
		",yt,a6,5\n" +
		"Long one,cm,https://x.example/y.json,1:02:03\n"))
	want := []Title{
		{Media: sdk.Media{Type: "yt", ID: "a1", Title: "Alice, in Wonderland", DurationMS: 570_000}, Year: 1903,
			Categories: []string{"Silent", "Short"}, Tags: []string{"fairy tale"}},
		{Media: sdk.Media{Type: "yt", ID: "a2", Title: "No length"}},
		{Media: sdk.Media{Type: "cm", ID: "https://x.example/y.json", Title: "Long one", DurationMS: 3_723_000}},
	}
	if d := cmp.Diff(want, titles); err != nil || d != "" {
		t.Error(err, d)
	}
	var lines []int
	for _, p := range problems {
		lines = append(lines, p.Line)
	}
	if !cmp.Equal(lines, []int{5, 6, 7, 8}) {
		t.Errorf("problems: %+v", problems)
	}
}

func TestCSVWithoutColumns(t *testing.T) {
	for text, says := range map[string]string{
		"":                    "The file is empty.",
		"# only a comment\n":  "The file is empty.",
		"type,id,title\n":     "and length is not among them",
		"\"broken\n":          "first line cannot be read",
		"yt,abc,A Title,30\n": "and type is not among them",
	} {
		titles, problems, err := ParseCSV(strings.NewReader(text))
		if err != nil || len(titles) > 0 || len(problems) != 1 || !strings.Contains(problems[0].Sentence, says) {
			t.Errorf("%q: %v %+v", text, err, problems)
		}
	}
	broken := errors.New("connection reset")
	if _, _, err := ParseCSV(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("a reader that fails: %v", err)
	}
	if _, _, err := ParseJSON(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("a reader that fails: %v", err)
	}
}

func TestParseJSON(t *testing.T) {
	titles, problems, err := ParseJSON(strings.NewReader(`[
		{"type": "yt", "id": "a1", "title": " One ", "length": 90, "year": 1925, "tags": ["x"]},
		{"type": "yt", "id": "a2", "title": "Two", "length": "long"},
		{"type": "yt", "title": "Three"},
		7,
		{"type": "yt", "id": "a5", "title": "Five", "length": -1},
		{"type": "yt", "id": "a6", "title": "Six", "art_url": "https://x.example/a.png"}
	`))
	want := []Title{
		{Media: sdk.Media{Type: "yt", ID: "a1", Title: "One", DurationMS: 90_000}, Year: 1925, Tags: []string{"x"}},
		{Media: sdk.Media{Type: "yt", ID: "a6", Title: "Six"}, ArtURL: "https://x.example/a.png"},
	}
	if d := cmp.Diff(want, titles); err != nil || d != "" {
		t.Error(err, d)
	}
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprint(p.Line, " ", p.Sentence[:13]))
	}
	if d := cmp.Diff([]string{`3 "length" cann`, "4 This title ca", "5 This is not a", "6 Its length is", "7 The file ends"}, got); d != "" {
		t.Error(d, problems)
	}
	for _, text := range []string{"", "{}", "nonsense", "7"} {
		if _, problems, err := ParseJSON(strings.NewReader(text)); err != nil || len(problems) != 1 {
			t.Errorf("%q: %v %+v", text, err, problems)
		}
	}
}

func TestParseLength(t *testing.T) {
	for text, want := range map[string]int64{"": 0, "0": 0, "59": 59, "90": 90, "1:30": 90, "61:05": 3665, "1:01:05": 3665} {
		if got, err := parseLength(text); err != nil || got != want*1000 {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"-1", "1:60", "1:5", "1:2:3:4", ":", "1.5", "9999999999", "+5", "169:00:00"} {
		if got, err := parseLength(text); err == nil {
			t.Errorf("%q is %d", text, got)
		}
	}
}

func TestPlaylistsSurviveTheTrail(t *testing.T) {
	text := rapid.StringMatching(`[a-zäß"\\ ]{0,8}`)
	rapid.Check(t, func(t *rapid.T) {
		p := Playlist{ID: rapid.Int64().Draw(t, "id"), Name: text.Draw(t, "name"), Immutable: rapid.Bool().Draw(t, "immutable"),
			PromoType: text.Draw(t, "type"), Rev: rapid.Int64().Draw(t, "rev")}
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			p.Items = append(p.Items, Item{
				ID: rapid.Int64().Draw(t, "item"), Media: sdk.Media{Type: "yt", ID: text.Draw(t, "media"), Title: text.Draw(t, "title"), DurationMS: rapid.Int64().Draw(t, "ms")},
				StartsAtMS: rapid.Int64().Draw(t, "starts"), EndsAtMS: rapid.Int64().Draw(t, "ends"), Windows: text.Draw(t, "windows"),
				RestMinutes: rapid.Int().Draw(t, "rest"), Evergreen: rapid.Bool().Draw(t, "evergreen"),
				Refusals: rapid.Int().Draw(t, "refusals"), RefusedWhy: text.Draw(t, "why"), Tags: []string{text.Draw(t, "tag")},
			})
		}
		back, err := DecodePlaylist([]byte(EncodePlaylist(p)))
		if d := cmp.Diff(p, back); err != nil || d != "" {
			t.Fatal(err, d)
		}
	})
}

func FuzzParseList(f *testing.F) {
	for _, text := range []string{"yt:dQw4w9WgXcQ # x", "https://youtu.be/dQw4w9WgXcQ", "https://[::1", "AbC123", "\xff:\xfe", "aa:\xff", "https://x/%zz.json"} {
		f.Add(text)
	}
	c := newCatalog([]Title{{Media: sdk.Media{Type: "cm", ID: "https://media.example/AbC123.json", Title: "Known"}}})
	f.Fuzz(func(t *testing.T, text string) {
		items, problems := parseList(text, c)
		if n := strings.Count(text, "\n") + 1; len(items)+len(problems) > n {
			t.Fatalf("%d items and %d problems of %d lines", len(items), len(problems), n)
		}
		for _, i := range items {
			if wrong := checkItem(i); wrong != "" || !utf8.ValidString(i.Media.ID) {
				t.Fatalf("%q gives an item that cannot be kept: %s %+v", text, wrong, i)
			}
		}
	})
}

func FuzzParseCSV(f *testing.F) {
	for _, text := range []string{"type,id,title,length\nyt,a,b,1:00\n", "", "\"", "type,id,title,length\n\"\nyt,,\n", "\ufefftype,id,title,length\n\xff,\xff,\xff,1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		titles, problems, err := ParseCSV(strings.NewReader(text))
		keepable(t, text, titles, problems, err)
	})
}

func FuzzParseJSON(f *testing.F) {
	for _, text := range []string{`[{"type":"yt","id":"a","title":"b","length":60}]`, "", "[", "[]]", `[{"length":1e400}]`, `[{"title":"\ud800"}]`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		titles, problems, err := ParseJSON(strings.NewReader(text))
		keepable(t, text, titles, problems, err)
	})
}

// keepable holds that whatever an import returns can be stored, and that every problem says where and what.
func keepable(t *testing.T, text string, titles []Title, problems []Problem, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	for _, title := range titles {
		if wrong := checkTitle(title); wrong != "" {
			t.Fatalf("%q gives a title that cannot be kept: %s", text, wrong)
		}
	}
	for _, p := range problems {
		if p.Line < 1 || p.Sentence == "" || !utf8.ValidString(p.Text) {
			t.Fatalf("%q gives the problem %+v", text, p)
		}
	}
}
