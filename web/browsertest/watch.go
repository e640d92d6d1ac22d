package browsertest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// watch collects what goes wrong in a tab, and what it loads.
type watch struct {
	host string

	mu       sync.Mutex
	faults   []string
	expected []string
	loads    map[network.RequestID]*Load
	order    []network.RequestID
}

// Load is one resource that a page has asked for.
type Load struct {
	URL      string
	Kind     string // Document, Stylesheet, Script, Image, Fetch, WebSocket, ...
	Status   int64
	Encoding string // of its body, as the server said
	Bytes    int64  // on the wire, with the headers of the answer; 0: it is not finished, or came from the browser's cache
}

func newWatch(origin string) (*watch, error) {
	u, err := url.Parse(origin)
	if err != nil {
		return nil, err
	}
	return &watch{host: u.Host, loads: map[network.RequestID]*Load{}}, nil
}

// tellPolicy makes violations of the content security policy errors on the console, whatever the browser itself says of them.
const tellPolicy = `addEventListener('securitypolicyviolation', (e) =>
	console.error('content security policy: ' + e.violatedDirective + ' ' + e.blockedURI + ' ' + (e.sample || '')));`

// see takes one event of the tab. It runs on the goroutine that reads the browser's messages and must not ask anything.
func (w *watch) see(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		w.fault("exception: %s", thrown(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if slices.Contains([]string{"error", "assert", "warning"}, string(e.Type)) {
			w.fault("console %s: %s", e.Type, arguments(e.Args))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Source == log.EntrySourceSecurity {
			w.fault("browser: %s %s", e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		w.ours(e.Request.URL)
		w.load(e.RequestID, &Load{URL: e.Request.URL, Kind: string(e.Type)})
	case *network.EventWebSocketCreated:
		w.ours(e.URL)
		w.load(e.RequestID, &Load{URL: e.URL, Kind: "WebSocket"})
	case *network.EventResponseReceived:
		w.answered(e)
	case *network.EventLoadingFinished:
		if one := w.loads[e.RequestID]; one != nil {
			one.Bytes = int64(e.EncodedDataLength)
		}
	case *network.EventLoadingFailed:
		if !e.Canceled && e.ErrorText != "net::ERR_ABORTED" {
			w.fault("request failed: %s %s", w.address(e.RequestID), e.ErrorText)
		}
	}
}

func (w *watch) answered(e *network.EventResponseReceived) {
	one := w.loads[e.RequestID]
	if one == nil {
		return
	}
	one.Status = e.Response.Status
	for name, value := range e.Response.Headers {
		if strings.EqualFold(name, "Content-Encoding") {
			one.Encoding = fmt.Sprint(value)
		}
	}
	if one.Status >= 400 {
		w.fault("request failed: %s was answered with %d", one.URL, one.Status)
	}
}

func (w *watch) load(id network.RequestID, one *Load) {
	if _, again := w.loads[id]; !again {
		w.order = append(w.order, id)
	}
	w.loads[id] = one
}

func (w *watch) address(id network.RequestID) string {
	if one := w.loads[id]; one != nil {
		return one.URL
	}
	return "?"
}

// ours holds that a request stays on the site. A data address leaves nothing: the browser draws the icons of its own controls
// so, and a page that did is told by its policy.
func (w *watch) ours(address string) {
	if strings.HasPrefix(address, "data:") {
		return
	}
	u, err := url.Parse(address)
	if err != nil || u.Host != w.host {
		w.fault("request to another origin: %s", address)
	}
}

func (w *watch) fault(format string, args ...any) {
	w.faults = append(w.faults, fmt.Sprintf(format, args...))
}

// take returns the faults so far that nobody expected, and forgets them.
func (w *watch) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := slices.DeleteFunc(w.faults, func(fault string) bool {
		return slices.ContainsFunc(w.expected, func(part string) bool { return strings.Contains(fault, part) })
	})
	w.faults = nil
	return out
}

// forget begins the list of loads anew.
func (w *watch) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.loads, w.order = map[network.RequestID]*Load{}, nil
}

func (w *watch) loaded() []Load {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []Load
	for _, id := range w.order {
		out = append(out, *w.loads[id])
	}
	return out
}

func thrown(d *runtime.ExceptionDetails) string {
	text := fmt.Sprintf("%s %s:%d", d.Text, d.URL, d.LineNumber+1)
	if d.Exception != nil {
		text += " " + d.Exception.Description
	}
	return text
}

func arguments(list []*runtime.RemoteObject) string {
	var words []string
	for _, one := range list {
		if one.Description != "" {
			words = append(words, one.Description)
		} else {
			words = append(words, string(one.Value))
		}
	}
	return strings.Join(words, " ")
}
