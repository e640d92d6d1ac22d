package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestDoctor lets the doctor look at a channel without a host and beside one, with what is wrong and without: the same
// words either way, and nothing on the channel is changed.
func TestDoctor(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the plugins and logs in to a channel")
	}
	t.Parallel()
	server := cyTubeServer(t)
	server.AllowDupes(true)
	dir, address := dataDir(t), freeAddress(t)
	path := serveConfig(t, dir, address, strings.Replace(onCyTube, "SERVER", server.URL(), 1))
	listed := len(server.Items())

	code, said := doctor(t, path)
	contains(t, said, `channel "films" by the driver cytube`, "There are none yet.", address+" is free.", "presence-afk", "Ready, version ",
		"It agrees with the server's.", `The bot is in the channel "test" as playbill.`, "ok    Delete playlist items", "All is well.")
	if code != exitOK {
		t.Errorf("exit code %d:\n%s", code, said)
	}
	server.Permit("playlistdelete", 4)
	server.AllowDupes(false)
	code, said = doctor(t, path)
	contains(t, said, "BAD   Delete playlist items", "asks for Owner", "Channel Settings, Edit, Permissions", "look  Allow duplicate videos", "One thing is BAD.")
	if code != exitFailed {
		t.Errorf("exit code %d:\n%s", code, said)
	}

	p := serveOn(t, path, address)
	code, said = doctor(t, path)
	contains(t, said, "A host runs on this configuration.", "The ledger is true", "BAD   Delete playlist items")
	if code != exitFailed {
		t.Errorf("beside a host, exit code %d:\n%s", code, said)
	}
	if server.Connections() != 1 {
		t.Errorf("%d connections: the doctor joined beside the host", server.Connections())
	}
	if now := len(server.Items()); now < listed {
		t.Errorf("the list had %d entries and has %d", listed, now)
	}
	p.stop()
}

// TestDoctorSaysWhyItCannotLogIn: a wrong password is said at once, in one line, and the plugins are looked at all the same.
func TestDoctorSaysWhyItCannotLogIn(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the plugins and logs in to a channel")
	}
	t.Parallel()
	server := cyTubeServer(t)
	config := strings.NewReplacer("SERVER", server.URL(), `"secret"`, `"wrong"`).Replace(onCyTube)
	code, said := doctor(t, serveConfig(t, dataDir(t), freeAddress(t), config))
	contains(t, said, "BAD   Login", `does not accept the name "playbill" with this password`, "viewers-choice")
	if code != exitFailed {
		t.Errorf("exit code %d:\n%s", code, said)
	}
}

func doctor(t *testing.T, path string) (code int, said string) {
	t.Helper()
	cmd := exec.Command("playbill", "doctor", "--config", path)
	out, _ := cmd.CombinedOutput() // the exit code says how it ended
	return cmd.ProcessState.ExitCode(), string(out)
}

func contains(t *testing.T, said string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(said, w) {
			t.Errorf("it does not say %q:\n%s", w, said)
		}
	}
}
