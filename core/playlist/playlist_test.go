package playlist_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/playlist"
	"playbill/sdk"
)

const second = int64(1000)

// media is a title whose id is its name.
func media(id string, seconds int64) sdk.Media {
	return sdk.Media{Type: "yt", ID: id, Title: id, DurationMS: seconds * second}
}

// listed returns a list with these ids, ten seconds each, started at 0. A trailing ! makes an item temp.
func listed(t *testing.T, r playlist.Rules, ids ...string) *playlist.List {
	t.Helper()
	l := playlist.New(r, 1)
	for _, id := range ids {
		name, temp := strings.CutSuffix(id, "!")
		if _, err := l.Add(playlist.Request{Media: media(name, 10), Temp: temp, By: "someone"}, 0); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// show writes a list as "a [b] c!": what is on the air in brackets, temp items with a mark.
func show(l *playlist.List) string {
	var b strings.Builder
	for i, it := range l.Items() {
		text := it.Media.ID
		if it.Temp {
			text += "!"
		}
		if i == l.Current() {
			text = "[" + text + "]"
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(text)
	}
	return b.String()
}

func uids(l *playlist.List) []channel.UID {
	var out []channel.UID
	for _, it := range l.Items() {
		out = append(out, it.UID)
	}
	return out
}

func left(ds []channel.Departure) string {
	var out []string
	for _, d := range ds {
		out = append(out, fmt.Sprintf("%s %s %d", d.Item.Media.ID, d.How, d.PlayedMS))
	}
	return strings.Join(out, ", ")
}

func want(t *testing.T, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("-want +got:\n%s", d)
	}
}

func TestAnItemOccupiesItsLengthPlusFiveSeconds(t *testing.T) {
	l := listed(t, playlist.Rules{}, "a", "b")
	want(t, left(l.Advance(14_999)), "")
	want(t, show(l), "[a] b")
	want(t, l.PlayedMS(14_999), 10*second) // at most its length
	want(t, l.PositionMS(1000), -2*second) // CyTube's lead-in
	got := l.Advance(15_000)
	want(t, left(got), "a played 10000")
	want(t, got[0].AtMS, int64(15_000))
	want(t, show(l), "a [b]")
	want(t, l.PlayedMS(15_000), int64(0))
}

func TestAtASpeedEverythingOfMediaTimePassesFaster(t *testing.T) {
	l := listed(t, playlist.Rules{Rate: 60}, "a", "b")
	end, _ := l.EndsAtMS()
	want(t, end, int64(250)) // 15 s / 60
	want(t, l.PlayedMS(100), 6*second)
	want(t, l.OverheadMS(), int64(83))
	want(t, left(l.Advance(250)), "a played 10000")
}

func TestAdvanceCatchesUpWithoutDrift(t *testing.T) {
	l := listed(t, playlist.Rules{}, "a", "b")
	l.Advance(15_400) // 400 ms late
	want(t, l.PlayedMS(15_400), int64(400))
	end, _ := l.EndsAtMS()
	want(t, end, int64(30_000))
	l.Advance(3_600_000) // the machine slept: the next one starts now
	want(t, show(l), "[a] b")
	want(t, l.PlayedMS(3_600_000), int64(0))
}

func TestTheListLoopsAndTempItemsVanish(t *testing.T) {
	l := listed(t, playlist.Rules{}, "a!", "b", "c!")
	l.Advance(15_000)
	want(t, show(l), "[b] c!")
	l.Advance(30_000)
	want(t, show(l), "b [c!]")
	l.Advance(45_000)
	want(t, show(l), "[b]")
	want(t, left(l.Advance(60_000)), "b played 10000") // a single item that stays starts itself again
	want(t, show(l), "[b]")

	last := listed(t, playlist.Rules{}, "x!")
	want(t, left(last.Advance(15_000)), "x played 10000")
	want(t, last.Current(), -1)
	want(t, last.Len(), 0)
}

func TestALiveItemNeverEnds(t *testing.T) {
	l := playlist.New(playlist.Rules{}, 1)
	_, _ = l.Add(playlist.Request{Media: media("live", 0)}, 0)
	_, _ = l.Add(playlist.Request{Media: media("a", 1)}, 0)
	want(t, left(l.Advance(86_400_000)), "")
	want(t, l.PlayedMS(5000), int64(5000))
	_, ends := l.EndsAtMS()
	want(t, ends, false)
	want(t, left(l.Skip(7000)), "live skipped 7000")
}

func TestAddNextStandsRightBehindTheCurrentItem(t *testing.T) {
	l := playlist.New(playlist.Rules{}, 1)
	for _, id := range []string{"a", "b", "c", "d"} {
		_, err := l.Add(playlist.Request{Media: media(id, 10), Next: true}, 0)
		want(t, err, error(nil))
	}
	want(t, show(l), "[a] d c b")
	want(t, uids(l), []channel.UID{0, 3, 2, 1})
}

func TestDuplicates(t *testing.T) {
	other := sdk.Media{Type: "cm", ID: "b", DurationMS: 1}
	tests := []struct {
		name  string
		req   playlist.Request
		dupes bool
		code  fault.Code
		list  string
	}{
		{"end", playlist.Request{Media: media("b", 10)}, false, fault.Duplicate, "[a] b! c"},
		{"end, another type with the same id", playlist.Request{Media: other}, false, fault.Duplicate, "[a] b! c"},
		{"next of the current", playlist.Request{Media: media("a", 10), Next: true}, false, fault.Duplicate, "[a] b! c"},
		{"next of a listed one moves it and keeps its temp flag", playlist.Request{Media: media("c", 10), Next: true, Temp: true}, false, "", "[a] c b!"},
		{"next of a listed temp one", playlist.Request{Media: media("b", 10), Next: true}, false, "", "[a] b! c"},
		{"allowed", playlist.Request{Media: media("a", 10), Next: true}, true, "", "[a] a b! c"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			l := listed(t, playlist.Rules{Dupes: tc.dupes}, "a", "b!", "c")
			item, err := l.Add(tc.req, 0)
			if tc.code != "" && !fault.Is(err, tc.code) {
				t.Fatalf("got %v, want %s", err, tc.code)
			}
			if tc.code == "" && (err != nil || item.UID != 3) {
				t.Fatalf("got uid %d and %v, want a new uid", item.UID, err)
			}
			want(t, show(l), tc.list)
		})
	}
}

func TestAFullListRefuses(t *testing.T) {
	l := listed(t, playlist.Rules{Max: 2}, "a", "b")
	_, err := l.Add(playlist.Request{Media: media("c", 1)}, 0)
	if !fault.Is(err, fault.ListFull) {
		t.Fatal(err)
	}
}

func TestALongTitleIsCut(t *testing.T) {
	l := playlist.New(playlist.Rules{}, 1)
	item, _ := l.Add(playlist.Request{Media: sdk.Media{ID: "x", Title: strings.Repeat("é", 101)}}, 0)
	want(t, item.Media.Title, strings.Repeat("é", 97)+"...")
	item, _ = l.Add(playlist.Request{Media: sdk.Media{ID: "y", Title: strings.Repeat("é", 100)}}, 0)
	want(t, item.Media.Title, strings.Repeat("é", 100))
}

func TestRemove(t *testing.T) {
	l := listed(t, playlist.Rules{}, "a", "b", "c")
	ds, ok := l.Remove(0, 4000)
	want(t, ok, true)
	want(t, left(ds), "a removed 4000")
	want(t, show(l), "[b] c")
	l.Skip(4000)
	_, _ = l.Remove(1, 4000)
	want(t, show(l), "[c]")
	_, ok = l.Remove(77, 4000)
	want(t, ok, false)
	_, _ = l.Remove(2, 4000)
	want(t, l.Current(), -1)
}

func TestRemovingTheLastRowWhileItPlaysWrapsRound(t *testing.T) {
	l := listed(t, playlist.Rules{}, "a", "b")
	l.Skip(0)
	_, _ = l.Remove(1, 0)
	want(t, show(l), "[a]")
}

func TestMove(t *testing.T) {
	tests := []struct {
		name       string
		uid, after channel.UID
		moved      playlist.Moved
		list       string
	}{
		{"behind a later one", 1, 3, playlist.InPlace, "[a] c d b"},
		{"behind the current", 3, 0, playlist.InPlace, "[a] d b c"},
		{"the current", 0, 2, playlist.InPlace, "b c [a] d"},
		{"to the front", 2, playlist.Front, playlist.InPlace, "c [a] b d"},
		{"to the back", 1, playlist.Back, playlist.InPlace, "[a] c d b"},
		{"behind itself", 1, 1, playlist.Nothing, "[a] b c d"},
		{"unknown", 9, 1, playlist.Nothing, "[a] b c d"},
		{"behind a vanished uid: the item is gone", 2, 9, playlist.Swallowed, "[a] b d"},
		{"the current behind a vanished uid", 0, 9, playlist.Swallowed, "[b] c d"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			l := listed(t, playlist.Rules{}, "a", "b", "c", "d")
			moved, _ := l.Move(tc.uid, tc.after, 0)
			want(t, moved, tc.moved)
			want(t, show(l), tc.list)
		})
	}
}

