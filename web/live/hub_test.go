package live

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"playbill/core/fault"
	"playbill/core/shadow"
	"playbill/core/station"
)

// floor is a station of which only the view can be seen.
type floor struct{ view atomic.Pointer[station.View] }

func (f *floor) View() *station.View { return f.view.Load() }

// change publishes a changed list.
func (f *floor) change(edit func(list []*shadow.Entry) []*shadow.Entry) {
	v := *f.view.Load()
	v.Rev++
	v.Shadow.Rev++
	v.Shadow.Entries = edit(slices.Clone(v.Shadow.Entries))
	f.view.Store(&v)
}

func dropSecond(list []*shadow.Entry) []*shadow.Entry { return slices.Delete(list, 1, 2) }

// house is a hub behind a server.
func house(t testing.TB, n int) (*floor, *Hub, *httptest.Server) {
	t.Helper()
	f := &floor{}
	f.view.Store(longList(n))
	h := New(Options{Floor: f, Channel: "c", Badge: word, Now: func() int64 { return time.Now().UnixMilli() }})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h.Serve(w, r); err != nil {
			status := map[fault.Code]int{fault.CrossOrigin: 403, fault.Limit: 429, fault.Stopping: 503}[fault.Of(err).Code]
			http.Error(w, err.Error(), max(status, 400))
		}
	}))
	t.Cleanup(func() {
		h.Close()
		srv.Close()
	})
	return f, h, srv
}

func dial(t testing.TB, srv *httptest.Server, query string) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), srv.URL+"/ws"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(1 << 24)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return conn
}

// next reads one frame of this type and says which revision it leads to.
func next(t testing.TB, conn *websocket.Conn, kind string) (frame struct {
	Type           string
	From, Revision int64
	Removed        []int64
	Items          []Entry
}) {
	t.Helper()
	_, text, err := conn.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &frame); err != nil {
		t.Fatal(err)
	}
	if frame.Type != kind {
		t.Fatalf("a frame of type %q, want %q: %.200s", frame.Type, kind, text)
	}
	return frame
}

func TestSocketGetsStateThenDeltas(t *testing.T) {
	f, h, srv := house(t, 5)
	first, second := dial(t, srv, ""), dial(t, srv, "") // two tabs of one viewer
	for _, conn := range []*websocket.Conn{first, second} {
		next(t, conn, "hello")
		if s := next(t, conn, "state"); len(s.Items) != 5 {
			t.Fatalf("%d items", len(s.Items))
		}
	}
	from := h.State().Revision
	f.change(dropSecond)
	if got := h.State(); got.Revision != from+1 || len(got.Items) != 4 {
		t.Fatalf("a reader of the state sees revision %d with %d items", got.Revision, len(got.Items))
	}
	for _, conn := range []*websocket.Conn{first, second} {
		if d := next(t, conn, "delta"); d.From != from || d.Revision != from+1 || !slices.Equal(d.Removed, []int64{2}) {
			t.Fatalf("delta %+v", d)
		}
	}
}

func TestViewWithoutChangeIsSilent(t *testing.T) {
	f, h, srv := house(t, 3)
	conn := dial(t, srv, "")
	next(t, conn, "hello")
	next(t, conn, "state")
	rev := h.State().Revision
	for range 3 { // the station publishes every second
		v := *f.view.Load()
		v.Rev++
		v.AtMS += 1000
		v.Shadow.AtMS += 1000
		v.Shadow.PlayedMS += 1000
		f.view.Store(&v)
		if got := h.State().Revision; got != rev {
			t.Fatalf("revision %d, want %d", got, rev)
		}
	}
	f.change(dropSecond)
	h.State()
	if d := next(t, conn, "delta"); d.From != rev { // nothing came between
		t.Fatalf("delta from %d", d.From)
	}
}

func TestResume(t *testing.T) {
	f, h, srv := house(t, 8)
	rev := h.State().Revision
	f.change(dropSecond)
	h.State()
	f.change(dropSecond)
	now := h.State().Revision

	missed := dial(t, srv, "?since="+strconv.FormatInt(rev, 10))
	next(t, missed, "hello")
	for i := range int64(2) {
		if d := next(t, missed, "delta"); d.From != rev+i {
			t.Fatalf("delta %d is from %d", i, d.From-rev)
		}
	}
	current := dial(t, srv, "?since="+strconv.FormatInt(now, 10))
	next(t, current, "hello")
	f.change(dropSecond)
	h.State()
	next(t, current, "delta") // and nothing before it
	for _, since := range []string{"1", "-4", "x", "99999999999999999999"} {
		conn := dial(t, srv, "?since="+since)
		next(t, conn, "hello")
		next(t, conn, "state")
	}
}

