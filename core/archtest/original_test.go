package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// original is the catalogue of the bugs that the system before Playbill had, by section and number. Each is shown to be
// impossible by a test that begins with its number, in the room that makes it so: t.Run("5c.1 ...", ...). Those of parts
// that Playbill does not have say so.
func original() map[string]string {
	return map[string]string{
		"5a.1":  "every request failed because an answer was read in another shape than it had",
		"5a.2":  "a wrong field name, and eligibility was ignored",
		"5a.3":  "money gone when the add was refused",
		"5a.4":  "a media was sent under a name that the channel did not know",
		"5a.5":  notOurs + "addresses of media are MediaCMS's",
		"5a.6":  "a paid item stayed in the wrong place when its move failed",
		"5a.7":  "playnext went before the current item",
		"5a.8":  "an item was put anywhere when it was not known what plays",
		"5a.9":  "what plays had no number",
		"5a.10": "titles and lengths were missing",
		"5a.11": "expected starts were wrong",
		"5a.12": "paid items were out of order",
		"5a.13": "phantom work after a restart",
		"5a.14": "storms of refusals while a list was loaded",
		"5a.15": "the same clip twice, and messages to who is absent",
		"5a.16": "swallowed errors",
		"5a.17": "promos inside an event while it loaded",
		"5a.18": "an event that had ended lingered",
		"5a.19": "work that ended the process",
		"5a.20": "a lock until midnight",
		"5a.21": "the database was closed under running work",
		"5a.22": "buttons broke on what a title contained",
		"5a.23": "a promo counted as content",
		"5a.24": "a bad rule kept the host from starting",
		"5a.25": "a lock was lifted late",
		"5a.26": "changes were not applied until a restart",
		"5a.27": notOurs + "passes through a list are positions of a plugin's own state",
		"5a.28": "what was saved and what ran differed",
		"5a.29": "a migration was recorded and not done",
		"5a.30": "a media had two names",
		"5a.31": "unlocked while the fallback loaded",
		"5a.32": notOurs + "a release is built from its commit",
		"5a.33": "reserved items were public",
		"5a.34": "a damaged database was an error that nobody understood",
		"5a.35": "an upstream that was down was an unhandled error",
		"5a.36": "a browser ran yesterday's script",
		"5a.37": "swallowed errors left half of the work",
		"5a.38": "a broadcast failed on what it could not encode",
		"5a.39": "promos were added again and again",
		"5a.40": "a late answer overwrote a final state",
		"5a.41": "the whole live list was replaced",
		"5a.42": "a missing directory was an opaque error",
		"5a.43": "what failed unclearly was done twice",
		"5b.1":  "a balance moved without a transfer",
		"5b.2":  "a refund did not give back the day's place",
		"5b.3":  "an empty read was taken for an empty world",
		"5b.4":  "who was muted could still act",
		"5b.5":  "commands that do not exist succeeded silently",
		"5c.1":  "free queueing",
		"5c.2":  "money lost when nobody answered in time",
		"5c.3":  "the payment was written last",
		"5c.4":  "refunded although it played",
		"5c.5":  "somebody else's item was taken for the paid one",
		"5c.6":  "one empty answer wiped everything",
		"5c.7":  "an old answer undid a new change",
		"5c.8":  "a number was an identity",
		"5c.9":  "the refund went to an old purchase",
		"5c.10": "the item with number zero was none",
		"5c.11": "a refund counted as income",
		"5c.12": "a request was debited twice",
		"5c.13": "an event fired beside a purchase under way",
		"5c.14": "events moved by an hour when the clocks did",
		"5c.15": "a lock was lifted when the last title was seen earlier",
		"5c.16": "a second tab closed the first",
		"5c.17": "a title was a command of the bot",
		"5c.18": "login codes could be guessed all day",
		"5c.19": "a change named a column of the database",
		"5c.20": "what was known of an entry was lost in a restart",
		"5c.21": "everybody was shown as absent",
		"5c.22": "a playlist was cut by a crash",
		"5c.23": "a rank was believed for a day",
		"5c.24": "the bot's rank was guessed, and one slow command held up all",
	}
}

// notOurs begins the line of a bug in something that Playbill does not have.
const notOurs = "not here: "

// TestEveryOriginalBugHasATest holds that the catalogue and the tests name the same bugs.
func TestEveryOriginalBugHasATest(t *testing.T) {
	named := map[string][]string{}
	pattern := regexp.MustCompile(`\bt\.Run\("(5[a-c]\.\d+) `)
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range pattern.FindAllSubmatch(text, -1) {
			named[string(m[1])] = append(named[string(m[1])], path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	bugs := original()
	for number, what := range bugs {
		ours := !strings.HasPrefix(what, notOurs)
		if tested := len(named[number]) > 0; tested != ours {
			t.Errorf("%s, %s: tested in %v", number, what, named[number])
		}
	}
	for number := range named {
		if _, known := bugs[number]; !known {
			t.Errorf("%s is tested and not in the catalogue: %v", number, slices.Compact(named[number]))
		}
	}
}
