package store

import (
	"sync"
	"testing"

	"playbill/core/access"
	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/fault"
)

var secret = []byte("secret")

func codeFor(user channel.UserKey, code string, browser byte) access.Code {
	return access.NewCodeFor(user, access.Seal(secret, user, code), [32]byte{browser}, testNow)
}

func sessionFor(user channel.UserKey) access.Session {
	return access.Session{User: user, Name: "Ada", CreatedAtMS: testNow, ExpiresAtMS: testNow + access.SessionMS}
}

func redeem(t *testing.T, c *Channel, try access.Code, sha byte) access.Verdict {
	t.Helper()
	v, err := c.RedeemCode(t.Context(), try, sessionFor(try.User), [32]byte{sha})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestCodeOpensOneSession(t *testing.T) {
	c := claim(t, open(t))
	if v := redeem(t, c, codeFor("ada", "111111", 1), 1); v != access.Refused {
		t.Fatalf("a code that nobody asked for: %v", v)
	}
	for _, k := range []access.Code{codeFor("ada", "111111", 1), codeFor("ada", "222222", 1)} {
		if err := c.KeepCode(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	if v := redeem(t, c, codeFor("ada", "111111", 1), 1); v != access.Wrong {
		t.Errorf("an older code: %v", v)
	}
	if v := redeem(t, c, codeFor("ada", "222222", 9), 1); v != access.Refused {
		t.Errorf("another browser: %v", v)
	}
	rights := make([]access.Verdict, 8)
	var all sync.WaitGroup
	for i := range rights {
		all.Go(func() {
			rights[i], _ = c.RedeemCode(t.Context(), codeFor("ada", "222222", 1), sessionFor("ada"), [32]byte{byte(10 + i)})
		})
	}
	all.Wait()
	opened := 0
	for _, v := range rights {
		if v == access.Right {
			opened++
		}
	}
	list, err := c.SessionsOf(t.Context(), "ada", testNow)
	if err != nil || opened != 1 || len(list) != 1 || list[0].Name != "Ada" {
		t.Errorf("opened %d, %+v, %v", opened, list, err)
	}
}

func TestFiveTries(t *testing.T) {
	c := claim(t, open(t))
	if err := c.KeepCode(t.Context(), codeFor("ada", "222222", 1)); err != nil {
		t.Fatal(err)
	}
	want := []access.Verdict{access.Wrong, access.Wrong, access.Wrong, access.Wrong, access.Burned, access.Refused}
	for i, w := range want {
		if v := redeem(t, c, codeFor("ada", "333333", 1), 1); v != w {
			t.Errorf("try %d: %v, want %v", i+1, v, w)
		}
	}
	if v := redeem(t, c, codeFor("ada", "222222", 1), 1); v != access.Refused {
		t.Errorf("the right one after five wrong ones: %v", v)
	}
}

func TestSessionLives(t *testing.T) {
	c := claim(t, open(t))
	sha := [32]byte{7}
	if err := c.KeepCode(t.Context(), codeFor("ada", "222222", 1)); err != nil {
		t.Fatal(err)
	}
	redeem(t, c, codeFor("ada", "222222", 1), 7)
	s, err := c.SessionBySHA(t.Context(), sha, testNow+120_000)
	if err != nil || s.User != "ada" || s.SeenAtMS != testNow+120_000 || s.ID != access.SessionID(sha) {
		t.Fatalf("%+v, %v", s, err)
	}
	if _, err := c.SessionBySHA(t.Context(), sha, testNow+access.SessionMS); !fault.Is(err, fault.Unauthorized) {
		t.Errorf("after its end: %v", err)
	}
	if err := c.RevokeSession(t.Context(), "eve", s.ID, testNow); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else's: %v", err)
	}
	if err := c.RevokeSession(t.Context(), "ada", s.ID, testNow); err != nil {
		t.Fatal(err)
	}
	if _, err := c.SessionBySHA(t.Context(), sha, testNow); !fault.Is(err, fault.Unauthorized) {
		t.Errorf("revoked: %v", err)
	}
	if list, err := c.SessionsOf(t.Context(), "ada", testNow); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestLoginLinkWorksOnce(t *testing.T) {
	c := claim(t, open(t))
	link := access.Token{Name: "Keeper", RankTenths: 30, CreatedBy: access.LinkMaker, CreatedAtMS: testNow, ExpiresAtMS: testNow + access.LinkForMS}
	for _, sha := range [][32]byte{{1}, {2}} { // the second link replaces the first
		if err := c.CreateToken(t.Context(), link, sha); err != nil {
			t.Fatal(err)
		}
	}
	other := access.Token{Name: "robot", RankTenths: 30, CreatedBy: "cli", CreatedAtMS: testNow}
	if err := c.CreateToken(t.Context(), other, [32]byte{3}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.TokenBySHA(t.Context(), [32]byte{2}, testNow); !fault.Is(err, fault.Unauthorized) {
		t.Errorf("a link is no token: %v", err)
	}
	exchange := func(link, session byte, atMS int64) (access.Session, error) {
		return c.ExchangeLink(t.Context(), [32]byte{link}, [32]byte{session}, atMS, testNow+access.LinkedMS)
	}
	for _, link := range []byte{1, 3, 9} {
		if _, err := exchange(link, 5, testNow); !fault.Is(err, fault.Unauthorized) {
			t.Errorf("%d: %v", link, err)
		}
	}
	if _, err := exchange(2, 5, testNow+access.LinkForMS); !fault.Is(err, fault.Unauthorized) {
		t.Errorf("too late: %v", err)
	}
	s, err := exchange(2, 5, testNow)
	if err != nil || s.User != "keeper" || s.Name != "Keeper" || s.RankTenths != 30 || !s.Linked {
		t.Fatalf("%+v, %v", s, err)
	}
	if _, err := exchange(2, 6, testNow); !fault.Is(err, fault.Unauthorized) {
		t.Errorf("again: %v", err)
	}
	if err := c.ConfirmRank(t.Context(), "keeper", 10, testNow); err != nil {
		t.Fatal(err)
	}
	if s, err := c.SessionBySHA(t.Context(), [32]byte{5}, testNow+access.LinkForMS); err != nil || s.RankTenths != 30 {
		t.Errorf("what it opened keeps its rank: %+v, %v", s, err)
	}
	if err := c.RevokeSession(t.Context(), "keeper", s.ID, testNow); err != nil {
		t.Fatal(err)
	}
	if _, err := c.SessionBySHA(t.Context(), [32]byte{5}, testNow); !fault.Is(err, fault.Unauthorized) {
		t.Errorf("it ends with its session: %v", err)
	}
}

func TestRanksOutliveARestart(t *testing.T) {
	c := claim(t, open(t))
	for i, browser := range []byte{1, 2} {
		if err := c.KeepCode(t.Context(), codeFor("ada", "222222", browser)); err != nil {
			t.Fatal(err)
		}
		redeem(t, c, codeFor("ada", "222222", browser), byte(7+i))
	}
	if err := c.ConfirmRank(t.Context(), "ada", 25, testNow+5); err != nil {
		t.Fatal(err)
	}
	for _, sha := range []byte{7, 8} {
		if s, err := c.SessionBySHA(t.Context(), [32]byte{sha}, testNow); err != nil || s.RankTenths != 25 || s.RankedAtMS != testNow+5 || s.Linked {
			t.Errorf("%+v, %v", s, err)
		}
	}
	entry := audit.Entry{Actor: "eve", Action: "sessions.revoke", Subject: "ada"}
	ended, err := c.RevokeSessions(t.Context(), "ada", nil, testNow, entry)
	if err != nil || len(ended) != 2 {
		t.Fatal(ended, err)
	}
	if ended, err = c.RevokeSessions(t.Context(), "ada", nil, testNow, entry); err != nil || len(ended) != 0 {
		t.Error(ended, err)
	}
	if trail, err := c.AuditTrail(t.Context(), audit.Query{}); err != nil || len(trail) != 1 {
		t.Errorf("%+v, %v", trail, err)
	}
}
