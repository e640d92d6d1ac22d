package cytube

import (
	"html"
	"regexp"
	"strings"

	"playbill/core/fault"
)

var tag = regexp.MustCompile(`<[^>]*>`)

// plain is text of the channel without its HTML: tags go, entities are read, length is cut.
func plain(text string) string {
	text = strings.TrimSpace(html.UnescapeString(tag.ReplaceAllString(text, "")))
	if runes := []rune(text); len(runes) > sentenceMax {
		return string(runes[:sentenceMax]) + "…"
	}
	return text
}

// refusal says what the text of a queueFail means, and whether CyTube sends it at once: such a one may overtake the echo
// of an earlier add, and proves nothing of it. Texts: reference, cytube.md 2 and 3.
func refusal(msg string) (f *fault.Fault, immediate bool) {
	text := plain(msg)
	has := func(start string) bool { return strings.HasPrefix(text, start) }
	switch {
	case has("You are adding videos too quickly"):
		return fault.New(fault.TooFast, text), true
	case has("You don't have permission to add livestreams"): // found out by the look-up
		return fault.New(fault.Permission, text), false
	case has("You don't have permission"):
		return fault.New(fault.Permission, text), true
	case has("This item is already on the playlist"):
		return fault.New(fault.Duplicate, text), false
	case has("Playlist limit reached"), has("Channel limit exceeded"):
		return fault.New(fault.ListFull, text), false
	case has("Video exceeds the maximum length"):
		return fault.New(fault.TooLong, text), false
	case has("Playlist failure"): // what it was to stand behind went away; the media is not at fault
		return fault.New(fault.Dropped, text), false
	case text == "":
		return fault.New(fault.Media, "The channel refused this item and did not say why."), false
	}
	return fault.New(fault.Media, text), false
}
