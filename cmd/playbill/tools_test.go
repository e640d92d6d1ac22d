package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"playbill/core/config"
	"playbill/core/fault"
	"playbill/web/api"
)

// TestSecretsStayInTheHouse holds that what a plugin is given from the environment is shown to nobody, and is kept when the
// rest of its settings changes.
func TestSecretsStayInTheHouse(t *testing.T) {
	t.Setenv("PLAYBILL_TEST_KEY", "open-sesame")
	path := filepath.Join(t.TempDir(), "host.hcl")
	text := "plugin \"mine\" {\n  settings {\n    key = env.PLAYBILL_TEST_KEY # the film archive's\n    n   = 1\n  }\n}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	live := config.NewLive(file, nil)
	desk := tools{live: live}
	conf, err := desk.PluginConfig("mine")
	if err != nil || string(conf.Settings) != `{"n":1}` || len(conf.FromEnv) != 1 || conf.FromEnv[0] != "key" || len(conf.Given) != 0 {
		t.Fatalf("%+v %v", conf, err)
	}
	saved, err := desk.ChangePlugin(t.Context(), conf.Revision, "mine", api.PluginChange{Settings: []byte(`{"n":2}`)})
	if err != nil || !saved.Persisted {
		t.Fatal(saved, err)
	}
	if got := string(live.Snapshot().Config.Plugins["mine"].Settings); got != `{"key":"open-sesame","n":2}` {
		t.Errorf("the plugin is given %s", got)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != strings.Replace(text, "= 1", "= 2", 1) {
		t.Errorf("the file says %s, %v", got, err)
	}
	if got := veilOf(live.Snapshot().Config.Plugins["mine"]).Replace("GET /films?key=open-sesame"); got != "GET /films?key=•••" {
		t.Error(got)
	}
	refused := veiled(fault.Wrap(api.Problems{{Pointer: "/key", Sentence: "“open-sesame” is too short."}}, fault.Invalid, "“open-sesame” is too short."), conf.FromEnv)
	if strings.Contains(refused.Error(), "sesame") || strings.Contains(fault.Of(refused).Sentence, "sesame") {
		t.Error(refused)
	}
	if _, err := desk.PluginConfig("nobody"); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

// TestAFilmIsWhatThePromoSettingsSay holds that the page knows what the host gives where nothing is set.
func TestAFilmIsWhatThePromoSettingsSay(t *testing.T) {
	live := config.NewLive(&config.File{Config: config.Default()}, nil)
	conf, err := tools{live: live}.PluginConfig(thresholdPlugin)
	if err != nil || conf.Given[thresholdSetting] != "3600" || string(conf.Settings) != "{}" {
		t.Errorf("%+v %v", conf, err)
	}
}
