// Package access is how people and programs prove who they are: login codes, sessions, API tokens. PURE.
package access

// Token is an API token as it is listed. Its secret is known only to whoever was given it; stored is its SHA-256.
type Token struct {
	Name        string // acts as this name; unique among tokens that are not revoked
	RankTenths  int    // CyTube's ranks times ten: 30 is an admin
	CreatedBy   string
	CreatedAtMS int64 // UTC milliseconds, as all below; 0: never
	ExpiresAtMS int64
	RevokedAtMS int64
	UsedAtMS    int64 // kept to the minute
}

// Valid reports whether the token may be used at this instant, UTC milliseconds.
func (t Token) Valid(nowMS int64) bool {
	return t.RevokedAtMS == 0 && (t.ExpiresAtMS == 0 || nowMS < t.ExpiresAtMS)
}
