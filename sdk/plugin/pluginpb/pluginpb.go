// Package pluginpb is the wire contract between the host and a plugin, generated from playbill_plugin_v1.proto. Plugin
// authors who write Go import sdk and sdk/plugin instead.
//
// To generate it again, with protoc (Debian: protobuf-compiler) on the PATH:
//
//	GOBIN="$(go env GOPATH)/bin" go install tool
//	PATH="$PATH:$(go env GOPATH)/bin" go generate ./sdk/plugin/pluginpb
package pluginpb

//go:generate protoc --go_out=. --go_opt=paths=source_relative --go-grpc_out=. --go-grpc_opt=paths=source_relative playbill_plugin_v1.proto
