package pluginhost

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"playbill/core/station"
	"playbill/sdk"
	"playbill/sdk/plugin"
	"playbill/sdk/plugin/pluginpb"
)

// question is one call to one plugin: who is asked, with what, and how the answer is judged.
type question struct {
	unit    *unit
	call    sdk.Call
	encode  func(c sdk.Call, m *mask) proto.Message
	judge   func(reply []byte, m *mask, out *station.Outcome) error
	answer  station.Outcome
	over    atomic.Bool // an outcome stands: by the answer or by the deadline, whichever comes first
	process *process
	mask    *mask
}

// Promo asks OnAdvance, OnPay or OnCancel, all plugins at once.
func (h *Host) Promo(ctx context.Context, hook station.Hook, per map[string]sdk.Advance) []station.Outcome {
	questions := make([]*question, 0, len(per))
	for _, u := range h.inOrder() {
		if a, asked := per[u.spec.Name]; asked {
			questions = append(questions, &question{
				unit: u, call: a.Call,
				encode: func(c sdk.Call, m *mask) proto.Message {
					a.Call = c
					out := plugin.PromoRequest(m.advance(a))
					out.Call.TimeoutMs = uint32(deadline(hook).Milliseconds())
					return out
				},
				judge: func(reply []byte, _ *mask, out *station.Outcome) error { return judgePromo(reply, hook, a.Slots, out) },
			})
		}
	}
	return append(h.ask(ctx, hook, questions), strangers(h, hook, per, func(a sdk.Advance) string { return a.EventID })...)
}

// Presence asks OnPresence, all plugins at once.
func (h *Host) Presence(ctx context.Context, per map[string]sdk.Round) []station.Outcome {
	questions := make([]*question, 0, len(per))
	for _, u := range h.inOrder() {
		if r, asked := per[u.spec.Name]; asked {
			questions = append(questions, &question{
				unit: u, call: r.Call,
				encode: func(c sdk.Call, m *mask) proto.Message {
					r.Call = c
					out := plugin.PresenceRequest(m.round(r))
					out.Call.TimeoutMs = uint32(deadline(station.OnPresence).Milliseconds())
					return out
				},
				judge: func(reply []byte, m *mask, out *station.Outcome) error { return judgePresence(reply, r.Owners, m, out) },
			})
		}
	}
	return append(h.ask(ctx, station.OnPresence, questions), strangers(h, station.OnPresence, per, func(r sdk.Round) string { return r.EventID })...)
}

// reply is the answer to one question.
type reply struct {
	question int
	outcome  station.Outcome
}

// ask sends every question, waits under one deadline, and returns the outcomes in the order of the questions.
func (h *Host) ask(ctx context.Context, hook station.Hook, questions []*question) []station.Outcome {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, deadline(hook))
	defer cancel()
	replies := make(chan reply, len(questions)) // room for all: nobody ever waits to answer
	out := make([]station.Outcome, len(questions))
	waiting := 0
	for i, q := range questions {
		request, ready := q.prepare(hook)
		out[i] = q.answer
		if !ready {
			continue
		}
		waiting++
		// Ends with the answer, with the process, or after lingerFor; retire waits for the turn that it holds.
		go func() {
			if answer, inTime := q.send(hook, request, began); inTime {
				replies <- reply{i, answer}
			}
		}()
	}
	gather(ctx, questions, replies, waiting, out)
	for i, q := range questions {
		if out[i].Kind == station.Timeout && out[i].LatencyUS == 0 {
			out[i].Why, out[i].LatencyUS = fmt.Sprintf("no answer within %d ms", deadline(hook).Milliseconds()), time.Since(began).Microseconds()
		}
		q.unit.stats.outcome(hook, &out[i])
	}
	return out
}

// gather puts the replies into out until ctx ends, and calls what is missing then a timeout.
func gather(ctx context.Context, questions []*question, replies <-chan reply, waiting int, out []station.Outcome) {
	for waiting > 0 {
		select {
		case r := <-replies:
			out[r.question] = r.outcome
			waiting--
			continue
		case <-ctx.Done():
		}
		break
	}
	for i, q := range questions {
		if waiting > 0 && q.over.CompareAndSwap(false, true) {
			out[i].Kind = station.Timeout
			waiting--
		}
	}
	for ; waiting > 0; waiting-- { // answered at the very end: on their way
		r := <-replies
		out[r.question] = r.outcome
	}
}

// prepare takes the plugin's turn, fills in what the host knows, and either gives the request's bytes or settles the
// outcome.
func (q *question) prepare(hook station.Hook) ([]byte, bool) {
	u := q.unit
	if !q.claim(hook) {
		return nil, false
	}
	known := q.process.known
	if zone := u.host.opt.Zone; zone != nil {
		_, q.call.UTCOffsetSeconds = time.UnixMilli(q.call.NowMS).In(zone).Zone()
	}
	if !reads(known, q.call.StateVersion) {
		q.call.State, q.call.StateVersion = nil, 0
	}
	q.mask = newMask(u.host.opt.Secret, u.spec)
	request, err := proto.Marshal(q.encode(q.call, q.mask))
	if err == nil && len(request) > plugin.MaxMessage {
		err = fmt.Errorf("%d bytes, %d at most are sent", len(request), plugin.MaxMessage)
	}
	if err != nil {
		<-q.process.turn
		return nil, q.skip("the call cannot be sent: " + err.Error())
	}
	q.answer.Request = request
	return request, true
}

