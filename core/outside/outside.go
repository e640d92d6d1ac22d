// Package outside fetches from other sites: from hosts that the owner has named and from nowhere else, never from a private
// address unless the owner says so, never more than so many bytes, and not faster than is polite.
package outside

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"

	"golang.org/x/time/rate"
)

// What is refused before anything is sent, or when the answer is too long. Errors of Get wrap one of them, or are those of
// the network.
var (
	ErrHost    = errors.New("outside: this host is not one of those that are allowed")
	ErrPrivate = errors.New("outside: this address is not one of the public internet")
	ErrLong    = errors.New("outside: the answer is longer than is allowed")
)

// Options is what may be fetched.
type Options struct {
	Hosts     []string // names without a port, in any case
	Private   bool     // they may have private addresses
	PerMinute int      // requests; 0: as fast as they come
}

// Client fetches. Safe for concurrent use.
type Client struct {
	hosts   map[string]bool
	http    *http.Client
	limiter *rate.Limiter
}

// Reply is an answer, whatever its status.
type Reply struct {
	Status int
	Type   string // the media type, without parameters, in lower case
	Body   []byte
}

// New returns a client. It uses no proxy and keeps no cookies.
func New(opt Options) *Client {
	c := &Client{hosts: map[string]bool{}, limiter: rate.NewLimiter(rate.Inf, 1)}
	for _, h := range opt.Hosts {
		c.hosts[strings.ToLower(h)] = true
	}
	if opt.PerMinute > 0 {
		c.limiter = rate.NewLimiter(rate.Limit(float64(opt.PerMinute)/60), burst)
	}
	dialer := &net.Dialer{Timeout: dialWait}
	if !opt.Private {
		dialer.Control = publicOnly
	}
	c.http = &http.Client{Timeout: answerWait, CheckRedirect: c.redirected, Transport: &http.Transport{
		DialContext: dialer.DialContext, MaxIdleConnsPerHost: idleConns, IdleConnTimeout: idleWait, TLSHandshakeTimeout: dialWait,
		ResponseHeaderTimeout: answerWait, MaxResponseHeaderBytes: headerMax, ForceAttemptHTTP2: true,
	}}
	return c
}

// Get fetches an address, at most limit bytes of it. header is sent to the first host and those of its redirects, which
// are allowed ones all of them.
func (c *Client) Get(ctx context.Context, address string, header http.Header, limit int64) (Reply, error) {
	u, err := url.Parse(address)
	if err != nil {
		return Reply{}, fmt.Errorf("%w: %w", ErrHost, err)
	}
	if err := c.allowed(u); err != nil {
		return Reply{}, err
	}
	if err := c.limiter.Wait(ctx); err != nil {
		return Reply{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return Reply{}, err
	}
	if header != nil {
		req.Header = header.Clone()
	}
	req.Header.Set("User-Agent", "playbill")
	resp, err := c.http.Do(req)
	if err != nil {
		return Reply{}, err
	}
	defer resp.Body.Close() // nothing was written to it
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return Reply{}, err
	}
	if int64(len(body)) > limit {
		return Reply{}, fmt.Errorf("%w: more than %d bytes", ErrLong, limit)
	}
	kind, _, _ := strings.Cut(strings.ToLower(resp.Header.Get("Content-Type")), ";")
	return Reply{Status: resp.StatusCode, Type: strings.TrimSpace(kind), Body: body}, nil
}

// allowed reports whether an address may be fetched at all.
func (c *Client) allowed(u *url.URL) error {
	if (u.Scheme != "https" && u.Scheme != "http") || u.User != nil || !c.hosts[strings.ToLower(u.Hostname())] {
		return fmt.Errorf("%w: %q", ErrHost, u.Hostname())
	}
	return nil
}

func (c *Client) redirected(next *http.Request, via []*http.Request) error {
	if len(via) > redirectsMax {
		return errors.New("outside: too many redirects")
	}
	return c.allowed(next.URL)
}

// Close gives connections back.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// publicOnly is asked with the address that a name stands for, right before the connection is made: a name cannot stand for
// another one in between.
func publicOnly(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !public(at.Addr().Unmap()) {
		return fmt.Errorf("%w: %s", ErrPrivate, address)
	}
	return nil
}

// reserved are ranges of the public space that lead elsewhere: RFC 6598 (carriers), 6890, 6052 and 3056 (IPv4 inside IPv6),
// 2544, 5737, 1112.
func reserved() []netip.Prefix {
	texts := []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "2001:db8::/32", "fec0::/10"}
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

func public(a netip.Addr) bool {
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range reserved() {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
