package archtest

import (
	"path"
	"slices"
	"strings"
)

// room is one row of the import table. A pattern is a path inside the module; "x/..." means x and everything below it,
// "x/*" everything below it. The longest pattern that fits a package is its row.
type room struct {
	pattern string
	pure    bool     // no clock, goroutine, lock, file, network, global chance
	may     []string // packages of this module that its code may import; tests may import any
}

// rooms is the import table: a package without a row here fails. Add the row in the change that adds the package.
func rooms() []room {
	nouns := []string{"sdk", "sdk/rotate", "core/fault", "core/channel", "core/asrun", "core/ledger"}
	small := []string{"core/access", "core/audit", "core/notice"}
	with := func(more ...string) []string { return slices.Concat(nouns, small, more) }
	all := with("core/playlist", "core/shadow", "core/presence", "core/event", "core/pay", "core/promo", "core/library",
		"core/station", "core/till", "core/control", "core/jobs")

	return []room{
		{pattern: "sdk", pure: true},
		{pattern: "sdk/rotate", pure: true, may: []string{"sdk"}},
		{pattern: "sdk/plugin/...", may: []string{"sdk", "sdk/plugin/..."}},
		{pattern: "sdk/sdktest", may: []string{"sdk", "sdk/rotate", "sdk/plugin/..."}},

		{pattern: "core"},
		{pattern: "core/archtest"},
		{pattern: "core/fault", pure: true},
		{pattern: "core/channel", pure: true, may: []string{"sdk", "core/fault"}},
		{pattern: "core/asrun", pure: true},
		{pattern: "core/ledger", pure: true},
		{pattern: "core/access", pure: true, may: nouns},
		{pattern: "core/audit", pure: true, may: nouns},
		{pattern: "core/notice", pure: true, may: nouns},
		{pattern: "core/playlist", pure: true, may: nouns},
		{pattern: "core/shadow", pure: true, may: nouns},
		{pattern: "core/presence", pure: true, may: nouns},
		{pattern: "core/event", pure: true, may: nouns},
		{pattern: "core/pay", pure: true, may: nouns},
		{pattern: "core/promo", pure: true, may: slices.Concat(nouns, []string{"core/shadow"})},
		{pattern: "core/library", may: with()},
		{pattern: "core/station", may: with("core/shadow", "core/promo", "core/presence", "core/event", "core/pay", "core/playlist")},
		{pattern: "core/till", may: with("core/shadow", "core/pay", "core/event", "core/station")},
		{pattern: "core/jobs", may: []string{"core/fault"}},
		{pattern: "core/keeper", may: []string{"core/fault", "core/ledger"}},
		{pattern: "core/control", may: all},

		{pattern: "core/store/...", may: slices.Concat(all, []string{"core/store/..."})},
		{pattern: "core/pluginhost", may: slices.Concat(all, []string{"sdk/plugin/..."})},
		{pattern: "core/config", may: all},
		{pattern: "core/outside"},
		{pattern: "core/art", may: []string{"core/outside"}},
		{pattern: "core/mediacms", may: slices.Concat(all, []string{"core/outside"})},
		{pattern: "core/channel/embedded", may: all},
		{pattern: "core/channel/cytube", may: slices.Concat(all, []string{"core/channel/cytube/socketio"})},
		{pattern: "core/channel/cytube/socketio"},
		{pattern: "core/channel/apigate", may: all},
		{pattern: "core/channel/channeltest/...", may: []string{"sdk", "core/fault", "core/channel", "core/playlist"}},

		{pattern: "web/browsertest"},
		{pattern: "web/...", may: slices.Concat(all, []string{"web/..."})},
		{pattern: "plugins/...", may: []string{"sdk/..."}},
		{pattern: "cmd/...", may: []string{"sdk/...", "core/...", "web/...", "cmd/..."}},
	}
}

// testOnly are packages that no code but tests may import.
func testOnly() []string { return []string{"core/channel/channeltest/...", "web/browsertest"} }

// home says where one third party lives. A third party without a row fails.
type home struct {
	prefix  string // import path, or a prefix of it that ends at a slash
	in      []string
	notPure bool // anywhere but in PURE rooms
	tests   bool // tests and test kits only
}

