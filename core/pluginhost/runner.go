package pluginhost

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"playbill/sdk/plugin"
)

// errKilled: the process was ended before it had begun.
var errKilled = errors.New("ended before it started")

// runner is one plugin process, and go-plugin's runner.Runner. go-plugin's own waits for the end of both pipes, which a
// grandchild can hold open, parses what a plugin logs in a way that a plugin can make it panic with
// ({"@message": 42}, v1.8.0), kills one process and not the group, and hands on the host's environment and input.
type runner struct {
	path     string
	args     []string
	fork     *forker
	log      *lineLog
	cmd      *exec.Cmd
	stdout   *handshake
	lifeline *os.File      // ours; its end closes with the host
	exited   chan struct{} // closed when the process is gone
	heard    chan struct{} // closed when its last words are read

	mu     sync.Mutex
	dir    string // go-plugin's folder for the socket
	gone   bool   // the process id is not ours any more
	killed bool
	status string // how it ended, once exited is closed
}

func newRunner(path string, args []string, fork *forker, log *lineLog) *runner {
	return &runner{path: path, args: args, fork: fork, log: log, exited: make(chan struct{}), heard: make(chan struct{})}
}

// Start starts the process.
func (r *runner) Start(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.killed {
		return errKilled
	}
	var ours, theirs []*os.File
	for range 3 {
		read, write, err := os.Pipe()
		if err != nil {
			closeAll(append(ours, theirs...))
			return err
		}
		ours, theirs = append(ours, read), append(theirs, write)
	}
	// The lifeline runs the other way: the plugin reads, and sees its end when the host is gone.
	ours[2], theirs[2] = theirs[2], ours[2]
	r.cmd.Stdin, r.cmd.Stdout, r.cmd.Stderr = nil, theirs[0], theirs[1]
	r.cmd.ExtraFiles = []*os.File{theirs[2]} // becomes descriptor 3
	r.cmd.SysProcAttr = ownGroup()
	err := r.fork.start(r.cmd)
	closeAll(theirs)
	if err != nil {
		closeAll(ours)
		return err
	}
	r.stdout, r.lifeline = &handshake{from: ours[0], rest: r.log.stream()}, ours[2]
	// Both end with the process: reaping sets a deadline on the pipes, whoever else holds them open.
	go r.listen(ours[1])
	go r.reap(ours[0], ours[1])
	return nil
}

// reap notices the end of the process as an event, ends what it leaves behind, and lets the pipes run dry.
func (r *runner) reap(pipes ...*os.File) {
	err := reap(r.cmd, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		_ = syscall.Kill(-r.cmd.Process.Pid, syscall.SIGKILL) // no such group: nothing was left behind
		r.gone = true
	})
	r.mu.Lock()
	r.status = "exit status 0"
	if err != nil {
		r.status = err.Error()
	}
	r.mu.Unlock()
	until := time.Now().Add(lastWordsFor)
	for _, p := range pipes {
		_ = p.SetReadDeadline(until) // closed already: it has run dry
	}
	_ = r.lifeline.Close()
	close(r.exited)
}

// listen reads standard error until its end.
func (r *runner) listen(stderr *os.File) {
	defer close(r.heard)
	r.log.stream().drain(stderr)
	_ = stderr.Close() // only read from
}

// signal reaches the whole group while the process is ours.
func (r *runner) signal(s syscall.Signal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.killed = r.killed || s == syscall.SIGKILL
	if r.cmd != nil && r.cmd.Process != nil && !r.gone {
		_ = syscall.Kill(-r.cmd.Process.Pid, s) // the process ended meanwhile: what we want
	}
}

// end asks the process to go, and kills its group when it has not gone after the grace.
func (r *runner) end(grace time.Duration) {
	if !r.started() {
		r.signal(syscall.SIGKILL) // so that it never starts
		return
	}
	if grace > 0 {
		r.signal(syscall.SIGTERM)
		select {
		case <-r.exited:
			return
		case <-time.After(grace):
		}
	}
	r.signal(syscall.SIGKILL)
	<-r.exited // the kernel ends a killed process, stopped or not
}

func (r *runner) started() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stdout != nil
}

// ended is how the process ended; empty while it runs.
func (r *runner) ended() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status
}

// Wait returns when the process is gone.
func (r *runner) Wait(context.Context) error {
	<-r.exited
	return nil
}

// Kill ends the process group at once.
func (r *runner) Kill(context.Context) error {
	r.signal(syscall.SIGKILL)
	return nil
}

// Stdout gives go-plugin the handshake line and nothing more.
func (r *runner) Stdout() io.ReadCloser { return r.stdout }

// Stderr gives go-plugin nothing: we read it ourselves.
func (r *runner) Stderr() io.ReadCloser { return io.NopCloser(bytes.NewReader(nil)) }

// Name is the binary's path.
func (r *runner) Name() string { return r.path }

// ID is the process id.
func (r *runner) ID() string { return strconv.Itoa(r.pid()) }

// Diagnose has nothing to add: the launcher explains failures itself.
func (r *runner) Diagnose(context.Context) string { return "" }

// PluginToHost leaves an address as it is.
func (r *runner) PluginToHost(network, address string) (string, string, error) {
	return network, address, nil
}

// HostToPlugin leaves an address as it is.
func (r *runner) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}

func (r *runner) pid() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cmd == nil || r.cmd.Process == nil {
		return 0
	}
	return r.cmd.Process.Pid
}

// prepare takes over what go-plugin wants to say to the plugin, in an environment of our own.
func (r *runner) prepare(from *exec.Cmd, dir string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dir = dir
	r.cmd = exec.Command(r.path, r.args...)
	r.cmd.Dir = dir
	r.cmd.Env = append(cleanEnv(dir), plugin.LifelineEnv+"=3")
	r.cmd.Env = append(r.cmd.Env, from.Env...)
}

// cleanEnv is all that a plugin sees of the host's environment: nothing in it is a secret. A plugin is small, so it gets
// one thread of Go code and an eager collector.
func cleanEnv(dir string) []string {
	env := []string{"GOMAXPROCS=1", "GOGC=50", "TMPDIR=" + dir}
	for _, name := range []string{"PATH", "LANG", "TZ"} {
		if v, set := os.LookupEnv(name); set {
			env = append(env, name+"="+v)
		}
	}
	return env
}

func closeAll(files []*os.File) {
	for _, f := range files {
		_ = f.Close() // pipes that nothing was written to
	}
}

// handshake reads a process's standard output: the first line goes to go-plugin, the rest to the log.
type handshake struct {
	from  *os.File
	rest  *stream
	mu    sync.Mutex
	first []byte // so far, without the line's end
	over  bool   // the first line is complete
}

// Read returns bytes of the first line; then it reads on until the output ends.
func (h *handshake) Read(into []byte) (int, error) {
	h.mu.Lock()
	over := h.over
	h.mu.Unlock()
	if over {
		h.rest.drain(h.from)
		_ = h.from.Close() // only read from
		return 0, io.EOF
	}
	n, err := h.from.Read(into)
	if n == 0 && err != nil {
		_ = h.from.Close() // only read from
		return 0, io.EOF
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	line, more, complete := bytes.Cut(into[:n], []byte{'\n'})
	h.first = append(h.first, line...)
	if complete || len(h.first) > firstLineBytes {
		h.over = true
		h.rest.put(more)
		return copy(into, append(line, '\n')), nil
	}
	return n, nil
}

// Close ends the reading.
func (h *handshake) Close() error { return h.from.Close() }

// line is the first line so far.
func (h *handshake) line() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return string(h.first)
}
