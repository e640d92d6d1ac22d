package api

import (
	"errors"
	"net/http"

	"playbill/core/fault"
	"playbill/core/pay"
)

// Problem is the answer to a request that failed.
type Problem struct {
	Error ProblemError `json:"error"`
	Quote *Quote       `json:"quote,omitempty"` // with price_changed: the quote that holds now

	Problems []FieldProblem `json:"problems,omitempty"` // with invalid: what is wrong with single fields
}

// FieldProblem is what is wrong with one field of a request.
type FieldProblem struct {
	Pointer  string `json:"pointer"` // into the request (RFC 6901)
	Sentence string `json:"sentence"`
}

// Problems is the cause of a refusal for single fields.
type Problems []FieldProblem

// Error is the first of them.
func (p Problems) Error() string {
	if len(p) == 0 {
		return "no problem"
	}
	return p[0].Pointer + ": " + p[0].Sentence
}

// ProblemError is a code for programs and a sentence for people.
type ProblemError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Status is the HTTP status of a fault; 500 for a code that no request should ever see.
func Status(code fault.Code) int {
	switch code {
	case fault.Invalid, fault.RequestKeyMissing:
		return http.StatusBadRequest
	case fault.Unauthorized:
		return http.StatusUnauthorized
	case fault.Balance:
		return http.StatusPaymentRequired
	case fault.Forbidden, fault.CrossOrigin, fault.Rank, fault.NotPresent, fault.Blocked:
		return http.StatusForbidden
	case fault.NotFound, fault.UnknownItem, fault.Reserved, fault.Missing:
		return http.StatusNotFound
	case fault.Conflict, fault.Changed, fault.DailyLimit, fault.Cooldown, fault.PendingLimit, fault.AlreadyListed,
		fault.PriceChanged, fault.RequestKeyConflict:
		return http.StatusConflict
	case fault.Over:
		return http.StatusGone
	case fault.Media, fault.Duplicate, fault.Permission, fault.Unsupported, fault.TooLong, fault.ListFull, fault.Muted:
		return http.StatusUnprocessableEntity
	case fault.EventLock, fault.PreEventLock, fault.Blackout:
		return http.StatusLocked
	case fault.Limit, fault.TooFast:
		return http.StatusTooManyRequests
	case fault.Starting, fault.Journal, fault.Standby, fault.ChannelDown, fault.NoAnchor, fault.Fenced, fault.Stopping,
		fault.Stale, fault.Dropped:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// ProblemOf puts an error into an answer. An error without a code is nobody's business: known is false, and its text is
// for the log alone.
func ProblemOf(err error) (status int, p Problem, known bool) {
	f := fault.Of(err)
	if f == nil || Status(f.Code) == http.StatusInternalServerError {
		return http.StatusInternalServerError, Problem{Error: ProblemError{"internal",
			"Something went wrong inside Playbill. It has been written to the log. Try again in a moment."}}, false
	}
	p.Error = ProblemError{string(f.Code), f.Sentence}
	var again pay.Repriced
	if errors.As(err, &again) {
		q := quoteJSON(again.Quote, 0)
		p.Quote = &q
	}
	var single Problems
	if errors.As(err, &single) {
		p.Problems = single
	}
	return Status(f.Code), p, true
}