func TestLongAbsenceGetsState(t *testing.T) {
	f, h, srv := house(t, ringMax+10)
	rev := h.State().Revision
	for range ringMax + 1 {
		f.change(dropSecond)
		h.State()
	}
	conn := dial(t, srv, "?since="+strconv.FormatInt(rev, 10))
	next(t, conn, "hello")
	next(t, conn, "state")
}

func TestBigChangeIsAState(t *testing.T) {
	f, h, srv := house(t, 2*deltaMax+2)
	conn := dial(t, srv, "")
	next(t, conn, "hello")
	next(t, conn, "state")
	f.change(func(list []*shadow.Entry) []*shadow.Entry { slices.Reverse(list[1:]); return list })
	h.State()
	next(t, conn, "state")
}

// TestSlowReaderIsDropped: one that takes nothing is let go while the others get every change, and may come back.
func TestSlowReaderIsDropped(t *testing.T) {
	f, h, _ := house(t, 200)
	slow, quick := &socket{frames: make(chan []byte, framesMax)}, &socket{frames: make(chan []byte, framesMax)}
	for _, s := range []*socket{slow, quick} {
		if _, ok := h.join(s, 0); !ok {
			t.Fatal("not taken in")
		}
		defer h.leave(s)
	}
	for range framesMax + 1 {
		f.change(dropSecond)
		h.State()
		if _, open := <-quick.frames; !open {
			t.Fatal("who reads was dropped")
		}
	}
	if n := h.Sockets(); n != 1 {
		t.Fatalf("%d sockets, want the quick one alone", n)
	}
	for range framesMax {
		<-slow.frames
	}
	if _, open := <-slow.frames; open {
		t.Fatal("the slow one was not told to go")
	}
}

func TestForeignOriginIsRefused(t *testing.T) {
	_, _, srv := house(t, 1)
	for name, h := range map[string]http.Header{
		"origin":     {"Origin": {"https://evil.example"}},
		"cross-site": {"Sec-Fetch-Site": {"cross-site"}},
		"null":       {"Origin": {"null"}},
	} {
		_, res, err := websocket.Dial(t.Context(), srv.URL, &websocket.DialOptions{HTTPHeader: h})
		if err == nil || res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %v %v", name, res, err)
		}
	}
	own, _, err := websocket.Dial(t.Context(), srv.URL, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {srv.URL}, "Sec-Fetch-Site": {"same-origin"}}})
	if err != nil {
		t.Fatal(err)
	}
	_ = own.CloseNow()
	if res, err := http.Get(srv.URL); err != nil || res.StatusCode != http.StatusBadRequest {
		t.Errorf("a plain request: %v %v", res, err)
	}
}

func TestTalkingSocketIsClosed(t *testing.T) {
	_, _, srv := house(t, 1)
	conn := dial(t, srv, "")
	next(t, conn, "hello")
	next(t, conn, "state")
	if err := conn.Write(t.Context(), websocket.MessageText, []byte("hi")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		t.Errorf("ended with %v", err)
	}
}

func TestClose(t *testing.T) {
	_, h, srv := house(t, 1)
	conn := dial(t, srv, "")
	next(t, conn, "hello")
	next(t, conn, "state")
	var ended error
	var done sync.WaitGroup
	done.Go(func() { _, _, ended = conn.Read(context.Background()) })
	h.Close()
	h.Close() // twice is once
	done.Wait()
	if websocket.CloseStatus(ended) != websocket.StatusGoingAway {
		t.Errorf("ended with %v", ended)
	}
	if _, res, err := websocket.Dial(t.Context(), srv.URL, nil); err == nil || res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("after the end: %v %v", res, err)
	}
	if n := h.Sockets(); n != 0 {
		t.Errorf("%d sockets are left", n)
	}
}

// TestManyTabs changes the list while pages come and go; every one of them must arrive at the last revision by deltas
// that follow one another.
func TestManyTabs(t *testing.T) {
	f, h, srv := house(t, 60)
	var tabs sync.WaitGroup
	last := h.State().Revision + 40
	for range 12 {
		conn := dial(t, srv, "")
		tabs.Go(func() {
			rev := int64(0)
			for rev < last {
				_, text, err := conn.Read(context.Background())
				var frame struct {
					Type           string
					From, Revision int64
				}
				if err = errors.Join(err, json.Unmarshal(text, &frame)); err != nil {
					if strings.Contains(err.Error(), "too slow") { // allowed, on a busy machine
						return
					}
					t.Error(err)
					return
				}
				switch {
				case frame.Type == "state":
					rev = frame.Revision
				case frame.Type == "delta" && frame.From != rev:
					t.Errorf("a delta from %d at %d", frame.From, rev)
					return
				case frame.Type == "delta":
					rev = frame.Revision
				}
			}
		})
	}
	for range 40 {
		f.change(dropSecond)
		h.State()
		time.Sleep(time.Millisecond)
	}
	tabs.Wait()
}
