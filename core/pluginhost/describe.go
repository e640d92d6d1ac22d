package pluginhost

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"playbill/sdk/plugin"
)

// Describe runs a plugin's binary with --describe and returns what it says about itself: no handshake, no settings. For
// listing plugins that are not running.
func Describe(ctx context.Context, spec Spec) (plugin.Description, error) {
	ctx, cancel := context.WithTimeout(ctx, describeTimeout)
	defer cancel()
	var out, said bytes.Buffer
	cmd := exec.CommandContext(ctx, spec.Command, append(append([]string{}, spec.Args...), "--describe")...)
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = cleanEnv(os.TempDir()), &out, &said, killGrace
	if err := cmd.Run(); err != nil {
		return plugin.Description{}, fmt.Errorf("ask %s what it is: %w %s", spec.Command, err, oneLine(strings.TrimSpace(said.String()), textBytes))
	}
	var d plugin.Description
	if err := json.Unmarshal(out.Bytes(), &d); err != nil {
		return plugin.Description{}, fmt.Errorf("read what %s says it is: %w", spec.Command, err)
	}
	return d, nil
}
