package config

import (
	"context"
	"slices"
	"testing"
)

// TestSettingsFromTheEnvironmentAreNamed holds that whoever shows settings can leave out what may be a secret, also after a
// change.
func TestSettingsFromTheEnvironmentAreNamed(t *testing.T) {
	t.Setenv("PLAYBILL_TEST_TOKEN", "secret")
	l, _ := openedLive(t, "plugin \"event\" {\n  settings {\n    url   = \"https://x/${env.PLAYBILL_TEST_TOKEN}\"\n    token = env.PLAYBILL_TEST_TOKEN\n    n     = 1\n  }\n}\n", nil)
	named := func() []string { return l.Snapshot().Config.Plugins["event"].FromEnv }
	if got := named(); !slices.Equal(got, []string{"token", "url"}) {
		t.Fatalf("named are %v", got)
	}
	out, err := l.Change(context.Background(), 1, Patch{Plugins: map[string]PluginPatch{"event": {Settings: []byte(`{"n":2,"token":"secret","url":"https://x/secret"}`)}}})
	if err != nil || !out.Persisted {
		t.Fatal(out, err)
	}
	if got := named(); !slices.Equal(got, []string{"token", "url"}) {
		t.Errorf("after a change, named are %v", got)
	}
	if got := l.Snapshot().Config.Plugins["mod-shoutout"].FromEnv; got != nil {
		t.Errorf("of a plugin without any: %v", got)
	}
}
