package ledger

import (
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// exportHeader is the first line of an exported history. Every column of the chain is there, so that an export can be
// checked without the database.
func exportHeader() []string {
	return []string{"seq", "at_ms", "kind", "debit", "credit", "user", "amount", "purchase", "key", "reason", "actor", "prev_hash", "hash"}
}

// WriteCSV writes transfers as CSV (RFC 4180) with a header, and returns how many there were. It stops at the first
// error of either side. What people have typed is written as it is, so that the chain can be checked again.
func WriteCSV(w io.Writer, transfers iter.Seq2[Transfer, error]) (n int64, err error) {
	out := csv.NewWriter(w)
	if err := out.Write(exportHeader()); err != nil {
		return 0, err
	}
	for t, err := range transfers {
		if err != nil {
			return n, err
		}
		if err := out.Write(t.record()); err != nil {
			return n, err
		}
		n++
	}
	out.Flush()
	return n, out.Error()
}

func (t Transfer) record() []string {
	return []string{
		strconv.FormatInt(t.Seq, 10), strconv.FormatInt(t.AtMS, 10), t.Kind, string(t.Debit), string(t.Credit), t.User,
		strconv.FormatInt(int64(t.Amount), 10), t.Purchase, t.Key, t.Reason, t.Actor,
		hex.EncodeToString(t.Prev[:]), hex.EncodeToString(t.Hash[:]),
	}
}

// ReadCSV reads what WriteCSV has written and visits each transfer, until visit fails or a line cannot be read. A
// Verifier as visitor checks an exported history.
func ReadCSV(r io.Reader, visit func(Transfer) error) error {
	in := csv.NewReader(r)
	in.ReuseRecord = true
	head, err := in.Read()
	if err != nil {
		return fmt.Errorf("the header: %w", err)
	}
	if !slices.Equal(head, exportHeader()) {
		return fmt.Errorf("the header is not that of an exported ledger: %q", strings.Join(head, ","))
	}
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		line, _ := in.FieldPos(0)
		t, err := parseRecord(record)
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		if err := visit(t); err != nil {
			return err
		}
	}
}

func parseRecord(f []string) (Transfer, error) {
	t := Transfer{Kind: f[2], Debit: Account(f[3]), Credit: Account(f[4]), User: f[5], Purchase: f[7], Key: f[8], Reason: f[9], Actor: f[10]}
	var amount int64
	for _, n := range []struct {
		name, text string
		to         *int64
	}{{"seq", f[0], &t.Seq}, {"at_ms", f[1], &t.AtMS}, {"amount", f[6], &amount}} {
		var err error
		if *n.to, err = strconv.ParseInt(n.text, 10, 64); err != nil {
			return Transfer{}, fmt.Errorf("%s is not a whole number: %q", n.name, n.text)
		}
	}
	t.Amount = Coins(amount)
	for _, h := range []struct {
		name, text string
		to         *[32]byte
	}{{"prev_hash", f[11], &t.Prev}, {"hash", f[12], &t.Hash}} {
		b, err := hex.DecodeString(h.text)
		if err != nil || len(b) != len(h.to) {
			return Transfer{}, fmt.Errorf("%s is not a SHA-256 in hex: %q", h.name, h.text)
		}
		copy(h.to[:], b)
	}
	return t, nil
}

// Opening is what one viewer is to be given by an import.
type Opening struct {
	User   string // as it was spelled
	Amount Coins
	Reason string // empty: the import's own
}

// LineError is one line of a file that cannot be imported.
type LineError struct {
	Line int // from 1
	Why  string
}

// Error names the line.
func (e LineError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Why) }

// ReadOpenings reads a list of grants: CSV with a header that names at least the columns user and amount, and reason if
// it likes, in any order. Lines of no coins are left out. fold makes one key of the spellings of a name. A file with any
// bad line gives nobody anything: all of its errors come back, at most lineErrorsMax of them.
func ReadOpenings(r io.Reader, fold func(string) string) ([]Opening, []LineError) {
	in := csv.NewReader(r)
	in.TrimLeadingSpace = true
	head, err := in.Read()
	if err != nil {
		return nil, []LineError{badLine(err, 1)}
	}
	at, bad := columns(head)
	if bad != nil {
		return nil, bad
	}
	var out []Opening
	seen := map[string]int{}
	for len(bad) < lineErrorsMax {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			bad = append(bad, badLine(err, 0))
			if !errors.Is(err, csv.ErrFieldCount) {
				break // what follows cannot be told apart
			}
			continue
		}
		line, _ := in.FieldPos(0)
		o, why := at.opening(record)
		key := fold(o.User)
		if first, twice := seen[key]; why == "" && twice {
			why = fmt.Sprintf("%s is on line %d already.", o.User, first)
		}
		if why != "" {
			bad = append(bad, LineError{line, why})
			continue
		}
		if seen[key] = line; o.Amount > 0 {
			out = append(out, o)
		}
	}
	if len(bad) > 0 {
		return nil, bad
	}
	return out, nil
}

// lineErrorsMax is how many bad lines are told of; who has that many has the wrong file.
const lineErrorsMax = 50

// place is where the columns of a list of grants stand; -1: nowhere.
type place struct{ user, amount, reason int }

func columns(head []string) (place, []LineError) {
	at := place{-1, -1, -1}
	for i, name := range head {
		switch strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))) {
		case "user", "username":
			at.user = i
		case "amount", "balance", "coins":
			at.amount = i
		case "reason":
			at.reason = i
		}
	}
	if at.user < 0 || at.amount < 0 {
		return at, []LineError{{1, "The first line must name the columns user and amount, and may name reason."}}
	}
	return at, nil
}

func (p place) opening(record []string) (o Opening, why string) {
	o.User = strings.TrimSpace(record[p.user])
	if p.reason >= 0 {
		o.Reason = strings.TrimSpace(record[p.reason])
	}
	amount, err := strconv.ParseInt(strings.TrimSpace(record[p.amount]), 10, 64)
	o.Amount = Coins(amount)
	switch {
	case !NameLike(o.User):
		return o, fmt.Sprintf("%q is not a user name.", o.User)
	case err != nil || amount < 0 || o.Amount > MaxAmount:
		return o, fmt.Sprintf("%q is not an amount. Coins are whole numbers, without separators.", record[p.amount])
	case len(o.Reason) > reasonMax || !utf8.ValidString(o.Reason):
		return o, fmt.Sprintf("The reason is longer than %d bytes, or not UTF-8.", reasonMax)
	}
	return o, ""
}

// The longest name and reason that an import takes, in bytes.
const (
	nameMax   = 64
	reasonMax = 200
)

// NameLike reports whether a text can be somebody's name: not empty, not long, no space and no control character.
func NameLike(s string) bool {
	if s == "" || len(s) > nameMax || !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r == 0xa0 })
}

// badLine is what the CSV reader says, with the line at which it stopped.
func badLine(err error, line int) LineError {
	var p *csv.ParseError
	switch {
	case errors.As(err, &p):
		return LineError{p.Line, fmt.Sprintf("It is not CSV: %v.", p.Err)}
	case errors.Is(err, io.EOF):
		return LineError{line, "The file is empty."}
	}
	return LineError{line, fmt.Sprintf("It cannot be read: %v.", err)}
}
