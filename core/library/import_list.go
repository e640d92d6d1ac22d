package library

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"playbill/sdk"
)

// Problem is one line of an import that could not be read. Everything else was.
type Problem struct {
	Line     int    // from 1
	Text     string // the line, shortened
	Sentence string
}

// The forms of a media reference. The two letters are CyTube's names of its media types; the ids of YouTube, Vimeo and
// Dailymotion are as their links have them.
var (
	typeAndID = regexp.MustCompile(`^([a-z]{2}):(\S+)$`)
	youtubeID = regexp.MustCompile(`^[A-Za-z0-9_-]{11}$`)
	vimeoID   = regexp.MustCompile(`^[0-9]{1,12}$`)
	dailyID   = regexp.MustCompile(`^[A-Za-z0-9]{1,32}$`)
)

// The media types that the forms below name.
const (
	youtube     = "yt"
	vimeo       = "vi"
	dailymotion = "dm"
	manifest    = "cm" // a custom manifest: the id is its URL
	rawFile     = "fi"
	stream      = "hl"
)

// Sentences about a line.
const (
	notKnown   = "This is neither type:id, nor a link that can be played, nor in the catalog."
	notAVideo  = "This link names no single video."
	notSecure  = "Files and manifests must be linked by https."
	tooManyBad = "There are more problems than this list shows."
)

// parseList reads a pasted playlist. See [Library.ParseList].
func parseList(text string, c *catalog) ([]Item, []Problem) {
	var items []Item
	var problems []Problem
	line := 0
	for raw := range strings.Lines(text) {
		line++
		ref := withoutComment(strings.ToValidUTF8(raw, "\ufffd"))
		if ref == "" {
			continue
		}
		m, wrong := c.refer(ref)
		switch {
		case wrong != "":
			problems = note(problems, line, ref, wrong)
		case len(items) == maxItems:
			return items, note(problems, line, ref, fmt.Sprintf("A playlist has at most %d items. This and what follows was left out.", maxItems))
		default:
			items = append(items, Item{Media: m})
		}
	}
	return items, problems
}

// note adds a problem, up to the most that anybody reads.
func note(problems []Problem, line int, text, sentence string) []Problem {
	const shown = 200
	switch n := len(problems); {
	case n > maxProblems:
		return problems
	case n == maxProblems:
		sentence = tooManyBad
	}
	return append(problems, Problem{Line: line, Text: cut(text, shown), Sentence: sentence})
}

// withoutComment removes what follows a # that begins the line or stands behind a space: a # inside a link stays.
func withoutComment(line string) string {
	line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
	for i := range len(line) {
		if line[i] == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			return strings.TrimSpace(line[:i])
		}
	}
	return line
}

// refer finds the media that one line names, or says what is wrong with it.
func (c *catalog) refer(ref string) (m sdk.Media, wrong string) {
	key, wrong := keyOf(ref)
	if wrong == "" && key == (sdk.Key{}) {
		i, known := c.tokens[ref]
		if !known || i < 0 {
			return sdk.Media{}, notKnown
		}
		return c.titles[i].Media, ""
	}
	if wrong != "" {
		return sdk.Media{}, wrong
	}
	if len(key.ID) > maxID {
		return sdk.Media{}, fmt.Sprintf("The id is longer than %d bytes.", maxID)
	}
	if i, known := c.at[key]; known {
		return c.titles[i].Media, ""
	}
	return sdk.Media{Type: key.Type, ID: key.ID, Title: cut(key.Type+":"+key.ID, maxTitleText)}, ""
}

// keyOf reads type:id or a link. A key without a type means: neither, it may be a token.
func keyOf(ref string) (key sdk.Key, wrong string) {
	if m := typeAndID.FindStringSubmatch(ref); m != nil {
		return sdk.Key{Type: m[1], ID: m[2]}, ""
	}
	if !strings.Contains(ref, "://") {
		return sdk.Key{}, ""
	}
	u, err := url.Parse(ref)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return sdk.Key{}, notKnown
	}
	return keyOfLink(u)
}

// keyOfLink knows the links of three sites, and files by how they end.
func keyOfLink(u *url.URL) (sdk.Key, string) {
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	switch host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www."); host {
	case "youtube.com", "m.youtube.com", "music.youtube.com", "youtube-nocookie.com":
		id := u.Query().Get("v")
		if len(parts) == 2 && slices.Contains([]string{"shorts", "embed", "live", "v"}, parts[0]) {
			id = parts[1]
		}
		return checked(youtube, id, youtubeID)
	case "youtu.be":
		return checked(youtube, parts[0], youtubeID)
	case "vimeo.com", "player.vimeo.com":
		return checked(vimeo, firstLike(parts, vimeoID), vimeoID)
	case "dailymotion.com":
		id, _, _ := strings.Cut(parts[len(parts)-1], "_") // older links carry the title behind the id
		if parts[0] != "video" && parts[0] != "embed" {
			id = ""
		}
		return checked(dailymotion, id, dailyID)
	case "dai.ly":
		return checked(dailymotion, parts[0], dailyID)
	}
	return keyOfFile(u)
}

// firstLike returns the first part of a path that looks like an id.
func firstLike(parts []string, form *regexp.Regexp) string {
	for _, p := range parts {
		if form.MatchString(p) {
			return p
		}
	}
	return ""
}

func checked(kind, id string, form *regexp.Regexp) (sdk.Key, string) {
	if !form.MatchString(id) {
		return sdk.Key{}, notAVideo
	}
	return sdk.Key{Type: kind, ID: id}, ""
}

// keyOfFile reads a link to a file the way CyTube does: by how its path ends.
func keyOfFile(u *url.URL) (sdk.Key, string) {
	var kind string
	switch strings.ToLower(path.Ext(u.Path)) {
	case ".json":
		kind = manifest
	case ".m3u8":
		kind = stream
	case ".mp4", ".webm", ".ogv", ".ogg", ".mov", ".m4a", ".mp3", ".flv":
		kind = rawFile
	default:
		return sdk.Key{}, notKnown
	}
	if u.Scheme != "https" {
		return sdk.Key{}, notSecure
	}
	return sdk.Key{Type: kind, ID: u.String()}, ""
}

// tokenOf is the short name by which people paste a media: the last name of a manifest's path without its ending, else
// the id.
func tokenOf(m sdk.Media) string {
	if m.Type != manifest {
		return m.ID
	}
	u, err := url.Parse(m.ID)
	if err != nil {
		return m.ID
	}
	return strings.TrimSuffix(path.Base(u.Path), ".json")
}

// addToken files a title under its token; a token that several have names none.
func (c *catalog) addToken(token string, i int) {
	if _, taken := c.tokens[token]; taken {
		i = -1
	}
	c.tokens[token] = i
}
