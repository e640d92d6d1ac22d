package web

import (
	"strings"
	"testing"

	"playbill/core/fault"
	"playbill/web/api"
)

// schemaOfAll has one setting of each kind.
const schemaOfAll = `{"type":"object","properties":{
	"pair_by":{"type":"string","enum":["director","year"],"default":"year","title":"Pair films by","description":"What two films share."},
	"gap":{"type":"integer","minimum":1,"maximum":9,"default":2,"title":"At most"},
	"tag":{"type":"string","default":"feature","title":"Only tagged"},
	"say":{"type":"boolean","default":true,"title":"Announce it"},
	"names":{"type":"array","items":{"type":"string"},"title":"Never these"},
	"inner":{"type":"object","title":"The rest"},
	"token":{"type":"string","title":"Its key"}}}`

// withPlugin is a world with one plugin of the owner's own, whose key comes from the environment.
func withPlugin() *world {
	w := wellKept()
	w.office.plugins = []api.PluginReport{{Name: "double-bill", Title: "Double Bill", Version: "0.3.1", State: "ready", SinceMS: noon - 120_000, Hooks: []string{"OnAdvance"},
		Schema: []byte(schemaOfAll), SHA256: "abc", Restarts: 2, Exit: "exit status 2",
		Log:   []api.LogLine{{AtMS: noon - 5000, Text: "ready"}, {AtMS: noon, Bad: true, Text: "panic: <index>"}},
		Calls: map[string]api.PluginCalls{"OnAdvance": {Outcomes: map[string]int64{"proposed": 38, "timeout": 2}, Late: 1, P50US: 12_000, P99US: 97_000, AllowedMS: 150}}}}
	w.office.conf = api.PluginConfig{Revision: 7, Enabled: true, Settings: []byte(`{"gap":3}`), FromEnv: []string{"token"}}
	return w
}

