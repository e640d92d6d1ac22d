package pluginhost

import (
	"os/exec"
	"runtime"
)

// forker starts processes from one OS thread that lives as long as they do. On Linux the parent-death signal comes when
// the *thread* that forked ends, and the Go runtime ends threads as it pleases (prctl(2), PR_SET_PDEATHSIG).
type forker struct {
	jobs chan forkJob
}

type forkJob struct {
	cmd  *exec.Cmd
	done chan error // capacity 1
}

// newForker starts the thread. It ends with close, which the host calls once every process is gone.
func newForker() *forker {
	f := &forker{jobs: make(chan forkJob)}
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		for job := range f.jobs {
			job.done <- job.cmd.Start()
		}
	}()
	return f
}

func (f *forker) start(cmd *exec.Cmd) error {
	job := forkJob{cmd: cmd, done: make(chan error, 1)}
	f.jobs <- job
	return <-job.done
}

func (f *forker) close() { close(f.jobs) }
