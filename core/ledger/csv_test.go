package ledger

import (
	"bytes"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func all(ts []Transfer, last error) iter.Seq2[Transfer, error] {
	return func(yield func(Transfer, error) bool) {
		for _, t := range ts {
			if !yield(t, nil) {
				return
			}
		}
		if last != nil {
			yield(Transfer{}, last)
		}
	}
}

func TestAnExportedHistoryVerifies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := history(t)
		var file bytes.Buffer
		n, err := WriteCSV(&file, all(b.Transfers, nil))
		if err != nil || n != int64(len(b.Transfers)) {
			t.Fatal(n, err)
		}
		v := NewVerifier()
		var back []Transfer
		err = ReadCSV(&file, func(x Transfer) error {
			back = append(back, x)
			return v.Add(x)
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(b.Transfers, back); diff != "" {
			t.Fatal(diff)
		}
		if err := v.Close(b.Wallets, b.Open); err != nil {
			t.Fatal(err)
		}
	})
}

func TestWhatWasTypedSurvivesTheExport(t *testing.T) {
	x := Transfer{Kind: Grant, Debit: Issuance, Credit: Wallet, User: "-ann", Amount: 1, Key: "k", Actor: "host",
		Reason: "a \"prize\",\nof two lines; =1+1 ☂"}.Link(1, [32]byte{})
	var file bytes.Buffer
	if _, err := WriteCSV(&file, all([]Transfer{x}, nil)); err != nil {
		t.Fatal(err)
	}
	v := NewVerifier()
	if err := ReadCSV(&file, v.Add); err != nil {
		t.Error(err)
	}
}

func TestAnExportStopsWithItsSource(t *testing.T) {
	lost := errors.New("the disk is gone")
	var file bytes.Buffer
	if _, err := WriteCSV(&file, all(nil, lost)); !errors.Is(err, lost) {
		t.Error(err)
	}
}

func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func TestReadOpenings(t *testing.T) {
	for _, c := range []struct {
		name, file string
		want       []Opening
		bad        []LineError
	}{
		{"the least", "user,amount\nAnn,5\n", []Opening{{User: "Ann", Amount: 5}}, nil},
		{"the original's names, any order", "\ufeffBalance, Channel ,username\n7,lounge,bob\n", []Opening{{User: "bob", Amount: 7}}, nil},
		{"nothing is left out", "user,amount\nAnn,0\nbob,1\n", []Opening{{User: "bob", Amount: 1}}, nil},
		{"reasons", "user,amount,reason\nAnn,5,\"won, twice\"\n", []Opening{{User: "Ann", Amount: 5, Reason: "won, twice"}}, nil},
		{"no columns", "a,b\n", nil, []LineError{{1, "The first line must name the columns user and amount, and may name reason."}}},
		{"nothing", "", nil, []LineError{{1, "The file is empty."}}},
		{"all bad lines are told", "user,amount\nAnn,1.5\n,3\nbob,-1\nbo b,1\ncid,1\nCID,2\n", nil, []LineError{
			{2, `"1.5" is not an amount. Coins are whole numbers, without separators.`},
			{3, `"" is not a user name.`},
			{4, `"-1" is not an amount. Coins are whole numbers, without separators.`},
			{5, `"bo b" is not a user name.`},
			{7, "CID is on line 6 already."},
		}},
		{"too much", "user,amount\nAnn,1000000000001\n", nil, []LineError{
			{2, `"1000000000001" is not an amount. Coins are whole numbers, without separators.`}}},
		{"a field short", "user,amount\nAnn\nbob,x\n", nil, []LineError{
			{2, "It is not CSV: wrong number of fields."},
			{3, `"x" is not an amount. Coins are whole numbers, without separators.`}}},
	} {
		got, bad := ReadOpenings(strings.NewReader(c.file), fold)
		if diff := cmp.Diff(c.want, got) + cmp.Diff(c.bad, bad); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
	}
}

func FuzzReadOpenings(f *testing.F) {
	f.Add("user,amount,reason\nAnn,5,x\nbob,0,\n")
	f.Add("username,balance\n\"a\"\"b\",9223372036854775808\n")
	f.Add("\ufeffuser,amount\r\n\r\nann,1\r\n")
	f.Fuzz(func(t *testing.T, file string) {
		got, bad := ReadOpenings(strings.NewReader(file), fold)
		if len(bad) > 0 && got != nil {
			t.Fatal("a file with a bad line gives somebody something")
		}
		seen := map[string]bool{}
		for _, o := range got {
			grant := Transfer{Kind: Grant, Debit: Issuance, Credit: Wallet, User: fold(o.User), Amount: o.Amount, Key: "k", Actor: "cli"}
			if err := grant.Check(); err != nil || !NameLike(o.User) || seen[grant.User] {
				t.Fatalf("%+v: %v", o, err)
			}
			seen[grant.User] = true
		}
		for _, b := range bad {
			if b.Line < 0 || b.Why == "" {
				t.Fatalf("%+v", b)
			}
		}
	})
}

func FuzzReadCSV(f *testing.F) {
	var file bytes.Buffer
	x := Transfer{Kind: Grant, Debit: Issuance, Credit: Wallet, User: "ann", Amount: 1, Key: "k", Actor: "host"}.Link(1, [32]byte{})
	if _, err := WriteCSV(&file, all([]Transfer{x}, nil)); err != nil {
		f.Fatal(err)
	}
	f.Add(file.String())
	f.Add(strings.Replace(file.String(), "ann", "\"a\nnn\"", 1))
	f.Fuzz(func(t *testing.T, file string) {
		var read []Transfer
		if ReadCSV(strings.NewReader(file), func(x Transfer) error {
			read = append(read, x)
			return nil
		}) != nil {
			return
		}
		var again bytes.Buffer
		if _, err := WriteCSV(&again, all(read, nil)); err != nil {
			t.Fatal(err)
		}
		n := 0
		err := ReadCSV(&again, func(x Transfer) error {
			if x != read[n] {
				t.Fatalf("%+v came back as %+v", read[n], x)
			}
			n++
			return nil
		})
		if err != nil || n != len(read) {
			t.Fatal(n, err)
		}
	})
}
