package api

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/core/access"
	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/web/session"
)

// token is an API token as it is listed. Its secret is known to whoever was given it, and to nobody else.
type token struct {
	Name      string  `json:"name"` // acts as this name
	Rank      float64 `json:"rank"`
	State     string  `json:"state"` // good, expired or revoked
	CreatedBy string  `json:"created_by"`
	CreatedAt *string `json:"created_at"`
	ExpiresAt *string `json:"expires_at"` // null: never
	RevokedAt *string `json:"revoked_at"`
	UsedAt    *string `json:"used_at"` // to the minute
}

// tokens is all of them, by name.
type tokens struct {
	Tokens []token `json:"tokens"`
}

// newToken is a token that somebody wants.
type newToken struct {
	Name string  `json:"name"`
	Rank float64 `json:"rank"`
	Days *int64  `json:"days"` // until it expires; null: 90; 0: never
}

// issued is a token with its secret, this once.
type issued struct {
	token
	Secret string `json:"secret"`
}

// The rank of a token that is listed or made, as CyTube has ranks: one decimal place.
const rankMost = 255

// GetTokens lists the API tokens. Login links are none.
func (a *API) GetTokens(c *gin.Context, _ session.Who) error {
	all, err := a.Money.Keys.Tokens(c.Request.Context())
	if err != nil {
		return err
	}
	out := tokens{Tokens: []token{}}
	for _, t := range all {
		if t.CreatedBy != access.LinkMaker {
			out.Tokens = append(out.Tokens, tokenOf(t, a.now()))
		}
	}
	return send(c, http.StatusOK, out)
}

func tokenOf(t access.Token, nowMS int64) token {
	out := token{Name: t.Name, Rank: float64(t.RankTenths) / 10, State: "good", CreatedBy: t.CreatedBy, CreatedAt: instant(t.CreatedAtMS),
		ExpiresAt: instant(t.ExpiresAtMS), RevokedAt: instant(t.RevokedAtMS), UsedAt: instant(t.UsedAtMS)}
	switch {
	case t.RevokedAtMS != 0:
		out.State = "revoked"
	case !t.Valid(nowMS):
		out.State = "expired"
	}
	return out
}

// PostToken makes a token and answers its secret, this once. Nobody makes one above their own rank, or in the name of
// somebody else.
func (a *API) PostToken(c *gin.Context, who session.Who) error {
	var n newToken
	if err := decode(c, bodyMax, &n); err != nil {
		return err
	}
	t, err := a.tokenFor(n, who)
	if err != nil {
		return err
	}
	if err := a.ownName(c, t.Name, who); err != nil {
		return err
	}
	e := a.act(who, "token.create", t.Name)
	e.After = jsonOf(tokenOf(t, a.now()))
	secret, err := a.Money.Keys.Issue(c.Request.Context(), t, e)
	if err != nil {
		return err
	}
	return send(c, http.StatusCreated, issued{tokenOf(t, a.now()), secret})
}

func (a *API) tokenFor(n newToken, who session.Who) (access.Token, error) {
	t := access.Token{Name: strings.TrimSpace(n.Name), CreatedBy: string(who.Key), CreatedAtMS: a.now()}
	days := int64(tokenDays)
	if n.Days != nil {
		days = *n.Days
	}
	switch tenths := n.Rank * 10; {
	case !nameLike(t.Name):
		return t, fault.New(fault.Invalid, fmt.Sprintf("A token acts as a name: one word, at most %d characters.", nameMax))
	case n.Rank < 0 || n.Rank > rankMost || tenths != float64(int(tenths)):
		return t, fault.New(fault.Invalid, fmt.Sprintf("A rank is 0 to %d, with at most one decimal place.", rankMost))
	case int(tenths) > who.RankTenths:
		return t, fault.New(fault.Forbidden, fmt.Sprintf("A token's rank is at most your own, which is %s.", rankWords(who.RankTenths)))
	case days < 0 || days > tokenDaysMax:
		return t, fault.New(fault.Invalid, fmt.Sprintf("A token expires after 1 to %d days; 0 is never.", tokenDaysMax))
	default:
		t.RankTenths = int(tenths)
	}
	if days > 0 {
		t.ExpiresAtMS = t.CreatedAtMS + days*dayMS
	}
	return t, nil
}

// ownName refuses a token in the name of somebody else: it would spend their coins and sign what they have not done.
func (a *API) ownName(c *gin.Context, name string, who session.Who) error {
	key := channel.Fold(name)
	if key == who.Key {
		return nil
	}
	all, err := a.Money.Keys.Tokens(c.Request.Context())
	if err != nil {
		return err
	}
	for _, t := range all {
		if channel.Fold(t.Name) == key && t.CreatedBy == string(who.Key) {
			return nil // it was theirs before
		}
	}
	wallet, err := a.Books.Wallet(c.Request.Context(), string(key))
	if err != nil {
		return err
	}
	if _, here := a.people()[key]; here || wallet.CreatedAtMS != 0 {
		return fault.New(fault.Conflict, name+" is somebody else. A token acts as its name: choose your own, or one that nobody has, like “"+who.Name+"-bot”.")
	}
	return nil
}

// DeleteToken ends a token.
func (a *API) DeleteToken(c *gin.Context, who session.Who) error {
	name := c.Param("name")
	if err := a.Money.Keys.Revoke(c.Request.Context(), name, a.act(who, "token.revoke", name)); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// rankWords writes a rank: "3", "1.5".
func rankWords(tenths int) string {
	if tenths%10 == 0 {
		return fmt.Sprint(tenths / 10)
	}
	return fmt.Sprintf("%d.%d", tenths/10, tenths%10)
}
