package session

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"playbill/core/access"
	"playbill/core/fault"
)

// drawer is one token in memory.
type drawer struct {
	secret string
	token  access.Token
	err    error
	asked  int
}

func (d *drawer) TokenBySHA(_ context.Context, sha [32]byte, _ int64) (access.Token, error) {
	d.asked++
	if d.err != nil {
		return access.Token{}, d.err
	}
	if sha != sha256.Sum256([]byte(d.secret)) {
		return access.Token{}, fault.New(fault.Unauthorized, "no")
	}
	return d.token, nil
}

func TestBearer(t *testing.T) {
	const now = 1000
	for name, c := range map[string]struct {
		header string
		token  access.Token
		err    error
		want   string // name of who is asking
		code   fault.Code
		asked  int
	}{
		"nobody":     {header: ""},
		"valid":      {header: "Bearer s3cret", want: "Halcyon", asked: 1},
		"lower case": {header: "bearer s3cret", want: "Halcyon", asked: 1},
		"wrong":      {header: "Bearer other", code: fault.Unauthorized, asked: 1},
		"empty":      {header: "Bearer ", code: fault.Unauthorized},
		"basic":      {header: "Basic s3cret", code: fault.Unauthorized},
		"endless":    {header: "Bearer " + strings.Repeat("x", secretMax+1), code: fault.Unauthorized},
		"expired":    {header: "Bearer s3cret", token: access.Token{ExpiresAtMS: now}, code: fault.Unauthorized, asked: 1},
		"revoked":    {header: "Bearer s3cret", token: access.Token{RevokedAtMS: 5}, code: fault.Unauthorized, asked: 1},
	} {
		c.token.Name, c.token.RankTenths = "Halcyon", 30
		d := &drawer{secret: "s3cret", token: c.token}
		r := httptest.NewRequest("GET", "/", nil)
		if c.header != "" {
			r.Header.Set("Authorization", c.header)
		}
		who, err := NewDoor(Bearer{d}).Who(r, now)
		if who.Name != c.want || (c.code != "") != fault.Is(err, c.code) || d.asked != c.asked {
			t.Errorf("%s: %+v %v, asked %d times", name, who, err, d.asked)
		}
		if c.want != "" && (who.Key != "halcyon" || !who.Token || who.RankTenths != 30 || who.Actor().Key != "halcyon") {
			t.Errorf("%s: %+v", name, who)
		}
	}
	broken := errors.New("the disk is gone")
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "Bearer s3cret")
	if who, err := NewDoor(Bearer{&drawer{err: broken}}).Who(r, now); !errors.Is(err, broken) || !who.Anybody() {
		t.Errorf("in doubt nobody is let in: %+v %v", who, err)
	}
}
