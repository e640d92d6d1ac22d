package plugin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"playbill/sdk"
	"playbill/sdk/plugin/pluginpb"
)

// client serves a plugin in this process and returns what a host would hold.
func client(t *testing.T, p sdk.Plugin) pluginpb.PluginClient {
	t.Helper()
	stdout, stderr := os.Stdout, os.Stderr
	listener := bufconn.Listen(1 << 20)
	serving := grpc.NewServer(serverOptions(os.Stderr)...)
	if err := Set(p)[setName].(*service).GRPCServer(nil, serving); err != nil {
		t.Fatal(err)
	}
	go func() { _ = serving.Serve(listener) }() // ends with Stop
	conn, err := grpc.NewClient("passthrough:///test", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		serving.Stop()
		os.Stdout, os.Stderr = stdout, stderr
	})
	return pluginpb.NewPluginClient(conn)
}

func TestServesTheFunctionsThatAreSet(t *testing.T) {
	c := client(t, sdk.Plugin{
		ID: "one", Version: "1",
		OnAdvance: func(_ context.Context, a sdk.Advance) (sdk.Answer, error) {
			return sdk.Answer{Note: a.EventID, State: []byte{}}, nil
		},
		OnPay: func(context.Context, sdk.Advance) (sdk.Answer, error) { panic("torn") },
		OnPresence: func(_ context.Context, r sdk.Round) (sdk.Verdicts, error) {
			return sdk.Verdicts{}, errors.New("dark")
		},
		Check: func(s []byte) []sdk.Problem { return []sdk.Problem{{Pointer: "/a", Sentence: string(s)}} },
	})
	d, err := c.Describe(t.Context(), &pluginpb.DescribeRequest{})
	if err != nil || len(d.GetHooks()) != 3 {
		t.Fatalf("%v, %v", d, err)
	}
	reply, err := c.OnAdvance(t.Context(), &pluginpb.PromoRequest{Call: &pluginpb.Call{EventId: "e7"}})
	if err != nil || reply.GetKept().GetNote() != "e7" || reply.GetKept().State == nil {
		t.Errorf("%v, %v", reply, err)
	}
	_, err = c.OnPay(t.Context(), &pluginpb.PromoRequest{})
	if status.Code(err) != codes.Internal || !strings.Contains(err.Error(), "panic: torn") {
		t.Errorf("a panic came as %v", err)
	}
	if _, err = c.OnCancel(t.Context(), &pluginpb.PromoRequest{}); status.Code(err) != codes.Unimplemented {
		t.Errorf("a hook that is not there came as %v", err)
	}
	if _, err = c.OnPresence(t.Context(), &pluginpb.PresenceRequest{}); status.Code(err) != codes.Unknown || !strings.Contains(err.Error(), "dark") {
		t.Errorf("an error came as %v", err)
	}
	checked, err := c.Configure(t.Context(), &pluginpb.ConfigureRequest{Settings: []byte("{}")})
	if err != nil || len(checked.GetProblems()) != 1 || checked.GetProblems()[0].GetSentence() != "{}" {
		t.Errorf("%v, %v", checked, err)
	}
}

func TestAHookHasTheTimeThatTheHostWaits(t *testing.T) {
	c := client(t, sdk.Plugin{OnAdvance: func(ctx context.Context, _ sdk.Advance) (sdk.Answer, error) {
		<-ctx.Done()
		return sdk.Answer{Note: "too late"}, nil
	}})
	began := time.Now()
	reply, err := c.OnAdvance(t.Context(), &pluginpb.PromoRequest{Call: &pluginpb.Call{TimeoutMs: 20}})
	if err != nil || reply.GetKept().GetNote() != "too late" || time.Since(began) < 20*time.Millisecond {
		t.Fatalf("%v, %v after %s", reply, err, time.Since(began))
	}
}

func TestAnAnswerThatIsTooLargeIsAnError(t *testing.T) {
	c := client(t, sdk.Plugin{OnAdvance: func(context.Context, sdk.Advance) (sdk.Answer, error) {
		return sdk.Answer{Note: strings.Repeat("x", MaxMessage)}, nil
	}})
	if _, err := c.OnAdvance(t.Context(), &pluginpb.PromoRequest{}); status.Code(err) != codes.ResourceExhausted {
		t.Fatal(err)
	}
}

func TestStartedByHand(t *testing.T) {
	var out, said bytes.Buffer
	code, done := byHand(everything(), []string{"--describe"}, &out, &said)
	var d Description
	if err := json.Unmarshal(out.Bytes(), &d); err != nil || code != 0 || !done || d.ID != "every-thing" || said.Len() > 0 {
		t.Fatalf("%v, %d: %s %s", err, code, &out, &said)
	}
	out.Reset()
	code, done = byHand(everything(), nil, &out, &said)
	if code != 1 || !done || out.Len() > 0 || strings.Count(said.String(), "\n") != 1 || !strings.Contains(said.String(), "every-thing") {
		t.Fatalf("%d: %q %q", code, &out, &said)
	}
	if code, done = byHand(sdk.Plugin{Schema: []byte("{")}, []string{"--describe"}, &out, &said); code != 1 || !done {
		t.Fatalf("a schema that is not JSON was described: %d", code)
	}
	t.Setenv(CookieKey, CookieValue)
	if _, done = byHand(everything(), nil, &out, &said); done {
		t.Fatal("a host's start was taken for a person's")
	}
}
