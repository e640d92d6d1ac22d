package main

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"playbill/core/pay"
	"playbill/web/browsertest"
)

// wire is a line between browsers and a house that can be cut.
type wire struct {
	listen net.Listener
	to     string

	mu    sync.Mutex
	down  bool
	conns map[net.Conn]bool
	done  sync.WaitGroup
}

// wireTo lays a line to an address; it is taken away when the test ends.
func wireTo(t *testing.T, address string) *wire {
	t.Helper()
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listen: listen, to: address, conns: map[net.Conn]bool{}}
	w.done.Go(w.accept) // ends with the listener; the clean-up waits
	t.Cleanup(func() {
		_ = listen.Close()
		w.cut(true)
		w.done.Wait()
	})
	return w
}

func (w *wire) origin() string { return "http://" + w.listen.Addr().String() }

func (w *wire) accept() {
	for {
		from, err := w.listen.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			w.done.Go(func() { w.join(from) }) // ends with either of its ends
		}
	}
}

// join carries bytes both ways until one end closes.
func (w *wire) join(from net.Conn) {
	to, err := net.Dial("tcp", w.to)
	if err != nil || !w.keep(from, to) {
		_ = from.Close()
		return
	}
	var back sync.WaitGroup
	back.Go(func() { // ends with either end
		_, _ = io.Copy(from, to)
		_ = from.Close()
	})
	_, _ = io.Copy(to, from)
	_ = to.Close()
	back.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.conns, from)
	delete(w.conns, to)
}

func (w *wire) keep(conns ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range conns {
		if w.down {
			_ = c.Close()
			continue
		}
		w.conns[c] = true
	}
	return !w.down
}

// cut ends every connection and, when down, refuses new ones until it is called with false.
func (w *wire) cut(down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = down
	for c := range w.conns {
		_ = c.Close()
	}
}

// lost are the faults of a tab whose host is away for a while.
func lost(tab *browsertest.Tab) {
	tab.Expect("WebSocket connection", "ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "ERR_SOCKET_NOT_CONNECTED")
}

// TestBrowserLineCut cuts the line under an open queue. The page says from when it is, and goes on with what is so by then.
func TestBrowserLineCut(t *testing.T) {
	browserOf(t)
	t.Parallel()
	s := houseOn(t, houseRules+withoutPlugins())
	s.programme("one-week-1920", "cops-1922", "easy-street-1917", "the-goat-1921")
	line := wireTo(t, s.address)
	tab := browserOf(t).Visit(t, line.origin())
	lost(tab)
	tab.Open("/queue")
	tab.Until("it is live", isLive)
	tab.UntilText("#now-title", "One Week")

	line.cut(false) // a hiccup: it resumes, and says nothing that it has not noticed
	s.skip()
	tab.UntilText("#now-title", "Cops")
	tab.Until("it is live again", isLive)

	line.cut(true)
	tab.UntilText("[data-wire]", "Reconnecting. What you see is from")
	if tab.Text("#now-title") != "Cops" {
		t.Error("a page without a line forgets what it knew")
	}
	s.skip()
	s.letIn("Ember", 1_000)
	s.buys("Ember", "the-kiss-1896", pay.Queue)
	line.cut(false)
	tab.UntilText("#now-title", "Easy Street")
	tab.Until("the new row is there", rowOf("The Kiss")+" === 0")
	tab.Until("it is live again", isLive)
	s.rightTimes(tab)
}

// TestBrowserRestart restarts the host under open pages. Who is logged in stays so, and the queue goes on with the new state.
func TestBrowserRestart(t *testing.T) {
	browserOf(t)
	t.Parallel()
	s := houseOn(t, houseRules+withoutPlugins())
	s.programme("one-week-1920", "cops-1922", "easy-street-1917")
	s.letIn("Ember", 1_000)
	tab := s.visit("Ember")
	account := tab.Another()
	lost(tab)
	lost(account)
	tab.Open("/queue")
	account.Open("/account")
	tab.Until("it is live", isLive)

	s.shut()
	tab.UntilText("[data-wire]", "Reconnecting. What you see is from")
	if tab.Text("#now-title") != "One Week" || tab.Count("[data-order] .entry") != 2 {
		t.Errorf("while the host is away the page says %q", tab.Text("main"))
	}
	s.open()
	s.letIn("Ember", 0)
	s.until("the desk is open", func() bool { return s.station.View().Closed() == nil })
	tab.Until("it is live again", isLive)
	s.buys("Ember", "the-kiss-1896", pay.Queue)
	tab.Until("the new row is there, as the viewer's own", `document.querySelector('.entry.mine h3')?.textContent === 'The Kiss'`)
	tab.UntilText(".purse", "750 coins")
	account.UntilText(".stub", "The Kiss")
	s.skip()
	tab.UntilText("#now-title", "The Kiss")
	s.rightTimes(tab)
	if !strings.Contains(tab.Text("[data-credit]"), "Paid by Ember") {
		t.Errorf("the credit says %q", tab.Text("[data-credit]"))
	}
}

// TestBrowserTabs has two browsers of one viewer, one of them with two tabs. What one does the others see, and a session
// that is ended there is over here, in words.
func TestBrowserTabs(t *testing.T) {
	browserOf(t)
	t.Parallel()
	s := houseOn(t, houseRules+withoutPlugins())
	s.programme("one-week-1920", "cops-1922")
	s.letIn("Ember", 1_000)
	phone, desk := s.visit("Ember"), s.visit("Ember")
	second := phone.Another()
	for _, tab := range []*browsertest.Tab{phone, second} {
		tab.Open("/queue")
		tab.Until("it is live", isLive)
	}
	desk.Open(receiptOf(s.film("the-kiss-1896"), pay.Queue))
	desk.Click("dialog button", "Pay 250 coins")
	desk.UntilAt("/account")
	for _, tab := range []*browsertest.Tab{phone, second} {
		tab.Until("the new row is there, as the viewer's own", `document.querySelector('.entry.mine h3')?.textContent === 'The Kiss'`)
		tab.UntilText(".purse", "750 coins")
	}
	phone.Expect("status of 401", "answered with 401")
	second.Expect("status of 401", "answered with 401")
	desk.UntilText("section[aria-labelledby=doors]", "Another browser")
	desk.Click("section[aria-labelledby=doors] button", "Log out there")
	desk.UntilText("main [role=status]", "Logged out there")
	for _, tab := range []*browsertest.Tab{phone, second} {
		tab.UntilText("[role=status].toast", "You are logged out here")
		tab.UntilText("nav", "Log in")
		tab.Until("it is live for anybody", isLive)
	}
	if second.Count(".purse") != 0 || second.Count(".entry.mine") != 0 {
		t.Error("a page of nobody still shows somebody's purse and titles")
	}
	phone.Click(".toast a", "Log in")
	phone.UntilAt("/login")
}
