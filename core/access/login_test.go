package access

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"playbill/core/channel"
)

const now = int64(1_800_000_000_000)

func TestTry(t *testing.T) {
	secret, mine, other := []byte("secret"), [32]byte{1}, [32]byte{2}
	right, wrong := Seal(secret, "ada", "123456"), Seal(secret, "ada", "123457")
	for name, c := range map[string]struct {
		tries   int
		sealed  [32]byte
		browser [32]byte
		after   int64
		want    Verdict
	}{
		"right":                    {0, right, mine, 0, Right},
		"right at the last":        {4, right, mine, 0, Right},
		"wrong":                    {0, wrong, mine, 0, Wrong},
		"wrong for the fifth time": {4, wrong, mine, 0, Burned},
		"right after five":         {5, right, mine, 0, Burned},
		"another browser":          {0, right, other, 0, Refused},
		"another browser, wrong":   {4, wrong, other, 0, Refused},
		"just in time":             {0, right, mine, CodeForMS - 1, Right},
		"too late":                 {0, right, mine, CodeForMS, Burned},
		"a clock that went back":   {0, right, mine, -CodeForMS - 1, Burned},
		"under another name":       {0, Seal(secret, "eve", "123456"), mine, 0, Wrong},
		"under another secret":     {0, Seal([]byte("other"), "ada", "123456"), mine, 0, Wrong},
	} {
		code := NewCodeFor("ada", right, mine, now)
		code.Tries = c.tries
		if got := code.Try(c.sealed, c.browser, now+c.after); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestTidy(t *testing.T) {
	for typed, want := range map[string]string{"123456": "123456", " 123 456 ": "123456", "123-456": "123456", "012345": "012345"} {
		if got, ok := Tidy(typed); !ok || got != want {
			t.Errorf("%q: %q %v", typed, got, ok)
		}
	}
	for _, typed := range []string{"", "12345", "1234567", "12345a", "１２３４５６"} {
		if got, ok := Tidy(typed); ok {
			t.Errorf("%q is taken for the code %q", typed, got)
		}
	}
}

func TestCodesAreSixDigitsAndSealedByName(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := NewCode(rapid.Uint64().Draw(t, "chance"))
		if _, err := strconv.Atoi(code); err != nil || len(code) != CodeDigits {
			t.Fatalf("code %q", code)
		}
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		if same := Seal([]byte("s"), channel.UserKey(a), code) == Seal([]byte("s"), channel.UserKey(b), code); same != (a == b) {
			t.Fatalf("%q and %q", a, b)
		}
	})
}

func TestSessionEnds(t *testing.T) {
	s := Session{ExpiresAtMS: now + 1}
	if !s.Valid(now) || s.Valid(now+1) {
		t.Error("a session lives until it expires")
	}
	s.RevokedAtMS = now
	if s.Valid(now) {
		t.Error("a revoked session is none")
	}
}
