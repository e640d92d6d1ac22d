package live

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"playbill/core/shadow"
)

// crowd is how many pages are open in the benchmark (SPEC 13).
const crowd = 5000

// viewer is the far end of one socket: it reads frames and says when each was whole.
type viewer struct {
	conn net.Conn
	in   *bufio.Reader
}

func connect(b *testing.B, address string) *viewer {
	b.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		b.Skipf("this machine does not allow %d connections: %v", crowd, err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "GET /ws HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", address)
	if err != nil {
		b.Fatal(err)
	}
	v := &viewer{conn: conn, in: bufio.NewReaderSize(conn, 512)}
	for {
		line, err := v.in.ReadString('\n')
		if err != nil {
			b.Fatal(err)
		}
		if strings.TrimSpace(line) == "" {
			return v
		}
	}
}

// frame reads one message and returns how long it was; what the server says of the connection itself is passed over
// (RFC 6455, section 5.2: two bytes, a longer length in two or eight more, no mask from a server).
func (v *viewer) frame() (int64, error) {
	for {
		var head [10]byte
		if _, err := io.ReadFull(v.in, head[:2]); err != nil {
			return 0, err
		}
		control := head[0]&0x0f >= 8
		length := int64(head[1] & 0x7f)
		more := map[int64]int{126: 2, 127: 8}[length]
		if more > 0 {
			if _, err := io.ReadFull(v.in, head[2:2+more]); err != nil {
				return 0, err
			}
			length = 0
			for _, x := range head[2 : 2+more] {
				length = length<<8 | int64(x)
			}
		}
		if _, err := io.CopyN(io.Discard, v.in, length); err != nil || !control {
			return length, err
		}
	}
}

// BenchmarkBroadcast sends one change to 5,000 open pages over loopback, beside the bare loop that writes the same bytes
// to as many connections. Reported: how long until half, nearly all and all pages had it, and the memory of both ends of
// one socket together.
func BenchmarkBroadcast(b *testing.B) {
	b.Run("hub", func(b *testing.B) {
		f, h, srv := house(b, 100)
		before := inUse()
		viewers := make([]*viewer, crowd)
		for i := range viewers {
			viewers[i] = connect(b, srv.Listener.Addr().String())
			for range 2 { // hello and state
				if _, err := viewers[i].frame(); err != nil {
					b.Fatal(err)
				}
			}
		}
		perSocket := float64(inUse()-before) / crowd / 1024
		size := 0
		measure(b, viewers, func() int {
			f.change(swapped)
			h.State()
			size = len(h.ring[len(h.ring)-1].text)
			return size
		})
		b.ReportMetric(perSocket, "KB/socket")
		b.ReportMetric(float64(size), "B/delta")
	})
	b.Run("bare", func(b *testing.B) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		defer listener.Close()
		conns := make(chan net.Conn, crowd)
		go func() { // ends with the listener
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\n\r\n")
				}
				conns <- conn
			}
		}()
		viewers, ends := make([]*viewer, crowd), make([]net.Conn, crowd)
		for i := range viewers {
			viewers[i], ends[i] = connect(b, listener.Addr().String()), <-conns
		}
		frame := append([]byte{0x81, 126, 2, 0}, make([]byte, 512)...)
		measure(b, viewers, func() int {
			for _, conn := range ends {
				if _, err := conn.Write(frame); err != nil {
					b.Error(err)
				}
			}
			return len(frame) - 4
		})
	})
}

func swapped(list []*shadow.Entry) []*shadow.Entry {
	list[3], list[4] = list[4], list[3]
	return list
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// measure sends b.N times, holds that each page got a message as long as the one that was sent, and reports when they had it.
func measure(b *testing.B, viewers []*viewer, send func() int) {
	b.Helper()
	took := make([]time.Duration, 0, b.N*len(viewers))
	for b.Loop() {
		var readers sync.WaitGroup
		each, got := make([]time.Duration, len(viewers)), make([]int64, len(viewers))
		ready := make(chan time.Time)
		for i, v := range viewers {
			readers.Go(func() {
				start := <-ready
				var err error
				if got[i], err = v.frame(); err != nil {
					b.Error(err)
				}
				each[i] = time.Since(start)
			})
		}
		start := time.Now()
		go func() { // ends with the last reader
			for range viewers {
				ready <- start
			}
		}()
		size := int64(send())
		readers.Wait()
		if i := slices.IndexFunc(got, func(n int64) bool { return n != size }); i >= 0 {
			b.Fatalf("page %d got %d bytes of %d", i, got[i], size)
		}
		took = append(took, each...)
	}
	slices.Sort(took)
	for name, at := range map[string]int{"p50-ms": len(took) / 2, "p99-ms": len(took) * 99 / 100, "last-ms": len(took) - 1} {
		b.ReportMetric(float64(took[at].Microseconds())/1000, name)
	}
}

// BenchmarkLook is what one published view costs with 4,000 entries: nothing that matters has changed, two have changed
// places, and the whole state as the first frame of a page.
func BenchmarkLook(b *testing.B) {
	f, h, _ := house(b, 4000)
	b.Run("unchanged", func(b *testing.B) {
		for b.Loop() {
			h.State()
		}
	})
	b.Run("ticked", func(b *testing.B) {
		for b.Loop() {
			v := *f.view.Load()
			v.Shadow.AtMS += 1000
			v.Shadow.PlayedMS += 1000
			f.view.Store(&v)
			h.State()
		}
	})
	b.Run("moved", func(b *testing.B) {
		for b.Loop() {
			f.change(swapped)
			h.State()
		}
	})
	b.Run("whole", func(b *testing.B) {
		for b.Loop() {
			raw(h.State().JSON(1_000_000_000))
		}
	})
}
