package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"playbill/core/fault"
)

// Server answers on the socket of one data directory.
type Server struct {
	desk   Desk
	log    hclog.Logger
	path   string
	listen *net.UnixListener
	places chan struct{} // capacity connectionsMax
	ctx    context.Context
	cancel context.CancelFunc
	all    sync.WaitGroup

	mu   sync.Mutex
	open map[net.Conn]bool // whether a request is being answered on it
	over bool
}

// Listen opens the socket and answers until Close. The caller has claimed the channel: a socket that an earlier host left
// behind is replaced.
func Listen(dataDir string, desk Desk, log hclog.Logger) (*Server, error) {
	path, err := socketPath(dataDir)
	if err != nil {
		return nil, err
	}
	l, err := listenAt(path)
	if err != nil {
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	if log == nil {
		log = hclog.NewNullLogger()
	}
	s := &Server{desk: desk, log: log, path: path, listen: l, places: make(chan struct{}, connectionsMax), open: map[net.Conn]bool{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.all.Go(s.accept) // stopped by Close, which waits
	return s, nil
}

// listenAt makes the socket in a folder that only we can enter, and then moves it to its place: nobody else can open it
// between its making and the change of its mode.
func listenAt(path string) (*net.UnixListener, error) {
	hidden, err := os.MkdirTemp(filepath.Dir(path), ".c")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(hidden) }() // an empty folder that stays does no harm
	fresh := filepath.Join(hidden, "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: fresh, Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false) // it would remove the name it was made under
	err = errors.Join(os.Chmod(fresh, 0o600), os.Rename(fresh, path))
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// Close takes the socket away, lets requests that are being answered end, and waits for them. The second Close does
// nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.over {
		s.mu.Unlock()
		return nil
	}
	s.over = true
	for conn, busy := range s.open {
		if !busy {
			_ = conn.Close() // it only waited for a request
		}
	}
	s.mu.Unlock()
	err := errors.Join(os.Remove(s.path), s.listen.Close())
	cut := time.AfterFunc(idleWait, s.cancel)
	s.all.Wait()
	cut.Stop()
	s.cancel()
	return err
}

// accept ends when the listener is closed.
func (s *Server) accept() {
	for {
		s.places <- struct{}{}
		conn, err := s.listen.Accept()
		if err != nil {
			if !errors.Is(err, net.ErrClosed) {
				s.log.Error("the control socket stopped taking connections", "error", err)
			}
			return
		}
		s.all.Go(func() { // ends with its connection, at the latest when Close closes that
			defer func() { <-s.places }()
			s.talk(conn)
		})
	}
}

// talk answers request after request until the other side is done, or Close is called.
func (s *Server) talk(conn net.Conn) {
	if !s.mark(conn, false) {
		_ = conn.Close() // the host is stopping
		return
	}
	defer s.forget(conn)
	lines := bufio.NewScanner(conn)
	lines.Buffer(make([]byte, 0, 4096), requestBytesMax)
	for {
		_ = conn.SetReadDeadline(time.Now().Add(idleWait)) // fails only on a closed connection, as the read then does
		if !lines.Scan() || !s.mark(conn, true) {
			return
		}
		answer, err := json.Marshal(s.answer(lines.Bytes()))
		if err != nil {
			s.log.Error("a control reply could not be written as JSON", "error", err)
			return
		}
		if _, err := conn.Write(append(answer, '\n')); err != nil || !s.mark(conn, false) {
			return
		}
	}
}

// answer does one request. A panic is the request's alone.
func (s *Server) answer(line []byte) (r reply) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("a control request panicked", "panic", p)
			r = reply{Error: "the host ran into a fault of its own; its log says more"}
		}
	}()
	var q request
	if err := json.Unmarshal(line, &q); err != nil {
		return refused(fault.New(fault.Invalid, "The host does not understand this request. Use the playbill of the same version as the host."))
	}
	ctx, cancel := context.WithTimeout(s.ctx, serveWait)
	defer cancel()
	r, err := s.do(ctx, q)
	if err != nil {
		return refused(err)
	}
	return r
}

func (s *Server) do(ctx context.Context, q request) (r reply, err error) {
	switch {
	case q.Do == doGrant && q.Grant != nil:
		g, err := s.desk.Grant(ctx, *q.Grant)
		return reply{Granted: &g}, err
	case q.Do == doImport && q.Import != nil:
		i, err := s.desk.Import(ctx, *q.Import)
		return reply{Imported: &i}, err
	case q.Do == doBackup:
		err = s.desk.Backup(ctx, q.File)
	case q.Do == doCreate && q.Token != nil:
		r.Secret, err = s.desk.CreateToken(ctx, *q.Token)
	case q.Do == doRevoke:
		err = s.desk.RevokeToken(ctx, q.Name)
	case q.Do == doVerify:
		totals, err := s.desk.Verify(ctx)
		return reply{Totals: &totals}, err
	case q.Do == doList:
		r.Plugins, err = s.desk.Plugins(ctx)
	case q.Do == doRoom:
		room, err := s.desk.Room(ctx)
		return reply{Room: &room}, err
	default:
		err = fault.New(fault.Unsupported, fmt.Sprintf("The host does not know the request %q. Use the playbill of the same version as the host.", q.Do))
	}
	return r, err
}

// mark notes whether a connection is busy; false: the server is closing, and the connection should go.
func (s *Server) mark(conn net.Conn, busy bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return false
	}
	s.open[conn] = busy
	return true
}

func (s *Server) forget(conn net.Conn) {
	s.mu.Lock()
	delete(s.open, conn)
	s.mu.Unlock()
	_ = conn.Close() // nothing is left to be said on it
}
