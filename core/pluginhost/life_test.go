package pluginhost

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"playbill/core/station"
	"playbill/sdk"
)

func gone(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return syscall.Kill(pid, 0) == syscall.ESRCH
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(rest, "Z") // dead; whoever adopted it has not collected it
}

func TestASickPluginDelaysNobody(t *testing.T) {
	slowStart := specOf("silent", "silent")
	h, err := New(Options{Dir: shortDir(t), Plugins: []Spec{slowStart, specOf("hang", "hang"), specOf("good", "good")}})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Stop(context.Background()) }()
	eventually(t, "the others ready", func() bool {
		return statusOf(t, h, "good").State == Ready && statusOf(t, h, "hang").State == Ready
	})
	if s := statusOf(t, h, "silent").State; s != Starting {
		t.Fatalf("the silent plugin is %s", s)
	}
	eventually(t, "the good one answers beside the one that hangs", func() bool {
		began := time.Now()
		out := h.Promo(t.Context(), station.OnAdvance, map[string]sdk.Advance{"good": ask("good"), "hang": ask("hang"), "silent": ask("silent")})
		if took := time.Since(began); took > 10*advanceDeadline {
			t.Fatalf("the hook took %s, allowed are %s", took, advanceDeadline)
		}
		return out[0].Kind == station.Proposed
	})
	if s := statusOf(t, h, "hang").Calls[station.OnAdvance].Outcomes; s[station.Timeout] == 0 {
		t.Fatalf("no timeout was counted: %v", s)
	}
}

func TestALateAnswerIsCountedAndDropped(t *testing.T) {
	h := hostOf(t, "slow")
	a := map[string]sdk.Advance{"slow": ask("slow")}
	if got := h.Promo(t.Context(), station.OnAdvance, a)[0]; got.Kind != station.Timeout || got.Reply != nil || got.Answer.State != nil {
		t.Fatalf("got %+v", got)
	}
	if got := h.Promo(t.Context(), station.OnAdvance, a)[0]; got.Kind != station.Skipped || !strings.Contains(got.Why, "busy") {
		t.Fatalf("a busy plugin was asked again: %+v", got)
	}
	eventually(t, "the late answer is counted", func() bool { return statusOf(t, h, "slow").Calls[station.OnAdvance].Late == 1 })
	if got := h.Promo(t.Context(), station.OnAdvance, a)[0]; got.Kind != station.Timeout {
		t.Fatalf("the plugin was not asked again: %+v", got)
	}
}

func TestDeathIsAnEvent(t *testing.T) {
	h := hostOf(t, "hang")
	before := statusOf(t, h, "hang").PID
	answer := make(chan []station.Outcome, 1)
	go func() {
		answer <- h.Promo(context.Background(), station.OnAdvance, map[string]sdk.Advance{"hang": ask("hang")})
	}()
	eventually(t, "a call in flight", func() bool {
		h.units[0].mu.Lock()
		defer h.units[0].mu.Unlock()
		return len(h.units[0].live.turn) == 1
	})
	if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	got := (<-answer)[0]
	t.Logf("%s: %s, %s after the kill", got.Kind, got.Why, time.Since(killed))
	if got.Kind != station.Crashed && got.Kind != station.Timeout { // a busy machine may let the deadline win
		t.Fatalf("got %s (%s)", got.Kind, got.Why)
	}
	eventually(t, "it runs again", func() bool {
		s := statusOf(t, h, "hang")
		return s.State == Ready && s.PID != before && s.PID != 0
	})
	s := statusOf(t, h, "hang")
	if s.Exit != "signal: killed" || s.Restarts != 1 {
		t.Fatalf("exit %q after %d restarts", s.Exit, s.Restarts)
	}
}

func TestAGrandchildHoldsNothingUp(t *testing.T) {
	h := hostOf(t, "grandchild")
	if got := askOne(t, h, station.OnAdvance, "grandchild", ask("grandchild")); got.Kind != station.Crashed {
		t.Fatalf("got %s (%s)", got.Kind, got.Why)
	}
	var child int
	eventually(t, "the last words", func() bool {
		for _, line := range statusOf(t, h, "grandchild").Log {
			if pid, found := strings.CutPrefix(line.Text, "grandchild "); found {
				child, _ = strconv.Atoi(pid)
			}
		}
		return child != 0
	})
	eventually(t, "the grandchild gone", func() bool { return gone(child) })
	eventually(t, "it runs again", func() bool { return statusOf(t, h, "grandchild").State == Ready })
}

func TestAStoppedPluginIsEndedAndItsGroupWithIt(t *testing.T) {
	h := hostOf(t, "stop")
	pid := statusOf(t, h, "stop").PID
	h.Promo(t.Context(), station.OnAdvance, map[string]sdk.Advance{"stop": ask("stop")})
	began := time.Now()
	if err := h.SetEnabled("stop", false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "disabled and gone", func() bool { return statusOf(t, h, "stop").State == Disabled && gone(pid) })
	t.Logf("a stopped plugin was gone after %s", time.Since(began))
	if err := h.SetEnabled("stop", true); err != nil {
		t.Fatal(err)
	}
	eventually(t, "ready again", func() bool { return statusOf(t, h, "stop").State == Ready })
}

func TestADeafPluginIsKilledAndStartedAgain(t *testing.T) {
	h, err := New(Options{Dir: shortDir(t), Plugins: []Spec{specOf("stop", "stop")}})
	if err != nil {
		t.Fatal(err)
	}
	h.pulse = pulse{every: 50 * time.Millisecond, deadline: 500 * time.Millisecond, misses: 2}
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Stop(context.Background()) }()
	<-h.Settled()
	pid := statusOf(t, h, "stop").PID
	h.Promo(t.Context(), station.OnAdvance, map[string]sdk.Advance{"stop": ask("stop")})
	eventually(t, "the stopped process gone", func() bool { return gone(pid) })
	eventually(t, "another one ready", func() bool { s := statusOf(t, h, "stop"); return s.State == Ready && s.PID != pid })
}

