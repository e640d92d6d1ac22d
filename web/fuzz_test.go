package web

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"playbill/web/session"
)

// bodies are what somebody may send who has read the documentation, and what nobody should.
func bodies() []string {
	return []string{
		wishBody, `{"user":"ann","amount":5,"reason":"a present"}`, `{"media":{"type":"yt","id":"x"},"to":"top"}`, `{"to":"end"}`,
		`{"name":"Films","immutable":true,"items":[{"type":"yt","id":"a","title":"A","duration_seconds":60}]}`,
		`{"enabled":true,"movie_threshold_seconds":3600,"no_repeat":true,"lead_in_order":["viewers_choice","feature_presentation"],` +
			`"general":{"every_n_items":4,"every_m_minutes":null,"min_airtime_seconds":10,"selection":"weighted"},` +
			`"types":{"channel_identity":{"enabled":true,"order":"random","weight":3}}}`,
		`{"reason":"spam"}`, `{"blocked":true,"reason":"spam"}`, `{"text":"one\ntwo"}`, `{"ids":[1,2],"to":1,"revision":3}`,
		`theme=dark`, `user=ann&code=123456`, `type=yt&id=x&tier=queue&price=250&key=k`, `id=p1`, `secret=abc`,
		``, `{`, `[]`, `null`, `0`, `"x"`, `{"media":null}`, `{"items":[null]}`, `{"general":{"every_n_items":1e400}}`,
		`{"amount":9223372036854775808}`, `{"amount":-1}`, `{"quoted_price":0.5}`, "\x00\xff", `{"name":"` + strings.Repeat("é", 5000) + `"}`,
		strings.Repeat(`{"media":`, 3000), strings.Repeat(`[`, 20_000),
	}
}

// FuzzBodies sends anything to every route that takes a body: as an admin who may everything, with a key, to an entry of any
// name. Whatever it is, it is taken or refused with a sentence; it is never a fault of ours.
func FuzzBodies(f *testing.F) {
	s := wide(f)
	routes := takers(s)
	for i := range routes {
		f.Add(i, "1", "{}", false)
	}
	for i, body := range bodies() { // TestMutatedBodies sends each to every route
		f.Add(i, "p1", body, i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, i int, name, body string, form bool) {
		sendsBody(t, s, routes[uint(i)%uint(len(routes))], request{name, body, form})
	})
}

// TestMutatedBodies is some of that in every run of the tests.
func TestMutatedBodies(t *testing.T) {
	s := wide(t)
	dice := rand.New(rand.NewPCG(1, 2))
	for _, r := range takers(s) {
		for _, body := range bodies() {
			for range 6 {
				sendsBody(t, s, r, request{[]string{"1", "p1", "0", "-1", "x y", "99999999999999999999"}[dice.IntN(6)], mutated(dice, body), dice.IntN(4) == 0})
			}
		}
	}
}

// wide is a server on a real library, which sees what came through.
func wide(t testing.TB) *Server {
	l, _ := stocked(t, "a", "b", "c")
	return newWorld().openStocked(t, l)
}

// takers are the routes that take a body.
func takers(s *Server) (out []route) {
	for _, r := range s.routes() {
		if r.method != http.MethodGet && r.level != session.Public || r.method == http.MethodPost {
			out = append(out, r)
		}
	}
	return out
}

// request is what is sent: to the entry of this name, this body, as a form of a page or as JSON.
type request struct {
	name, body string
	form       bool
}

var placeholder = regexp.MustCompile(`[:*][a-z_]+`)

func sendsBody(t *testing.T, s *Server, to route, q request) {
	t.Helper()
	path := placeholder.ReplaceAllString(to.path, strings.ReplaceAll(url.PathEscape(q.name), "$", "%24"))
	r := httptest.NewRequest(to.method, "http://example.com/", strings.NewReader(q.body))
	u, err := url.Parse("http://example.com" + path)
	if err != nil {
		return // no client can send that
	}
	r.URL, r.RequestURI = u, u.RequestURI()
	r.Header.Set("Authorization", "Bearer chief")
	r.Header.Set("Idempotency-Key", "k")
	r.Header.Set("Content-Type", "application/json")
	if q.form {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Accept", "text/html")
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	if w.Code >= http.StatusInternalServerError && w.Code != http.StatusServiceUnavailable {
		t.Errorf("%s %s with %.200q: %d %s", to.method, path, q.body, w.Code, w.Body)
	}
	if w.Code >= http.StatusBadRequest && !strings.Contains(w.Body.String(), ".") {
		t.Errorf("%s %s with %.200q is refused without a sentence: %d %s", to.method, path, q.body, w.Code, w.Body)
	}
}

// mutated is a body after an accident: a byte changed, a part cut out or doubled, a number or a word put in another's place.
func mutated(dice *rand.Rand, body string) string {
	for range dice.IntN(3) {
		if body == "" {
			return body
		}
		at := dice.IntN(len(body))
		to := at + dice.IntN(len(body)-at)
		switch dice.IntN(4) {
		case 0:
			body = body[:at] + string(rune(dice.IntN(256))) + body[at+1:]
		case 1:
			body = body[:at] + body[to:]
		case 2:
			body = body[:to] + body[at:]
		default:
			odd := []string{"null", "-1", "1e999", "true", `""`, "{}", "[]", "0.1", "18446744073709551616", `"\ud800"`}
			body = body[:at] + odd[dice.IntN(len(odd))] + body[to:]
		}
	}
	return body
}
