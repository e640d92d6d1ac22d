package config

import "testing"

// asNobody: there is no root on Windows, so nobody calls it.
func asNobody(t *testing.T) { t.Fatal("unreachable") }
