package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/core/pay"
	"playbill/web/session"
)

// books is the ledger in sums, and how far it has been checked.
type books struct {
	At        *string      `json:"at"`
	Transfers int64        `json:"transfers"`
	Issued    ledger.Coins `json:"issued"` // wallets, escrow and revenue together
	Wallets   ledger.Coins `json:"wallets"`
	Escrow    ledger.Coins `json:"escrow"`
	Revenue   ledger.Coins `json:"revenue"`
	Checked   *checked     `json:"checked"` // the last check that found it true; null: none yet
	Whole     *checked     `json:"whole"`   // the last check of the whole history, whatever it found
	Broken    *broken      `json:"broken"`  // what that found; null: it was true
	Job       *verifying   `json:"job"`     // the last check that an admin has asked for since the host started
}

type checked struct {
	At        *string `json:"at"`
	Transfers int64   `json:"transfers"`
}

// broken is a broken invariant.
type broken struct {
	Invariant string `json:"invariant"`
	Seq       *int64 `json:"seq"` // the transfer at which it shows; null: in the sums
	Detail    string `json:"detail"`
}

// verifying is a check of the whole history.
type verifying struct {
	State     string  `json:"state"` // running, true, broken or failed
	AskedAt   *string `json:"asked_at"`
	EndedAt   *string `json:"ended_at"`
	Transfers int64   `json:"transfers"`
	Broken    *broken `json:"broken"`
	Sentence  string  `json:"sentence"`
}

// booking is coins that an admin gives, or a correction.
type booking struct {
	User   string       `json:"user"`
	Amount ledger.Coins `json:"amount"` // of a correction below zero: taken
	Reason string       `json:"reason"`
}

// booked is a booking that is in the ledger.
type booked struct {
	Seq      int64        `json:"seq"` // its place in the ledger
	User     string       `json:"user"`
	Amount   ledger.Coins `json:"amount"`
	Reason   string       `json:"reason"`
	By       string       `json:"by"`
	At       *string      `json:"at"`
	Balance  ledger.Coins `json:"balance"`
	Undo     *Undo        `json:"undo"` // null: this was booked by an earlier request
	Sentence string       `json:"sentence"`
}

// GetLedger returns the sums of the ledger and how far it has been checked.
func (a *API) GetLedger(c *gin.Context, _ session.Who) error {
	s, err := a.Money.Accounts.Sheet(c.Request.Context())
	if err != nil {
		return err
	}
	out := books{At: instant(a.now()), Transfers: s.Transfers, Issued: s.Issued, Wallets: s.Wallets, Escrow: s.Escrow, Revenue: s.Revenue,
		Broken: brokenOf(s.Broken)}
	if s.CheckedAtMS != 0 {
		out.Checked = &checked{instant(s.CheckedAtMS), s.CheckedSeq}
	}
	if s.WholeAtMS != 0 {
		out.Whole = &checked{instant(s.WholeAtMS), s.WholeSeq}
	}
	if job := a.Money.Checker.Checked(); job.AskedAtMS != 0 {
		v := verifyingOf(job)
		out.Job = &v
	}
	return send(c, http.StatusOK, out)
}

// PostVerify checks the whole ledger. 202: it takes longer, and the ledger's own address says when it has ended.
func (a *API) PostVerify(c *gin.Context, who session.Who) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), verifyWait)
	defer cancel()
	a.record(c.Request.Context(), a.act(who, "ledger.verify", "the whole ledger"))
	v := verifyingOf(a.Money.Checker.Verify(ctx))
	status := http.StatusOK
	if v.State == "running" {
		status = http.StatusAccepted
	}
	return send(c, status, v)
}

func brokenOf(b *ledger.Broken) *broken {
	if b == nil {
		return nil
	}
	return &broken{b.Invariant, orNull(b.Seq), b.Detail}
}

func verifyingOf(k ledger.Check) verifying {
	out := verifying{AskedAt: instant(k.AskedAtMS), EndedAt: instant(k.EndedAtMS), Transfers: k.Transfers}
	var found *ledger.Broken
	switch {
	case k.EndedAtMS == 0:
		out.State, out.Sentence = "running", "The whole ledger is being checked."
	case errors.As(k.Err, &found):
		out.State, out.Broken = "broken", brokenOf(found)
		out.Sentence = "The ledger is not true: " + found.Invariant + " is broken."
	case k.Err != nil:
		out.State, out.Sentence = "failed", "The ledger could not be checked. The log says why."
	default:
		out.State, out.Sentence = "true", "The ledger is true: "+strconv.FormatInt(k.Transfers, 10)+" transfers were checked."
	}
	return out
}

