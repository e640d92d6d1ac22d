package cytube

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"playbill/core/channel"
	"playbill/sdk"
)

// The payloads of CyTube's events, as far as we read them (reference: cytube.md 1 to 6).
type (
	wireMedia struct {
		ID      string  `json:"id"`
		Title   string  `json:"title"`
		Seconds float64 `json:"seconds"`
		Type    string  `json:"type"`
	}
	wireItem struct {
		Media   wireMedia `json:"media"`
		UID     wireUID   `json:"uid"`
		Temp    bool      `json:"temp"`
		QueueBy string    `json:"queueby"`
	}
	wireQueue struct {
		Item  wireItem `json:"item"`
		After wireUID  `json:"after"`
	}
	wireUIDOnly struct {
		UID  wireUID `json:"uid"`
		Temp bool    `json:"temp"`
	}
	wireMove struct {
		From  wireUID `json:"from"`
		After wireUID `json:"after"`
	}
	wirePosition struct {
		wireMedia
		CurrentTime float64 `json:"currentTime"`
		Paused      bool    `json:"paused"`
	}
	wireUser struct {
		Name string   `json:"name"`
		Rank float64  `json:"rank"`
		AFK  bool     `json:"afk"`
		Meta wireMeta `json:"meta"`
	}
	wireMeta struct {
		AFK        bool `json:"afk"`
		Muted      bool `json:"muted"`
		ShadowMute bool `json:"smuted"`
	}
	wireChat struct {
		Username string `json:"username"`
		Time     int64  `json:"time"` // the server's clock, UTC milliseconds
		To       string `json:"to"`
	}
	wireFail struct {
		Msg    string `json:"msg"`
		ID     string `json:"id"`
		Code   string `json:"code"`
		Reason string `json:"reason"`
	}
	wireLogin struct {
		Success bool   `json:"success"`
		Error   string `json:"error"`
		Name    string `json:"name"`
	}
	wireOptions struct {
		Dupes *bool    `json:"allow_dupes"`
		AFKs  *float64 `json:"afk_timeout"` // seconds without a chat line; 0: nobody goes AFK by themselves
	}
)

// listLimit is the code of the refusal to send the list on request.
const listLimit = "REQ_PLAYLIST_LIMIT_REACHED"

// Places that an event may name instead of an item.
const (
	front channel.UID = -2 // "prepend"
	back  channel.UID = -3 // "append"
)

// wireUID is a uid as CyTube writes it: a number, a number in quotes, "prepend" or "append".
type wireUID channel.UID

// UnmarshalJSON reads any of the four.
func (u *wireUID) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	switch text {
	case "prepend":
		*u = wireUID(front)
		return nil
	case "append":
		*u = wireUID(back)
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return fmt.Errorf("%q is no uid", text)
	}
	*u = wireUID(n)
	return nil
}

// arg decodes an event's first argument.
func arg[T any](args []json.RawMessage) (T, error) {
	var v T
	if len(args) == 0 {
		return v, fmt.Errorf("no payload")
	}
	err := json.Unmarshal(args[0], &v)
	return v, err
}

func (i wireItem) item() channel.Item {
	return channel.Item{UID: channel.UID(i.UID), Media: i.Media.media(), Temp: i.Temp, AddedBy: i.QueueBy}
}

// media is a media in our units. CyTube stores negative lengths as they were given; they are live then.
func (m wireMedia) media() sdk.Media {
	return sdk.Media{Type: m.Type, ID: m.ID, Title: m.Title, DurationMS: max(millis(m.Seconds), 0)}
}

func (u wireUser) user() channel.User {
	return channel.User{
		Key: channel.Fold(u.Name), Name: u.Name, RankTenths: tenths(u.Rank),
		AFK: u.Meta.AFK || u.AFK, Muted: u.Meta.Muted || u.Meta.ShadowMute,
	}
}

// millis are seconds as milliseconds, within what makes sense.
func millis(seconds float64) int64 {
	return int64(math.Round(min(max(seconds*1000, -durationMax), durationMax)))
}

// tenths is a rank of CyTube's times ten.
func tenths(rank float64) int { return int(math.Round(min(max(rank, -1), 1000) * 10)) }
