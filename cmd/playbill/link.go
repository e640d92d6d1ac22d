package main

import (
	"fmt"
	"io"
	"net"
	"net/url"
)

// printLink prints the address that opens a login link on this machine: the configuration says where the pages are.
func printLink(out io.Writer, at place, secret string) error {
	file, err := at.load()
	if err != nil {
		return err
	}
	for _, address := range file.Config.Listen {
		link := url.URL{Scheme: "http", Host: local(address), Path: "/login/token", RawQuery: url.Values{"secret": {secret}}.Encode()}
		_, err = fmt.Fprintln(out, link.String())
		if err != nil {
			return err
		}
	}
	return nil
}

// local is a listening address as a browser of this machine reaches it.
func local(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return address
}
