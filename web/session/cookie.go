package session

import (
	"crypto/sha256"
	"net/http"
	"strings"
	"sync"
	"time"

	"playbill/core/fault"
)

// The cookies. The first carries the secret of a session, the second a nonce that ties a code to the browser that asked for
// it.
const (
	sessionCookie = "playbill"
	askerCookie   = "playbill_login"
	sessionPrefix = "s_"
)

// Who reads the session's cookie. One that opens nothing is no way in: a browser may keep a cookie longer than its session
// lives, and then is anybody's.
func (l *Login) Who(r *http.Request, nowMS int64) (Who, bool, error) {
	secret, ok := secretIn(r)
	if !ok {
		return Who{}, false, nil
	}
	s, err := l.opt.Vault.SessionBySHA(r.Context(), sha256.Sum256([]byte(secret)), nowMS)
	if err != nil || !s.Valid(nowMS) {
		return Who{}, false, notOver(err)
	}
	who := Who{Key: s.User, Name: s.Name, RankTenths: s.RankTenths, Token: s.Linked, Browser: true, Session: s.ID, UntilMS: s.ExpiresAtMS}
	if !s.Linked {
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead
		who.RankTenths = l.rank(r.Context(), s, reads, nowMS)
	}
	return who, true, nil
}

// notOver is an error other than that the session is over.
func notOver(err error) error {
	if fault.Is(err, fault.Unauthorized) {
		return nil
	}
	return err
}

func secretIn(r *http.Request) (string, bool) {
	c, err := r.Cookie(sessionCookie)
	if err != nil || len(c.Value) > secretMax || !strings.HasPrefix(c.Value, sessionPrefix) {
		return "", false
	}
	return c.Value, true
}

// Keep gives a browser the secret of its session.
func Keep(w http.ResponseWriter, r *http.Request, secret string) {
	http.SetCookie(w, cookie(r, sessionCookie, secret, sessionAge))
	http.SetCookie(w, cookie(r, askerCookie, "", -1))
}

// Forget takes it away.
func Forget(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, cookie(r, sessionCookie, "", -1))
}

// Asker returns the nonce of the browser that logs in; empty: it has none.
func Asker(r *http.Request) string {
	c, err := r.Cookie(askerCookie)
	if err != nil || len(c.Value) > secretMax {
		return ""
	}
	return c.Value
}

// NewAsker gives a browser a nonce of its own. One for each code: what an earlier one was is worth nothing.
func NewAsker(w http.ResponseWriter, r *http.Request) string {
	nonce := newSecret()
	http.SetCookie(w, cookie(r, askerCookie, nonce, askerAge))
	return nonce
}

// cookie is one that no script reads and no other site sends along with a form. A proxy that speaks TLS for us says so; a
// visitor who claims it only harms their own login.
func cookie(r *http.Request, name, value string, age time.Duration) *http.Cookie {
	c := &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https", MaxAge: -1}
	if age > 0 {
		c.MaxAge = int(age.Seconds())
	}
	return c
}

// watches are the open pages of sessions.
type watches struct {
	mu sync.Mutex
	of map[string]map[*watch]struct{} // by session
}

type watch struct {
	once  sync.Once
	ended chan struct{} // capacity 0, closed once
}

func (w *watch) end() { w.once.Do(func() { close(w.ended) }) }

// Watch returns what is closed when somebody's session ends, by its time or because it was revoked. stop is called when
// nobody cares any more.
func (l *Login) Watch(who Who) (ended <-chan struct{}, stop func()) {
	if !who.Browser {
		return nil, func() {}
	}
	w := &watch{ended: make(chan struct{})}
	left := min(time.Duration(who.UntilMS-l.opt.Now())*time.Millisecond, timerMax)
	timer := time.AfterFunc(left, w.end)
	l.watches.add(who.Session, w)
	return w.ended, func() {
		timer.Stop()
		l.watches.remove(who.Session, w)
	}
}

func (w *watches) add(id string, one *watch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.of[id] == nil {
		w.of[id] = map[*watch]struct{}{}
	}
	w.of[id][one] = struct{}{}
}

func (w *watches) remove(id string, one *watch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.of[id], one)
	if len(w.of[id]) == 0 {
		delete(w.of, id)
	}
}

func (w *watches) end(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for one := range w.of[id] {
		one.end()
	}
}
