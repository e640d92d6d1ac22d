// Package archtest holds the house rules as tests: who may import whom, what a PURE room may touch, where struct tags
// may stand, how long a function may be. It has test files only.
//
// The rules read the source with go/parser, without types and without a network, so that they are quick enough to run
// with every change. The tables that a new room needs a row in are all in table_test.go. Each rule carries snippets that
// must break it; a rule that no longer bites fails by itself.
package archtest