func TestJump(t *testing.T) {
	l := listed(t, playlist.Rules{}, "a!", "b", "c")
	ds, _ := l.Jump(2, 3000)
	want(t, left(ds), "a skipped 3000")
	want(t, show(l), "b [c]")
	_, ok := l.Jump(0, 3000)
	want(t, ok, false)
	ds, _ = l.Jump(2, 5000)
	want(t, left(ds), "c skipped 2000")
	want(t, l.PlayedMS(5000), int64(0))
	want(t, show(l), "b [c]")
}

func TestShuffleGivesNewUidsAndKeepsTheAir(t *testing.T) {
	l := listed(t, playlist.Rules{}, "a", "b", "c", "d", "e", "f")
	l.Skip(1000)
	epoch := l.Epoch()
	l.Shuffle(7)
	want(t, l.Current(), 0)
	want(t, l.Items()[0].Media.ID, "b")
	want(t, l.PlayedMS(3000), int64(2000))
	want(t, l.Epoch(), epoch+1)
	want(t, uids(l), []channel.UID{6, 7, 8, 9, 10, 11})
	again := listed(t, playlist.Rules{}, "a", "b", "c", "d", "e", "f")
	again.Skip(1000)
	again.Shuffle(7)
	want(t, show(again), show(l))
}

