package plugin

import (
	"context"
	"errors"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"playbill/sdk"
	"playbill/sdk/plugin/pluginpb"
)

// What a host and a plugin in any language must agree on before the first call. The cookie is no secret: it tells a
// plugin that a host started it, and not a person.
const (
	Protocol    = 1 // the application protocol: playbill.plugin.v1
	CookieKey   = "PLAYBILL_PLUGIN"
	CookieValue = "house-lights-down-curtain-up"
	// LifelineEnv names the inherited file descriptor that reaches its end when the host is gone, however it went. A plugin
	// exits then.
	LifelineEnv = "PLAYBILL_LIFELINE_FD"
	// setName is the one plugin of the set: go-plugin asks for a name, nothing on the wire depends on it.
	setName = "plugin"
)

// errNoDispense: the host speaks to the service of the contract itself.
var errNoDispense = errors.New("plugin: the host makes its own client")

// Handshake is the handshake of go-plugin with Playbill's values.
func Handshake() goplugin.HandshakeConfig {
	return goplugin.HandshakeConfig{ProtocolVersion: Protocol, MagicCookieKey: CookieKey, MagicCookieValue: CookieValue}
}

// Set is the plugin set that serves p; the host passes an empty Plugin.
func Set(p sdk.Plugin) goplugin.PluginSet { return goplugin.PluginSet{setName: &service{plugin: p}} }

// service registers the contract with go-plugin's gRPC server.
type service struct {
	goplugin.NetRPCUnsupportedPlugin
	plugin sdk.Plugin
}

// GRPCServer registers the plugin's side.
func (s *service) GRPCServer(_ *goplugin.GRPCBroker, to *grpc.Server) error {
	pluginpb.RegisterPluginServer(to, &server{plugin: s.plugin})
	return nil
}

// GRPCClient is not used.
func (*service) GRPCClient(context.Context, *goplugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, errNoDispense
}
