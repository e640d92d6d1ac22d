//go:build unix && !linux

package pluginhost

import (
	"os/exec"
	"syscall"
)

// ownGroup puts the child into a process group of its own. The lifeline alone ends it when the host is killed.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// reap waits for the end of a process and calls last right after.
func reap(cmd *exec.Cmd, last func()) error {
	err := cmd.Wait()
	last()
	return err
}
