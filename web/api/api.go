// Package api is the JSON API under /api/v1, and the routes of the original that it keeps. A handler reads its request,
// asks a room, and returns what to render or why not; decoding, rendering and failing happen in one place each.
package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/hashicorp/go-hclog"

	"playbill/core/audit"
	"playbill/core/fault"
	"playbill/web/live"
	"playbill/web/session"
)

// Handler answers one request of one person. What it returns as an error is answered in one place.
type Handler func(c *gin.Context, who session.Who) error

// API is the handlers of the JSON API.
type API struct {
	Ports
	hub    *live.Hub
	now    func() int64
	zone   *time.Location
	logger hclog.Logger
}

// New returns the API over these ports. now is UTC milliseconds, zone the station's.
func New(ports Ports, hub *live.Hub, now func() int64, zone *time.Location, logger hclog.Logger) *API {
	return &API{Ports: ports, hub: hub, now: now, zone: zone, logger: logger}
}

// send renders an answer.
func send(c *gin.Context, status int, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("render the answer: %w", err)
	}
	c.Data(status, "application/json; charset=utf-8", text)
	return nil
}

// decode reads a body of at most so many bytes, strictly: one JSON object, no key that nobody reads.
func decode(c *gin.Context, limit int64, into any) error {
	text, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return fault.New(fault.Invalid, fmt.Sprintf("The request is longer than %d bytes.", limit))
	case err != nil:
		return fault.Wrap(err, fault.Invalid, "The request could not be read to its end.")
	}
	return strict(text, into)
}

// strict reads one JSON object without a key that nobody reads.
func strict(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fault.Wrap(err, fault.Invalid, "The request is not the JSON that is expected here: "+said(err)+".")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, "The request has something behind its JSON object.")
	}
	return nil
}

// said puts a decoder's error into words that do not name our types.
func said(err error) string {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF):
		return "it is empty"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it ends too early"
	case errors.As(err, &wrong) && wrong.Field != "":
		return fmt.Sprintf("“%s” cannot be a %s", wrong.Field, wrong.Value)
	case errors.As(err, &wrong):
		return "it is a " + wrong.Value
	default:
		return strings.TrimPrefix(err.Error(), "json: ")
	}
}

// number reads a whole number from the query, or takes a default. Out of range is refused.
func number(c *gin.Context, name string, otherwise, low, high int64) (int64, error) {
	text := c.Query(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < low || n > high {
		return 0, fault.New(fault.Invalid, fmt.Sprintf("“%s” is a whole number from %d to %d.", name, low, high))
	}
	return n, nil
}

// idOf reads an id from the path.
func idOf(c *gin.Context, name, what string) (int64, error) {
	n, err := strconv.ParseInt(c.Param(name), 10, 64)
	if err != nil || n <= 0 {
		return 0, fault.New(fault.NotFound, "There is no such "+what+".")
	}
	return n, nil
}

// requestKey reads the Idempotency-Key: without one, a request that is sent twice would count twice.
func requestKey(c *gin.Context) (string, error) {
	key := c.GetHeader("Idempotency-Key")
	switch {
	case key == "":
		return "", fault.New(fault.RequestKeyMissing,
			"The request has no Idempotency-Key, so nothing was done. Send a new one with each request, and the same one to try again.")
	case len(key) > keyMax || strings.ContainsFunc(key, unicode.IsControl):
		return "", fault.New(fault.Invalid, fmt.Sprintf("An Idempotency-Key has 1 to %d printable characters.", keyMax))
	default:
		return key, nil
	}
}

// reasonable checks a sentence that a person gives: not empty, not endless.
func reasonable(name, text string, most int) error {
	if n := utf8.RuneCountInString(strings.TrimSpace(text)); n == 0 || n > most {
		return fault.New(fault.Invalid, fmt.Sprintf("“%s” has 1 to %d characters.", name, most))
	}
	return nil
}

// admin reports whether somebody has admin rank now.
func (a *API) admin(who session.Who) bool {
	return session.Admin.Allow(who, a.Settings.Pay().AdminRank) == nil
}

// act is the audit entry of a change that who makes now.
func (a *API) act(who session.Who, action, subject string) audit.Entry {
	return audit.Entry{AtMS: a.now(), Actor: string(who.Key), Action: action, Subject: subject}
}

// record writes an audit entry for a change that is done already, and returns its id: the answer stays true if it cannot be
// written, so that goes to the log, and the id is 0.
func (a *API) record(ctx context.Context, e audit.Entry) int64 {
	trail := []audit.Entry{e}
	if err := a.Trail.Audit(context.WithoutCancel(ctx), trail...); err != nil {
		a.logger.Error("a change is not in the audit trail", "action", e.Action, "subject", e.Subject, "actor", e.Actor, "error", err)
		return 0
	}
	return trail[0].ID
}

// jsonOf is a value as the audit trail keeps it.
func jsonOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}

// instant writes UTC milliseconds as RFC 3339; 0 is null.
func instant(ms int64) *string {
	if ms == 0 {
		return nil
	}
	text := time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z")
	return &text
}

// orNull is a value, or null when it is empty.
func orNull[T comparable](v T) *T {
	var none T
	if v == none {
		return nil
	}
	return &v
}

// seconds rounds milliseconds.
func seconds(ms int64) int64 { return (ms + 500) / 1000 }

// readable makes an id like "mod_shoutout" into words: "Mod shoutout".
func readable(id string) string {
	words := strings.ReplaceAll(id, "_", " ")
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:]
}
