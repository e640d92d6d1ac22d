package ledger

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestAMarkStandsForWhatIsBeforeIt cuts a legal history anywhere: the rest, from the mark, comes to the same end as all
// of it, and a change behind the mark is found.
func TestAMarkStandsForWhatIsBeforeIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := history(t)
		cut := rapid.IntRange(0, len(b.Transfers)).Draw(t, "cut")
		whole, first := NewVerifier(), NewVerifier()
		for i, x := range b.Transfers {
			if err := whole.Add(x); err != nil {
				t.Fatal(err)
			}
			if i < cut && first.Add(x) != nil {
				t.Fatal("the first part is broken")
			}
		}
		m := first.Mark()
		if err := m.Check(); err != nil {
			t.Fatal(err)
		}
		rest := Resume(m)
		for _, x := range b.Transfers[cut:] {
			if err := rest.Add(x); err != nil {
				t.Fatal(err)
			}
		}
		if err := rest.Close(b.Wallets, b.Open); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(whole.Mark(), rest.Mark()); diff != "" {
			t.Fatalf("the parts do not make the whole (-whole +parts):\n%s", diff)
		}
		if diff := cmp.Diff(m, first.Mark()); diff != "" {
			t.Fatalf("going on has changed the mark:\n%s", diff)
		}
		if cut == len(b.Transfers) {
			return
		}
		b.Transfers[rapid.IntRange(cut, len(b.Transfers)-1).Draw(t, "at")].Amount++
		again := Resume(m)
		for _, x := range b.Transfers[cut:] {
			if again.Add(x) != nil {
				return
			}
		}
		t.Fatal("a change behind the mark is not found")
	})
}

func TestAMarkThatDoesNotAddUp(t *testing.T) {
	for name, spoil := range map[string]func(*Mark){
		"a coin more in a wallet":  func(m *Mark) { m.Wallets["ann"]++ },
		"a wallet below zero":      func(m *Mark) { m.Wallets["bob"] = -1 },
		"a wallet gone":            func(m *Mark) { delete(m.Wallets, "ann") },
		"a hold gone":              func(m *Mark) { delete(m.Holds, "p") },
		"a hold of nobody":         func(m *Mark) { m.Holds["p"] = OpenHold{Amount: 3} },
		"another number":           func(m *Mark) { m.Seq++ },
		"coins from nowhere":       func(m *Mark) { m.Totals.Issued++ },
		"more than was ever spent": func(m *Mark) { m.Totals.Revenue++ },
	} {
		m := Mark{Seq: 2, Totals: Totals{Transfers: 2, Issued: 10, Wallets: 7, Escrow: 3}, Wallets: map[string]Coins{"ann": 7},
			Holds: map[string]OpenHold{"p": {User: "ann", Amount: 3}}}
		if err := m.Check(); err != nil {
			t.Fatal(err)
		}
		if spoil(&m); !errors.Is(m.Check(), ErrMark) {
			t.Errorf("%s: %v", name, m.Check())
		}
	}
}
