package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"playbill/core/config"
	"playbill/sdk/plugin"
)

// BenchmarkStart is from exec to a host that is ready, with seven plugins on data that was there before; beside it, in the
// same run, seven bare plugins from exec to their handshake.
func BenchmarkStart(b *testing.B) {
	dir, address := dataDir(b), freeAddress(b)
	path := serveConfig(b, dir, address, "")
	if code := serveOn(b, path, address).stop(); code != exitOK { // the first start migrates
		b.Fatalf("exit code %d", code)
	}
	var ready, bare []time.Duration
	for b.Loop() {
		begun := time.Now()
		p := start(b, "serve", "--config", path)
		p.url = "http://" + address
		for p.status("/readyz") != http.StatusOK {
			time.Sleep(time.Millisecond)
			if time.Since(begun) > soon {
				b.Fatalf("not ready:\n%s", p.said)
			}
		}
		ready = append(ready, time.Since(begun))
		p.stop()
		bare = append(bare, bareStarts(b, filepath.Join(dir, "plugins")))
	}
	b.ReportMetric(median(ready), "ms/ready")
	b.ReportMetric(median(bare), "ms/7-bare-plugins")
	b.ReportMetric(0, "ns/op")
}

// bareStarts runs the bundled plugins in parallel until each has said its handshake.
func bareStarts(b *testing.B, dir string) time.Duration {
	b.Helper()
	begun := time.Now()
	said := make(chan error, len(config.Bundled()))
	var running []*exec.Cmd
	for _, name := range config.Bundled() {
		cmd := exec.Command(filepath.Join(dir, name))
		cmd.Env = append(os.Environ(), plugin.CookieKey+"="+plugin.CookieValue)
		out, err := cmd.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		running = append(running, cmd)
		go func() { // ends with the line, or with the process
			_, err := bufio.NewReader(out).ReadString('\n')
			said <- err
		}()
	}
	for range running {
		if err := <-said; err != nil {
			b.Fatal(err)
		}
	}
	took := time.Since(begun)
	for _, cmd := range running {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	}
	return took
}

func median(all []time.Duration) float64 {
	slices.Sort(all)
	return float64(all[len(all)/2].Microseconds()) / 1000
}

// idleFor is how long a host idles before its memory is read; PLAYBILL_IDLE says another time, like 5m.
const idleFor = 5 * time.Second

// BenchmarkIdleMemory is what a host with 1,000 entries and seven plugins keeps in memory (resident, of Linux' /proc). It
// idles for a short while; PLAYBILL_IDLE=5m is the figure of SPEC 13.
func BenchmarkIdleMemory(b *testing.B) {
	if runtime.GOOS != "linux" {
		b.Skip("reads /proc")
	}
	idle := idleFor
	if text := os.Getenv("PLAYBILL_IDLE"); text != "" {
		var err error
		if idle, err = time.ParseDuration(text); err != nil {
			b.Fatal(err)
		}
	}
	dir, address := dataDir(b), freeAddress(b)
	if err := os.WriteFile(filepath.Join(dir, "channel-main.json"), longList(b, 1000), 0o600); err != nil {
		b.Fatal(err)
	}
	p := serveOn(b, serveConfig(b, dir, address, ""), address)
	var host, all int64
	for b.Loop() {
		p.until("the list is known", soon, func() bool { return len(p.queue().Items) >= 1000 })
		time.Sleep(idle)
		host = resident(b, p.cmd.Process.Pid)
		all = host
		for _, child := range children(b, p.cmd.Process.Pid) {
			all += resident(b, child)
		}
	}
	b.ReportMetric(float64(host)/1000, "MB/host")
	b.ReportMetric(float64(all)/1000, "MB/host-and-plugins")
	b.ReportMetric(0, "ns/op")
	p.stop()
}

// longList is a saved list of the embedded channel: ten-minute titles.
func longList(b *testing.B, n int) []byte {
	b.Helper()
	items := make([]map[string]any, n)
	for i := range items {
		items[i] = map[string]any{"type": "yt", "id": fmt.Sprintf("figure%05d", i), "title": fmt.Sprintf("Title %d of many", i),
			"duration_ms": 600_000, "added_by": "someone"}
	}
	text, err := json.Marshal(map[string]any{"version": 1, "channel": "main", "current": 0, "on_air_ms": 0, "items": items})
	if err != nil {
		b.Fatal(err)
	}
	return text
}

// resident is a process's resident memory in kB.
func resident(b *testing.B, pid int) int64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, is := strings.CutPrefix(line, "VmRSS:"); is {
			kB, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				b.Fatal(err)
			}
			return kB
		}
	}
	b.Fatalf("process %d has no VmRSS", pid)
	return 0
}

// children are the processes that a process has started.
func children(b *testing.B, pid int) []int {
	b.Helper()
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		b.Fatal(err)
	}
	var out []int
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // the thread has ended
		}
		for _, word := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(word); err == nil {
				out = append(out, child)
			}
		}
	}
	return out
}