// claim takes the turn of the process that takes the calls now. One that was just replaced gives its turn to retire; the
// one that replaced it is asked then.
func (q *question) claim(hook station.Hook) bool {
	u := q.unit
	u.mu.Lock()
	defer u.mu.Unlock()
	q.process = u.live
	q.call.Settings, q.call.SettingsRevision = u.filled, u.revision
	q.answer = station.Outcome{
		EventID: q.call.EventID, Hook: hook, Plugin: u.spec.Name, SettingsRevision: u.revision, AtMS: u.host.opt.Now().UnixMilli(), SHA256: u.live.sum(),
	}
	k := u.known
	if u.live != nil {
		k = u.live.known // an upgrade may have described its successor already
	}
	if k != nil {
		q.answer.Version, q.answer.Priority, q.answer.StateVersion = k.Version, k.Priority, k.StateVersion
	}
	if u.live == nil {
		return q.skip(why(u.state, u.reason))
	}
	if !slices.Contains(u.live.known.hooks, hook) {
		return q.skip("does not subscribe to " + string(hook))
	}
	select {
	case u.live.turn <- struct{}{}:
		return true
	default:
		return q.skip("still busy with an earlier call")
	}
}

// skip settles the outcome without asking; it returns false, for "not ready".
func (q *question) skip(why string) bool {
	q.answer.Kind, q.answer.Why = station.Skipped, why
	q.over.Store(true)
	return false
}

func reads(k *described, version uint32) bool {
	return version == k.StateVersion || slices.Contains(k.ReadsState, version)
}

// send makes the call, and reports whether the answer came before the deadline: a later one is counted and dropped.
func (q *question) send(hook station.Hook, request []byte, began time.Time) (station.Outcome, bool) {
	ctx, cancel := context.WithTimeout(q.process.alive, lingerFor)
	defer cancel()
	out := q.answer
	bytes, err := q.process.invoke(ctx, method(hook), request)
	<-q.process.turn
	latency := time.Since(began)
	q.unit.stats.latency(hook, latency)
	out.LatencyUS = latency.Microseconds()
	if err != nil {
		out.Kind, out.Why = q.failed(err)
	} else {
		out.Reply = bytes
		if err := q.judged(bytes, &out); err != nil {
			out.Kind, out.Why, out.Answer, out.Verdicts = station.Invalid, err.Error(), sdk.Answer{}, sdk.Verdicts{}
		}
	}
	if !q.over.CompareAndSwap(false, true) {
		q.unit.stats.tooLate(hook)
		return out, false
	}
	return out, true
}

// judged judges a reply. It is the one place where a plugin's bytes meet our code, so a mistake of ours there must not
// end the host.
func (q *question) judged(bytes []byte, out *station.Outcome) (err error) {
	defer func() {
		if v := recover(); v != nil {
			q.unit.host.log.Error("judging an answer panicked", "plugin", q.unit.spec.Name, "panic", v, "stack", string(debug.Stack()))
			err = fmt.Errorf("the host could not judge the answer: %v", v)
		}
	}()
	return q.judge(bytes, q.mask, out)
}

// strangers answers for names that no plugin has.
func strangers[E any](h *Host, hook station.Hook, per map[string]E, event func(E) string) []station.Outcome {
	var out []station.Outcome
	for _, name := range slices.Sorted(maps.Keys(per)) {
		if h.unit(name) == nil {
			out = append(out, station.Outcome{
				EventID: event(per[name]), Hook: hook, Plugin: name, Kind: station.Skipped, Why: "not configured", AtMS: h.opt.Now().UnixMilli(),
			})
		}
	}
	return out
}

// failed tells apart why a call has no reply.
func (q *question) failed(err error) (station.Kind, string) {
	said := status.Convert(err)
	switch said.Code() {
	case codes.Unavailable, codes.Canceled:
		select { // the connection breaks a moment before the process can be collected
		case <-q.process.alive.Done():
			return station.Crashed, "the process ended during the call: " + q.process.runner.ended()
		case <-time.After(exitNotice):
			return station.Crashed, "the connection broke during the call"
		}
	case codes.Internal:
		return station.Crashed, oneLine(said.Message(), noteBytes)
	case codes.DeadlineExceeded:
		return station.Timeout, "no answer"
	case codes.ResourceExhausted:
		return station.Invalid, fmt.Sprintf("the answer has more than %d bytes", plugin.MaxMessage)
	default:
		return station.Invalid, "answered with an error: " + oneLine(said.Message(), noteBytes)
	}
}

func method(h station.Hook) string {
	switch h {
	case station.OnPay:
		return pluginpb.Plugin_OnPay_FullMethodName
	case station.OnCancel:
		return pluginpb.Plugin_OnCancel_FullMethodName
	case station.OnPresence:
		return pluginpb.Plugin_OnPresence_FullMethodName
	default:
		return pluginpb.Plugin_OnAdvance_FullMethodName
	}
}
