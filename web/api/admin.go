package api

import (
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/ledger"
	"playbill/web/session"
)

// plugin is one plugin as an admin sees it.
type plugin struct {
	ID         string                `json:"id"`
	Title      string                `json:"title"`
	Summary    string                `json:"summary"`
	Version    string                `json:"version"`
	State      string                `json:"state"`
	Reason     *string               `json:"reason"`
	Since      *string               `json:"since"`
	PID        *int                  `json:"pid"`
	Priority   int                   `json:"priority"`
	SHA256     string                `json:"sha256"`
	Restarts   int64                 `json:"restarts"`
	Hooks      []string              `json:"hooks"`
	PromoTypes []string              `json:"promo_types"`
	Calls      map[string]pluginCall `json:"calls"`
}

// pluginCall is what became of the calls of one hook.
type pluginCall struct {
	Outcomes  map[string]int64 `json:"outcomes"`
	Late      int64            `json:"late"`
	P50US     int64            `json:"p50_us"`
	P99US     int64            `json:"p99_us"`
	AllowedMS int64            `json:"allowed_ms"`
}

// grant is coins that an admin gives.
type grant struct {
	User   string       `json:"user"`
	Amount ledger.Coins `json:"amount"`
	Reason string       `json:"reason"`
}

// granted is a grant that is booked.
type granted struct {
	Seq     int64        `json:"seq"` // its place in the ledger
	User    string       `json:"user"`
	Amount  ledger.Coins `json:"amount"`
	Reason  string       `json:"reason"`
	By      string       `json:"by"`
	At      *string      `json:"at"`
	Balance ledger.Coins `json:"balance"`
}

// GetPlugins lists the plugins in merge order.
func (a *API) GetPlugins(c *gin.Context, _ session.Who) error {
	report := a.Plugins.Report()
	out := make([]plugin, len(report))
	for i, p := range report {
		calls := make(map[string]pluginCall, len(p.Calls))
		for hook, n := range p.Calls {
			calls[hook] = pluginCall(n)
		}
		out[i] = plugin{ID: p.Name, Title: p.Title, Summary: p.Summary, Version: p.Version, State: p.State, Reason: orNull(p.Reason),
			Since: instant(p.SinceMS), PID: orNull(p.PID), Priority: p.Priority, SHA256: p.SHA256, Restarts: p.Restarts,
			Hooks: list(p.Hooks), PromoTypes: list(p.PromoTypes), Calls: calls}
	}
	return send(c, http.StatusOK, gin.H{"plugins": out})
}

// PostGrant gives coins. The same key again answers the same booking, with 200.
func (a *API) PostGrant(c *gin.Context, who session.Who) error {
	key, err := requestKey(c)
	if err != nil {
		return err
	}
	var g grant
	if err := decode(c, bodyMax, &g); err != nil {
		return err
	}
	if err := g.check(); err != nil {
		return err
	}
	ctx, now := c.Request.Context(), a.now()
	t, err := a.grantOf(c, g, who)
	if err != nil {
		return err
	}
	t.Key = "grant:" + string(who.Key) + ":" + key
	e := a.act(who, "ledger.grant", fmt.Sprintf("%d coins to %s", g.Amount, g.User))
	e.After = jsonOf(g)
	posted, err := a.Ledger.Post(ctx, []ledger.Transfer{t}, now, e)
	if err != nil {
		return err
	}
	if len(posted) != 1 {
		return fmt.Errorf("the ledger has booked %d transfers for one grant", len(posted))
	}
	wallet, err := a.Books.Wallet(ctx, t.User)
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if posted[0].AtMS != now {
		status = http.StatusOK
	}
	return send(c, status, granted{Seq: posted[0].Seq, User: wallet.Name, Amount: posted[0].Amount, Reason: posted[0].Reason,
		By: posted[0].Actor, At: instant(posted[0].AtMS), Balance: wallet.Balance})
}

// grantOf is the transfer of a grant. Somebody who has a wallet already keeps the name in it.
func (a *API) grantOf(c *gin.Context, g grant, who session.Who) (ledger.Transfer, error) {
	user := channel.Fold(g.User)
	wallet, err := a.Books.Wallet(c.Request.Context(), string(user))
	if err != nil {
		return ledger.Transfer{}, err
	}
	t := ledger.Transfer{Kind: ledger.Grant, Debit: ledger.Issuance, Credit: ledger.Wallet, User: string(user), Amount: g.Amount,
		Reason: strings.TrimSpace(g.Reason), Actor: string(who.Key)}
	if wallet.CreatedAtMS == 0 {
		t.UserName = strings.TrimSpace(g.User)
	}
	return t, nil
}

func (g grant) check() error {
	name := strings.TrimSpace(g.User)
	switch {
	case name == "" || utf8.RuneCountInString(name) > nameMax || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return fault.New(fault.Invalid, "“user” is the name of a viewer.")
	case g.Amount <= 0 || g.Amount > ledger.MaxAmount:
		return fault.New(fault.Invalid, "“amount” is a whole number of coins, 1 or more.")
	default:
		return reasonable("reason", g.Reason, reasonMax)
	}
}