// homes is the table of third parties.
func homes() []home {
	wire := []string{"sdk/plugin/...", "sdk/sdktest", "core/pluginhost"}
	return []home{
		{prefix: "gorm.io", in: []string{"core/store/..."}},
		{prefix: "github.com/mattn/go-sqlite3", in: []string{"core/store/..."}},
		{prefix: "modernc.org/sqlite", in: []string{"core/store/..."}},
		{prefix: "github.com/jackc/pgx/v5", in: []string{"core/store/..."}},
		{prefix: "github.com/pressly/goose/v3", in: []string{"core/store/..."}},
		{prefix: "github.com/gin-gonic/gin", in: []string{"web/..."}},
		{prefix: "github.com/hashicorp/go-plugin", in: wire},
		{prefix: "google.golang.org/grpc", in: wire},
		{prefix: "google.golang.org/protobuf", in: wire},
		{prefix: "github.com/santhosh-tekuri/jsonschema/v6", in: wire},
		{prefix: "github.com/hashicorp/hcl/v2", in: []string{"core/config"}},
		{prefix: "github.com/zclconf/go-cty", in: []string{"core/config"}},
		{prefix: "github.com/coder/websocket", in: []string{"core/channel/*", "web/live"}},
		{prefix: "github.com/teambition/rrule-go", in: []string{"core/event"}},
		{prefix: "github.com/robfig/cron/v3", in: []string{"core/event"}},
		{prefix: "github.com/spf13/cobra", in: []string{"cmd/..."}},
		{prefix: "github.com/google/renameio/v2", in: []string{"core/config", "core/store", "core/channel/embedded"}},
		{prefix: "github.com/google/uuid", in: []string{"core/store", "core/station", "core/till", "web/...", "cmd/..."}},
		{prefix: "golang.org/x/text/unicode/norm", in: []string{"core/library"}},
		{prefix: "golang.org/x/sys", in: []string{"core/store", "core/pluginhost", "core/control", "sdk/plugin/...", "cmd/..."}},
		{prefix: "golang.org/x/time", in: []string{"core/channel/*", "core/outside", "core/pluginhost", "web/..."}},
		{prefix: "github.com/hashicorp/go-hclog", notPure: true},
		{prefix: "github.com/prometheus/client_golang", notPure: true},
		{prefix: "github.com/google/go-cmp", tests: true},
		{prefix: "github.com/rogpeppe/go-internal", tests: true},
		{prefix: "github.com/chromedp", tests: true},
		{prefix: "go.uber.org/goleak", tests: true},
		{prefix: "pgregory.net/rapid", tests: true},
	}
}

// testKits are packages that are not test files but serve tests: they may import what tests may.
func testKits() []string {
	return []string{"core/channel/channeltest/...", "sdk/sdktest", "web/browsertest"}
}

// tagHomes says which packages may carry a struct tag. Plugins read their settings, and control its socket, as JSON.
func tagHomes() map[string][]string {
	return map[string][]string{
		"gorm": {"core/store/..."},
		"hcl":  {"core/config"},
		"json": {"web/api", "web/live", "core/channel/*", "sdk/plugin/...", "core/store/...", "core/library",
			"core/mediacms", "core/pluginhost", "core/control", "plugins/..."},
	}
}

// moneyRooms never see a floating-point number.
func moneyRooms() []string { return []string{"core/ledger", "core/pay", "core/till"} }

// topLevel is what the owner allows at the top, beside names that begin with a dot.
func topLevel() []string {
	return []string{"core", "plugins", "sdk", "web", "cmd", "config.example.hcl", "go.mod", "go.sum", "README.md", "LICENSE"}
}

// fits reports whether a path inside the module is covered by a pattern.
func fits(pattern, p string) bool {
	if base, deep := strings.CutSuffix(pattern, "/..."); deep {
		return p == base || strings.HasPrefix(p, base+"/")
	}
	if base, below := strings.CutSuffix(pattern, "/*"); below {
		return strings.HasPrefix(p, base+"/")
	}
	return path.Clean(pattern) == p
}

// fitsAny reports whether any of the patterns covers the path.
func fitsAny(patterns []string, p string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return fits(pattern, p) })
}

// rowOf returns the row with the longest pattern that fits.
func rowOf(p string) (room, bool) {
	var best room
	found := false
	for _, r := range rooms() {
		if fits(r.pattern, p) && (!found || len(r.pattern) > len(best.pattern)) {
			best, found = r, true
		}
	}
	return best, found
}
