package main

import (
	"net"
	"net/url"
)

// linkOf is the address that opens a login link in a browser of this machine: on the first address of the pages.
func linkOf(pages []string, secret string) string {
	link := url.URL{Scheme: "http", Path: "/login/token", RawQuery: url.Values{"secret": {secret}}.Encode()}
	if len(pages) > 0 {
		link.Host = local(pages[0])
	}
	return link.String()
}

// local is a listening address as a browser of this machine reaches it.
func local(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return address
}