func TestAKilledHostLeavesNoOrphanAndItsFolderGoesNextTime(t *testing.T) {
	dir := shortDir(t)
	host := exec.Command(os.Args[0], "as-host", dir)
	out, err := host.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	var pids []int
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "up" {
		pid, err := strconv.Atoi(strings.TrimPrefix(lines.Text(), "pid "))
		if err != nil {
			t.Fatal(lines.Text())
		}
		pids = append(pids, pid)
	}
	time.Sleep(100 * time.Millisecond) // the second plugin stops itself meanwhile; killed either way
	_ = host.Process.Kill()
	_ = host.Wait() // "signal: killed"
	killed := time.Now()
	for _, pid := range pids {
		eventually(t, fmt.Sprint("process ", pid, " gone"), func() bool { return gone(pid) })
	}
	t.Logf("%d plugins were gone %s after the host", len(pids), time.Since(killed))
	if len(pids) != 2 || pids[0] == 0 || pids[1] == 0 {
		t.Fatalf("the host had plugins %v", pids)
	}
	h := start(t, Options{Dir: dir, Plugins: []Spec{specOf("good", "good")}})
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 || filepath.Join(dir, left[0].Name()) != h.dir {
		t.Fatalf("the folder of the killed host is still there: %v, %v", left, err)
	}
	if info, err := os.Stat(h.dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Fatalf("others may look into the run folder: %v, %v", info.Mode(), err)
	}
	if err := h.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left, _ = os.ReadDir(dir); len(left) != 0 {
		t.Fatalf("a stopped host leaves %v", left)
	}
}

func TestUpgradeLosesNoCall(t *testing.T) {
	h := start(t, Options{Plugins: []Spec{specOf("good", "good")}})
	stop, done := make(chan struct{}), make(chan map[station.Kind]int)
	go func() {
		kinds := map[station.Kind]int{}
		for {
			select {
			case <-stop:
				done <- kinds
				return
			default:
				kinds[h.Promo(context.Background(), station.OnAdvance, map[string]sdk.Advance{"good": ask("good")})[0].Kind]++
			}
		}
	}()
	pids := map[int]bool{statusOf(t, h, "good").PID: true}
	for range 3 {
		if err := h.Upgrade(t.Context(), "good"); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the new process", func() bool { return !pids[statusOf(t, h, "good").PID] })
		pids[statusOf(t, h, "good").PID] = true
	}
	close(stop)
	kinds := <-done
	if kinds[station.Crashed]+kinds[station.Invalid]+kinds[station.Skipped] > 0 || kinds[station.Proposed] == 0 {
		t.Fatalf("calls ended as %v", kinds)
	}
}

func TestStopEndsWhatIsStarting(t *testing.T) {
	h, err := New(Options{Dir: shortDir(t), Plugins: []Spec{specOf("silent", "silent"), specOf("stop", "good")}})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := h.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	<-h.Settled()
	if _, err := os.Stat(h.dir); !os.IsNotExist(err) {
		t.Fatalf("the run folder is still there: %v", err)
	}
}

func TestProcessesLeaveNothingBehindInTheHost(t *testing.T) {
	h := hostOf(t, "good")
	count := func() (goroutines, files int) {
		open, _ := os.ReadDir("/proc/self/fd")
		return runtime.NumGoroutine(), len(open)
	}
	if err := h.Upgrade(t.Context(), "good"); err != nil { // the first one opens what stays
		t.Fatal(err)
	}
	eventually(t, "the first change over", func() bool { return len(h.units[0].upgrades) == 0 && statusOf(t, h, "good").State == Ready })
	goroutines, files := count()
	for range 12 {
		if err := h.Upgrade(t.Context(), "good"); err != nil {
			t.Fatal(err)
		}
		askOne(t, h, station.OnAdvance, "good", ask("good"))
	}
	eventually(t, "as many goroutines and files as before", func() bool {
		g, f := count()
		return g <= goroutines+2 && f <= files+2
	})
	eventually(t, "one socket's folder", func() bool {
		left, err := os.ReadDir(h.dir)
		return err == nil && len(left) == 1
	})
}

func TestRestart(t *testing.T) {
	h := hostOf(t, "good", "exit")
	eventually(t, "one runs, the other rests", func() bool {
		return statusOf(t, h, "good").State == Ready && statusOf(t, h, "exit").State == Backoff
	})
	before := statusOf(t, h, "good").PID
	if err := h.Restart(t.Context(), "good"); err != nil {
		t.Fatal(err)
	}
	if now := statusOf(t, h, "good"); now.State != Ready || now.PID == before || now.Restarts != 0 {
		t.Errorf("%s with process %d, was %d", now.State, now.PID, before)
	}
	eventually(t, "a long rest", func() bool {
		s := statusOf(t, h, "exit")
		return s.State == Backoff && strings.Contains(s.Reason, "Starts again in 2")
	})
	if err := h.Restart(t.Context(), "exit"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it was started again", func() bool { return strings.Contains(statusOf(t, h, "exit").Reason, "Starts again in 4") })
	if err := h.SetEnabled("good", false); err != nil {
		t.Fatal(err)
	}
	if err := h.Restart(t.Context(), "good"); err == nil || err.Error() != "good is switched off" {
		t.Errorf("a plugin that is switched off: %v", err)
	}
	if err := h.Restart(t.Context(), "nobody"); err == nil {
		t.Error("a plugin that is not there was restarted")
	}
}