// ExportLedger streams the whole history as CSV: what playbill ledger export writes, with the hashes.
func (a *API) ExportLedger(c *gin.Context, who session.Who) error {
	a.record(c.Request.Context(), a.act(who, "ledger.export", "the whole ledger"))
	ctx, cancel := context.WithTimeout(c.Request.Context(), exportMax)
	defer cancel()
	name := "ledger-" + time.UnixMilli(a.now()).UTC().Format("2006-01-02") + ".csv"
	c.Header("Content-Type", "text/csv; charset=utf-8")
	c.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	if err := http.NewResponseController(c.Writer).SetWriteDeadline(time.Now().Add(exportMax)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	_, err := ledger.WriteCSV(c.Writer, a.Money.Accounts.ExportTransfers(ctx))
	if err != nil && c.Writer.Written() { // half a file must not look like a whole one
		a.logger.Error("an export of the ledger was cut", "error", err)
		panic(http.ErrAbortHandler)
	}
	return err
}

// PostGrant gives coins. The same key again answers the same booking, with 200.
func (a *API) PostGrant(c *gin.Context, who session.Who) error {
	return a.book(c, who, ledger.Grant)
}

// PostAdjustment corrects a balance, up or down, never below zero. The same key again answers the same booking, with 200.
func (a *API) PostAdjustment(c *gin.Context, who session.Who) error {
	return a.book(c, who, ledger.Adjust)
}

// book books what an admin asks for.
func (a *API) book(c *gin.Context, who session.Who, kind string) error {
	key, err := requestKey(c)
	if err != nil {
		return err
	}
	var b booking
	if err := decode(c, bodyMax, &b); err != nil {
		return err
	}
	if err := b.check(kind); err != nil {
		return err
	}
	t, err := a.transferOf(c.Request.Context(), b, kind, who)
	if err != nil {
		return err
	}
	t.Key = kind + ":" + string(who.Key) + ":" + key
	e := a.act(who, "ledger."+kind, t.User)
	e.After, e.Undo = jsonOf(b), jsonOf(undo{Do: undoBooking, User: t.User, Amount: -b.Amount})
	out, fresh, err := a.post(c.Request.Context(), t, e)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if fresh {
		status = http.StatusCreated
	}
	return send(c, status, out)
}

// post books one transfer with its entry in the trail. fresh: it was not booked before under its key.
func (a *API) post(ctx context.Context, t ledger.Transfer, e audit.Entry) (out booked, fresh bool, err error) {
	trail := []audit.Entry{e}
	posted, err := a.Ledger.Post(ctx, []ledger.Transfer{t}, a.now(), trail...)
	if err != nil {
		return out, false, err
	}
	if len(posted) != 1 {
		return out, false, fmt.Errorf("the ledger has booked %d transfers for one", len(posted))
	}
	wallet, err := a.Books.Wallet(ctx, t.User)
	if err != nil {
		return out, false, err
	}
	p := posted[0]
	out = booked{Seq: p.Seq, User: wallet.Name, Amount: p.WalletChange(), Reason: p.Reason, By: p.Actor, At: instant(p.AtMS), Balance: wallet.Balance}
	out.Sentence = fmt.Sprintf("%s now has %s.", wallet.Name, pay.Words(wallet.Balance))
	if id := trail[0].ID; id != 0 {
		fresh = true
		if e.Undo != "" {
			out.Undo = undoRequest(id)
		}
	}
	return out, fresh, nil
}

// transferOf is the transfer of a booking. Somebody who has a wallet already keeps the name in it.
func (a *API) transferOf(ctx context.Context, b booking, kind string, who session.Who) (ledger.Transfer, error) {
	t := ledger.Transfer{Kind: kind, Debit: ledger.Issuance, Credit: ledger.Wallet, User: string(channel.Fold(b.User)), Amount: b.Amount,
		Reason: strings.TrimSpace(b.Reason), Actor: string(who.Key)}
	if b.Amount < 0 {
		t.Debit, t.Credit, t.Amount = t.Credit, t.Debit, -b.Amount
	}
	wallet, err := a.Books.Wallet(ctx, t.User)
	if err != nil {
		return t, err
	}
	if wallet.CreatedAtMS == 0 {
		t.UserName = strings.TrimSpace(b.User)
		if b.Amount < 0 {
			return t, fault.New(fault.NotFound, "Nobody called “"+t.UserName+"” has a wallet. Nothing was booked.")
		}
	}
	return t, nil
}

func (b booking) check(kind string) error {
	switch {
	case !nameLike(strings.TrimSpace(b.User)):
		return fault.New(fault.Invalid, "“user” is the name of a viewer.")
	case kind == ledger.Grant && b.Amount <= 0 || b.Amount > ledger.MaxAmount || b.Amount < -ledger.MaxAmount:
		return fault.New(fault.Invalid, "“amount” is a whole number of coins, 1 or more.")
	case b.Amount == 0:
		return fault.New(fault.Invalid, "“amount” is a whole number of coins, and not 0: 12 gives them, -12 takes them.")
	default:
		return reasonable("reason", b.Reason, reasonMax)
	}
}

// nameLike reports whether a text can be somebody's name.
func nameLike(name string) bool {
	return name != "" && utf8.ValidString(name) && utf8.RuneCountInString(name) <= nameMax &&
		!strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
}
