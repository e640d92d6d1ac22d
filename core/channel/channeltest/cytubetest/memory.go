package cytubetest

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// Memory is a network of its own, inside the process: a listener, and a client that reaches nothing else.
type Memory struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

// NewMemory returns an empty network.
func NewMemory() *Memory {
	return &Memory{conns: make(chan net.Conn, connCap), done: make(chan struct{})}
}

// Client makes its connections to the listener, whatever the address.
func (m *Memory) Client() *http.Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		here, there := net.Pipe()
		select {
		case m.conns <- there:
			return here, nil
		case <-m.done:
			return nil, net.ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
}

// Accept waits for a connection.
func (m *Memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.done:
		return nil, net.ErrClosed
	}
}

// Close ends the network.
func (m *Memory) Close() error {
	m.once.Do(func() { close(m.done) })
	return nil
}

// Addr is a name for the network.
func (m *Memory) Addr() net.Addr { return memoryAddr{} }

type memoryAddr struct{}

func (memoryAddr) Network() string { return "memory" }
func (memoryAddr) String() string  { return "cytube.memory" }
