package cytube

import (
	"fmt"
	"strings"
)

// kicked says what a kick means. Texts: reference, cytube.md 1 and 7. Words that CyTube does not use are a person's.
func (d *Driver) kicked(reason string, nowMS int64) ending {
	text := plain(reason)
	has := func(start string) bool { return strings.HasPrefix(text, start) }
	switch {
	case has("Duplicate login"):
		return d.duplicate(nowMS)
	case has("Channel shutting down"), has("Channel reloading"):
		return ending{why: "The channel is being restarted. Connecting again."}
	case has("Rate limit exceeded"), has("Too many connections"), has("Channel could not be loaded"), has("anonymous user"):
		return ending{pause: longPause, why: fmt.Sprintf("The server put the bot out: %s. Trying again in a minute.", text)}
	case has("You're banned"), has("You are banned"):
		return ending{final: true, why: "The bot is banned from this channel. Lift the ban, then restart Playbill."}
	case has("Invalid channel name"):
		return ending{final: true, why: fmt.Sprintf("%q is no name of a channel. Correct it in the config.", d.opts.Channel)}
	case has("Channel deleted"):
		return ending{final: true, why: "The channel was deleted."}
	case text == "" && d.oldest(isTalk) != nil: // the server's answer to a domain that it does not let people name
		return ending{pause: longPause, why: "The server put the bot out for what it had just said, probably for a link in a title. Joining again in a minute."}
	case text == "":
		return ending{final: true, why: "The bot was kicked from the channel, without a reason given. Restart Playbill to let it join again."}
	}
	return ending{final: true, why: fmt.Sprintf("The bot was kicked from the channel: %s. Restart Playbill to let it join again.", text)}
}

// duplicate is what a login of our account elsewhere means: once, one more try after a while. Two bots that both come
// back at once would put each other out for ever.
func (d *Driver) duplicate(nowMS int64) ending {
	last := d.desk.duplicateMS
	d.desk.duplicateMS = nowMS
	if last > 0 && nowMS < after(last, duplicateCalm) {
		return ending{final: true, why: fmt.Sprintf(
			"Somebody else keeps logging in as %s. Stop the other bot, then restart Playbill.", d.self)}
	}
	return ending{pause: duplicatePause, why: fmt.Sprintf("Somebody else logged in as %s. One more try in a minute.", d.self)}
}

// refusedEnding says what a refused connection means.
func refusedEnding(message string) ending {
	text := plain(message)
	if strings.HasPrefix(text, "You are banned") {
		return ending{final: true, why: "The server has banned this host's address. Lift the ban, then restart Playbill."}
	}
	return ending{pause: refusedPause, why: fmt.Sprintf("The server refused the connection: %s. Trying again in ten seconds.", text)}
}

// loginFailed says what a refused login means. Only what will pass by itself is tried again.
func (d *Driver) loginFailed(message string) ending {
	text := plain(message)
	switch {
	case strings.HasPrefix(text, "Guest logins are restricted"), strings.HasPrefix(text, "That name is already in use"):
		return ending{pause: longPause, why: fmt.Sprintf("The server did not let the bot log in: %s Trying again in a minute.", stopped(text))}
	case strings.HasPrefix(text, "Invalid username/password"):
		return ending{final: true, why: fmt.Sprintf("The server does not accept the name %q with this password. Correct self and password in the config.", d.opts.User)}
	}
	return ending{final: true, why: fmt.Sprintf("The server did not let %q log in: %s Correct self and password in the config.", d.opts.User, stopped(text))}
}

// stopped is a sentence with its full stop.
func stopped(text string) string {
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".!?") {
		return text
	}
	return text + "."
}
