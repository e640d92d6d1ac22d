package plugin

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"playbill/sdk"
	"playbill/sdk/plugin/pluginpb"
)

// server answers the contract with the functions of one plugin.
type server struct {
	pluginpb.UnimplementedPluginServer
	plugin sdk.Plugin
}

// Describe says what the plugin is.
func (s *server) Describe(context.Context, *pluginpb.DescribeRequest) (*pluginpb.Description, error) {
	return Describe(s.plugin).Wire(), nil
}

// Configure checks settings that fit the schema; a plugin without Check has nothing to add.
func (s *server) Configure(_ context.Context, in *pluginpb.ConfigureRequest) (*pluginpb.ConfigureReply, error) {
	out := &pluginpb.ConfigureReply{}
	if s.plugin.Check == nil {
		return out, nil
	}
	for _, p := range s.plugin.Check(in.GetSettings()) {
		out.Problems = append(out.Problems, &pluginpb.Problem{Pointer: text(p.Pointer), Sentence: text(p.Sentence)})
	}
	return out, nil
}

// OnAdvance asks the plugin's function of that name.
func (s *server) OnAdvance(ctx context.Context, in *pluginpb.PromoRequest) (*pluginpb.PromoReply, error) {
	return promo(ctx, s.plugin.OnAdvance, in)
}

// OnPay asks the plugin's function of that name.
func (s *server) OnPay(ctx context.Context, in *pluginpb.PromoRequest) (*pluginpb.PromoReply, error) {
	return promo(ctx, s.plugin.OnPay, in)
}

// OnCancel asks the plugin's function of that name.
func (s *server) OnCancel(ctx context.Context, in *pluginpb.PromoRequest) (*pluginpb.PromoReply, error) {
	return promo(ctx, s.plugin.OnCancel, in)
}

// OnPresence asks the plugin's function of that name.
func (s *server) OnPresence(ctx context.Context, in *pluginpb.PresenceRequest) (*pluginpb.PresenceReply, error) {
	if s.plugin.OnPresence == nil {
		return nil, errNoHook()
	}
	ctx, cancel := within(ctx, in.GetCall())
	defer cancel()
	v, err := s.plugin.OnPresence(ctx, Round(in))
	if err != nil {
		return nil, status.Error(codes.Unknown, text(err.Error()))
	}
	return PresenceReply(v), nil
}

func promo(ctx context.Context, hook func(context.Context, sdk.Advance) (sdk.Answer, error), in *pluginpb.PromoRequest) (*pluginpb.PromoReply, error) {
	if hook == nil {
		return nil, errNoHook()
	}
	ctx, cancel := within(ctx, in.GetCall())
	defer cancel()
	a, err := hook(ctx, Advance(in))
	if err != nil {
		return nil, status.Error(codes.Unknown, text(err.Error()))
	}
	return PromoReply(a), nil
}

func errNoHook() error {
	return status.Error(codes.Unimplemented, "this plugin does not subscribe to the hook")
}

// within gives a hook the time that the host waits for it. The host keeps the call itself open for longer, to tell an
// answer that is late from one that never comes.
func within(ctx context.Context, c *pluginpb.Call) (context.Context, context.CancelFunc) {
	if c.GetTimeoutMs() == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, time.Duration(c.GetTimeoutMs())*time.Millisecond)
}

// recovered turns a panic in a hook into an error of code Internal, which the host counts as a crash, and leaves the
// stack in the log. The process lives on: a hook keeps nothing that a panic could have left half done.
func recovered(ctx context.Context, in any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (out any, err error) {
	defer func() {
		if v := recover(); v != nil {
			fmt.Fprintf(os.Stderr, "panic: %v\n\n%s", v, debug.Stack())
			err = status.Error(codes.Internal, text(fmt.Sprintf("panic: %v", v)))
		}
	}()
	return handle(ctx, in)
}
