package pluginhost

import (
	"fmt"

	"google.golang.org/grpc/mem"
)

// wire is a message as bytes. The host keeps what was asked and answered exactly as it was on the wire, so it encodes
// once, itself, and decodes itself what it may refuse.
type wire struct{ bytes []byte }

// rawCodec hands bytes through; to the plugin it is the ordinary protobuf codec.
type rawCodec struct{}

// Marshal gives the bytes.
func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	w, ok := v.(*wire)
	if !ok {
		return nil, fmt.Errorf("raw codec: %T is not bytes", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(w.bytes)}, nil
}

// Unmarshal takes the bytes; the buffers go back to their pool.
func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	w, ok := v.(*wire)
	if !ok {
		return fmt.Errorf("raw codec: %T is not bytes", v)
	}
	w.bytes = data.Materialize()
	return nil
}

// Name is the codec that the other side knows.
func (rawCodec) Name() string { return "proto" }