func TestClearAndReload(t *testing.T) {
	l := listed(t, playlist.Rules{}, "a", "b!")
	l.Shuffle(1)
	l.Reload()
	want(t, uids(l), []channel.UID{0, 1})
	want(t, l.Epoch(), channel.Epoch(3))
	want(t, left(l.Clear(2000)), "a removed 2000")
	want(t, l.Epoch(), channel.Epoch(4))
	want(t, l.Current(), -1)
	item, _ := l.Add(playlist.Request{Media: media("c", 1)}, 0)
	want(t, item.UID, channel.UID(2)) // a clear does not begin again from 0
}

func TestSaveAndLoad(t *testing.T) {
	l := listed(t, playlist.Rules{}, "a", "b!", "c")
	_, _ = l.Remove(0, 0)
	s := l.Save(4000)
	got := playlist.Load(playlist.Rules{}, 9, s, 100_000)
	want(t, show(got), "[b!] c")
	want(t, uids(got), []channel.UID{0, 1})
	want(t, got.PlayedMS(100_000), int64(4000))
	want(t, got.Items()[0].AddedBy, "someone")
	s.Current = 17
	want(t, show(playlist.Load(playlist.Rules{}, 9, s, 0)), "[b!] c")
	want(t, playlist.Load(playlist.Rules{}, 9, playlist.Saved{}, 0).Current(), -1)
}

func TestItemsAreNeverChangedAndTheSameSliceWhenNothingChanged(t *testing.T) {
	l := listed(t, playlist.Rules{}, "a", "b", "c")
	first := l.Items()
	copied := append([]channel.Item(nil), first...)
	l.Advance(15_000)
	if again := l.Items(); &again[0] != &first[0] {
		t.Fatal("an advance of a list that stays copied its rows")
	}
	branch := l.Clone()
	_, _ = l.Remove(0, 0)
	l.SetTemp(1, true)
	_, _ = l.Move(1, playlist.Back, 0)
	l.Shuffle(3)
	_, _ = branch.Add(playlist.Request{Media: media("z", 1), Next: true}, 0)
	want(t, first, copied)
	want(t, show(branch), "a [b] z c")
}

func TestLimiters(t *testing.T) {
	allowed := func(l playlist.Limiter, gapMS int64, n int) int {
		ok := 0
		for i := range n {
			if l.Allow(1_000_000 + int64(i)*gapMS) {
				ok++
			}
		}
		return ok
	}
	moderator, viewer, talk := playlist.AddLimiter(20), playlist.AddLimiter(10), playlist.TalkLimiter()
	want(t, allowed(moderator, 0, 200), 10)
	want(t, allowed(moderator, 500, 20), 20)
	want(t, allowed(moderator, 480, 16), 13) // as measured: 480 ms x 16: 13 ok
	want(t, allowed(moderator, 100, 60), 20) // measured 19: the wire adds its jitter
	want(t, allowed(viewer, 0, 10), 3)
	want(t, allowed(talk, 0, 60), 20)
	want(t, allowed(talk, 105, 50), 50)
	want(t, allowed(talk, 90, 50), 35)

	burst := moderator
	for range 10 {
		burst.Allow(0)
	}
	waited := burst
	want(t, waited.Allow(4900), true)
	want(t, waited.Allow(4900), false) // one only: the burst is not back
	waited = burst
	for i := range 10 {
		if !waited.Allow(5100) {
			t.Fatalf("add %d after an idle spell was refused", i)
		}
	}
}
