package plugin

// The bounds of the wire. The host enforces them whatever a plugin does; this package keeps its own side of them.
const (
	MaxMessage = 1 << 20 // bytes of one request or reply
	SoftState  = 16 << 10
	HardState  = 64 << 10 // bytes of state in a reply; one more makes the reply invalid
	MaxTypes   = 16       // promo types of one plugin
)
