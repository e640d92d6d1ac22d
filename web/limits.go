package web

const (
	stackMax    = 64 << 10 // bytes of a panic's stack that are logged
	compressMin = 1 << 10  // bytes of an answer below which packing it gains nothing
	gzipLevel   = 5        // of 9: pages are packed anew for everybody
)