func TestPluginPage(t *testing.T) {
	page := call{"GET", "/admin/plugins/double-bill", "admin", "", nil}.do(withPlugin().open(t)).Body.String()
	for _, want := range []string{
		"Ready for 2 min", "half within <b>12 ms</b>, 99 % within <b>97 ms</b>", "38 proposed, 2 too late, 1 answered after that", "exit status 2",
		`<i>20:07:00</i> <b>panic: &lt;index&gt;</b>`, `data-match="7"`,
		`<option value="&#34;year&#34;" selected>Year</option>`, `data-pointer="/gap" value="3" min="1" max="9" step="1" placeholder="2"`,
		`data-pointer="/tag" value="" placeholder="feature" data-optional`, `data-pointer="/say" checked`, `data-as="list" data-pointer="/names"`, `data-as="json" data-pointer="/inner"`,
		"Set from the environment.",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	if strings.Contains(page, `name="token"`) {
		t.Error("what comes from the environment is a field")
	}
	if strings.Index(page, "Pair films by") > strings.Index(page, "At most") || strings.Index(page, "The rest") > strings.Index(page, "Its key") {
		t.Error("the fields are not in the schema's order")
	}
}

func TestPluginsPage(t *testing.T) {
	w := withPlugin()
	w.office.plugins[0].State, w.office.plugins[0].Reason = "backoff", "the process ended: exit status 2"
	page := call{"GET", "/admin/plugins", "admin", "", nil}.do(w.open(t)).Body.String()
	for _, want := range []string{"Your own", "Stopped, starts again, since 20:05", "The process ended: exit status 2.", "No plugin is ready.", "0 of 1", "Asked 40 times since the start"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	w = withPlugin()
	w.office.plugins[0].Schema, w.office.conf.FromEnv = nil, nil
	if page := (call{"GET", "/admin/plugins/double-bill", "admin", "", nil}).do(w.open(t)).Body.String(); !strings.Contains(page, "This plugin has no settings.") {
		t.Error("a plugin without settings does not say so")
	}
	if got := (call{"GET", "/admin/plugins/nobody", "admin", "", nil}).do(w.open(t)); got.Code != 404 {
		t.Errorf("a plugin that is not there: %d", got.Code)
	}
}

func TestPluginSettings(t *testing.T) {
	w := withPlugin()
	s := w.open(t)
	const path = "/api/v1/admin/plugins/double-bill/settings"
	detail := decodeBody(t, call{"GET", "/api/v1/admin/plugins/double-bill", "admin", "", nil}.do(s), 200)
	if detail["from_environment"].([]any)[0] != "token" || detail["settings"].(map[string]any)["gap"] != 3.0 || detail["settings_schema"].(map[string]any)["type"] != "object" {
		t.Errorf("%v", detail)
	}
	said := decodeBody(t, call{"PUT", path, "admin", `{"gap":2,"say":true,"tag":"short"}`, map[string]string{"If-Match": `"7"`}}.do(s), 200)
	if said["sentence"] != "Saved. It acts with its next call." || len(w.trail) != 1 || w.trail[0].Action != "plugin.settings" || w.trail[0].Before != `{"gap":3}` {
		t.Errorf("%v %v", said, w.trail)
	}
	if got := string(w.office.change.Settings); got != `{"gap":2,"tag":"short"}` {
		t.Errorf("written is %s; what repeats a default and was not set before stays away", got)
	}
	if got := (call{"PUT", path, "admin", `{"token":"mine"}`, nil}).do(s); got.Code != 409 || !strings.Contains(got.Body.String(), "comes from the environment") {
		t.Errorf("a key of the environment: %d %s", got.Code, got.Body)
	}
	if got := (call{"PUT", path, "admin", `{}`, map[string]string{"If-Match": `"6"`}}).do(s); got.Code != 409 || code(t, got) != "changed" {
		t.Errorf("an old revision: %d %s", got.Code, got.Body)
	}
	for _, body := range []string{`null`, `[]`, `"x"`, `{`} {
		if got := (call{"PUT", path, "admin", body, nil}).do(s); got.Code != 400 {
			t.Errorf("%s: %d", body, got.Code)
		}
	}
	w.err = fault.Wrap(api.Problems{{Pointer: "/gap", Sentence: "This must be 1 or more."}}, fault.Invalid, "This must be 1 or more.")
	got := call{"PUT", path, "admin", `{"gap":0}`, nil}.do(s)
	if want := `"problems":[{"pointer":"/gap","sentence":"This must be 1 or more."}]`; got.Code != 400 || !strings.Contains(got.Body.String(), want) {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if len(w.trail) != 1 {
		t.Errorf("what was refused is in the trail: %v", w.trail)
	}
}

func TestPluginSwitches(t *testing.T) {
	w := withPlugin()
	s := w.open(t)
	for path, on := range map[string]bool{"enable": true, "disable": false} {
		w.trail = nil
		said := decodeBody(t, call{"POST", "/api/v1/admin/plugins/double-bill/" + path, "admin", "", nil}.do(s), 200)
		if c := w.office.change; c.Enabled == nil || *c.Enabled != on || c.Settings != nil || !strings.HasPrefix(said["sentence"].(string), "Double Bill is switched o") || len(w.trail) != 1 {
			t.Errorf("%s: %v, %+v, %v", path, said, c, w.trail)
		}
	}
	w.saved.Persisted, w.saved.Reason = false, "Not saved to playbill.hcl."
	if said := decodeBody(t, call{"POST", "/api/v1/admin/plugins/double-bill/disable", "admin", "", nil}.do(s), 200); !strings.HasSuffix(said["sentence"].(string), "Not saved to playbill.hcl.") {
		t.Errorf("%v", said)
	}
	w.trail = nil
	if said := decodeBody(t, call{"POST", "/api/v1/admin/plugins/double-bill/restart", "admin", "", nil}.do(s), 200); w.office.again != 1 || said["sentence"] != "Double Bill has a new process. No call was lost." || len(w.trail) != 1 {
		t.Errorf("%v %v", said, w.trail)
	}
	if lines := decodeBody(t, call{"GET", "/api/v1/admin/plugins/double-bill/log", "admin", "", nil}.do(s), 200)["lines"].([]any); len(lines) != 2 {
		t.Errorf("%v", lines)
	}
	for _, path := range []string{"", "/log", "/enable", "/restart"} {
		method := "POST"
		if path == "" || path == "/log" {
			method = "GET"
		}
		if got := (call{method, "/api/v1/admin/plugins/nobody" + path, "admin", "", nil}).do(s); got.Code != 404 {
			t.Errorf("%s of a plugin that is not there: %d", path, got.Code)
		}
	}
}

func TestPresenceSettings(t *testing.T) {
	w := newWorld()
	s := w.open(t)
	put := func(body, match string) (int, string) {
		got := call{"PUT", "/api/v1/admin/presence", "admin", body, map[string]string{"If-Match": match}}.do(s)
		return got.Code, got.Body.String()
	}
	w.office.watch.GraceMS = 60_500 // finer than a form
	status, said := put(`{"enabled":false,"grace_seconds":60,"check_interval_seconds":20,"notify_user":true}`, `"7"`)
	if set := w.office.watch; status != 200 || set.Enabled || set.GraceMS != 60_500 || set.CheckIntervalMS != 20_000 || !strings.Contains(said, "Saved. It acts from the next check on.") || len(w.trail) != 1 {
		t.Errorf("%d %s %+v %v", status, said, set, w.trail)
	}
	for body, want := range map[string]int{
		`{"enabled":true}`: 400,
		`{"enabled":true,"grace_seconds":-1,"check_interval_seconds":20,"notify_user":true}`:   400,
		`{"enabled":true,"grace_seconds":null,"check_interval_seconds":20,"notify_user":true}`: 400,
	} {
		if status, said := put(body, ""); status != want {
			t.Errorf("%s: %d %s", body, status, said)
		}
	}
	if status, _ := put(`{"enabled":true,"grace_seconds":1,"check_interval_seconds":20,"notify_user":true}`, `"3"`); status != 409 {
		t.Errorf("an old revision: %d", status)
	}
	if len(w.trail) != 1 {
		t.Errorf("what was refused is in the trail: %v", w.trail)
	}
}

func TestPresencePage(t *testing.T) {
	w := withPlugin()
	w.office.plugins[0].Hooks = []string{"OnPresence"}
	w.office.plugins[0].Name, w.office.plugins[0].Title = "presence-leave", "Leaving"
	page := call{"GET", "/admin/presence", "admin", "", nil}.do(w.open(t)).Body.String()
	for _, want := range []string{"Two viewers have a request waiting. The clock runs for one.", "Away since about 20:06:45, left the room (Leaving)", `<progress max="60" value="15"`,
		"15 s of 1 min", "1 request cancelled and refunded in 45 s.", "Felix in &lt;Hollywood&gt;", "Not in the room", "AFK on CyTube means ten minutes without a chat line, which quiet viewers reach too", "1 clock"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
}
