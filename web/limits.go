package web

const stackMax = 64 << 10 // bytes of a panic's stack that are logged
