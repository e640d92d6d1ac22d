package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"playbill/core/access"
	"playbill/core/audit"
	"playbill/core/channel"
	"playbill/core/fault"
)

// KeepCode stores a login code in the place of the one that its person had: only the newest counts.
func (c *Channel) KeepCode(ctx context.Context, k access.Code) error {
	return c.write(ctx, func(t *tx, h *head) error {
		if err := t.Exec("DELETE FROM login_codes WHERE channel = ? AND expires_at_ms <= ?", h.Channel, k.CreatedAtMS).Error; err != nil {
			return err
		}
		return t.Exec(`INSERT INTO login_codes (channel, user_key, code_hmac, browser_sha256, created_at_ms, expires_at_ms, tries)
			VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT (channel, user_key) DO UPDATE SET code_hmac = excluded.code_hmac,
			browser_sha256 = excluded.browser_sha256, created_at_ms = excluded.created_at_ms, expires_at_ms = excluded.expires_at_ms,
			tries = 0`, h.Channel, string(k.User), digest(k.Sealed), digest(k.Browser), k.CreatedAtMS, k.ExpiresAtMS).Error
	})
}

// RedeemCode tries a code for a person and a browser and, when it is right, opens the session under the SHA-256 of its
// token: both at once, so a code opens one session however often it is sent. What is not right is counted.
func (c *Channel) RedeemCode(ctx context.Context, try access.Code, s access.Session, sha [32]byte) (v access.Verdict, err error) {
	err = c.write(ctx, func(t *tx, h *head) error {
		var rows []codeRow
		if err := t.Raw("SELECT * FROM login_codes WHERE channel = ? AND user_key = ?", h.Channel, string(try.User)).Scan(&rows).Error; err != nil {
			return err
		}
		v = access.Refused
		if len(rows) > 0 {
			v = rows[0].code().Try(try.Sealed, try.Browser, try.CreatedAtMS)
		}
		const of = " WHERE channel = ? AND user_key = ?"
		switch v {
		case access.Wrong:
			return t.Exec("UPDATE login_codes SET tries = tries + 1"+of, h.Channel, string(try.User)).Error
		case access.Burned:
			return t.Exec("DELETE FROM login_codes"+of, h.Channel, string(try.User)).Error
		case access.Right:
			if err := t.Exec("DELETE FROM login_codes"+of, h.Channel, string(try.User)).Error; err != nil {
				return err
			}
			if err := t.Exec("DELETE FROM sessions WHERE channel = ? AND expires_at_ms <= ?", h.Channel, s.CreatedAtMS).Error; err != nil {
				return err
			}
			return t.Create(&sessionRow{TokenSHA256: sha, Channel: h.Channel, UserKey: string(s.User), UserName: s.Name,
				CreatedAtMS: s.CreatedAtMS, SeenAtMS: s.CreatedAtMS, ExpiresAtMS: s.ExpiresAtMS}).Error
		}
		return nil
	})
	return v, err
}

// SessionBySHA returns the session whose token has this SHA-256, and notes that it was seen, at most once a minute and
// only if that can be written.
// fault.Unauthorized when there is none, or it has ended: which of them is nobody's business.
func (c *Channel) SessionBySHA(ctx context.Context, sha [32]byte, nowMS int64) (access.Session, error) {
	var rows []sessionRow
	err := c.read(ctx, func(q *gorm.DB) error {
		return q.Find(&rows, "token_sha256 = ? AND channel = ?", digest(sha), c.channel).Error
	})
	if err != nil {
		return access.Session{}, err
	}
	if len(rows) == 0 || !rows[0].session().Valid(nowMS) {
		return access.Session{}, fault.New(fault.Unauthorized, "This session has ended.")
	}
	s := rows[0].session()
	if nowMS-s.SeenAtMS < usedEvery.Milliseconds() {
		return s, nil
	}
	s.SeenAtMS = nowMS
	c.note(ctx, func(t *tx) error {
		return t.Exec("UPDATE sessions SET seen_at_ms = ? WHERE token_sha256 = ?", nowMS, digest(sha)).Error
	})
	return s, nil
}

// SessionsOf returns a person's sessions that have not ended, the last seen first.
func (r *Reader) SessionsOf(ctx context.Context, user channel.UserKey, nowMS int64) ([]access.Session, error) {
	var rows []sessionRow
	err := r.read(ctx, func(q *gorm.DB) error {
		return q.Where("channel = ? AND user_key = ? AND revoked_at_ms IS NULL AND expires_at_ms > ?", r.channel, string(user), nowMS).
			Order("seen_at_ms DESC, created_at_ms DESC").Limit(rowsMax).Find(&rows).Error
	})
	return each(rows, sessionRow.session), err
}

// RevokeSession ends one session of a person. fault.NotFound when they have none of this id.
func (c *Channel) RevokeSession(ctx context.Context, user channel.UserKey, id string, nowMS int64) error {
	ended, err := c.revoke(ctx, user, nowMS, func(of string) bool { return of == id }, nil)
	if err == nil && len(ended) == 0 {
		return fault.New(fault.NotFound, "That session has ended already.")
	}
	return err
}

// RevokeSessions ends a person's sessions, all of them for no ids, and returns the ids of those that it ended. Without one
// there is no audit entry.
func (c *Channel) RevokeSessions(ctx context.Context, user channel.UserKey, ids []string, nowMS int64, trail ...audit.Entry) ([]string, error) {
	return c.revoke(ctx, user, nowMS, func(id string) bool { return len(ids) == 0 || slices.Contains(ids, id) }, trail)
}

func (c *Channel) revoke(ctx context.Context, user channel.UserKey, nowMS int64, which func(id string) bool, trail []audit.Entry) (ended []string, err error) {
	err = c.write(ctx, func(t *tx, h *head) error {
		ended = nil
		var rows []sessionRow
		err := t.Raw("SELECT * FROM sessions WHERE channel = ? AND user_key = ? AND revoked_at_ms IS NULL AND expires_at_ms > ?",
			h.Channel, string(user), nowMS).Scan(&rows).Error
		if err != nil {
			return err
		}
		for _, r := range rows {
			id := access.SessionID(r.TokenSHA256)
			if !which(id) {
				continue
			}
			if err := t.Exec("UPDATE sessions SET revoked_at_ms = ? WHERE token_sha256 = ?", nowMS, r.TokenSHA256).Error; err != nil {
				return err
			}
			ended = append(ended, id)
		}
		if len(ended) == 0 {
			return nil
		}
		return appendAudit(t, h.Channel, nowMS, trail)
	})
	return ended, err
}

// ConfirmRank keeps the rank that the room says somebody has now, times ten, with their sessions: it outlives a restart.
// What a login link opened keeps the link's.
func (c *Channel) ConfirmRank(ctx context.Context, user channel.UserKey, rankTenths int, nowMS int64) error {
	return c.write(ctx, func(t *tx, h *head) error {
		return t.Exec(`UPDATE sessions SET rank_tenths = ?, ranked_at_ms = ? WHERE channel = ? AND user_key = ? AND linked = 0
			AND revoked_at_ms IS NULL`, rankTenths, nowMS, h.Channel, string(user)).Error
	})
}

// ExchangeLink opens a login link, once: the token is over, and the session that it opens acts as its name with its rank.
// Returned is that session. fault.Unauthorized when there is no such link, or it is over, or was used.
func (c *Channel) ExchangeLink(ctx context.Context, link, session [32]byte, nowMS, expiresAtMS int64) (s access.Session, err error) {
	err = c.write(ctx, func(t *tx, h *head) error {
		var rows []tokenRow
		if err := t.Raw("SELECT * FROM tokens WHERE token_sha256 = ? AND created_by = ? AND used_at_ms IS NULL", digest(link), access.LinkMaker).Scan(&rows).Error; err != nil {
			return err
		}
		if len(rows) == 0 || !rows[0].token().Valid(nowMS) || nowMS < rows[0].CreatedAtMS-access.LinkForMS { // the clock was set back
			return fault.New(fault.Unauthorized, "This login link is over: it works once, within ten minutes. Make a new one: playbill token create --login")
		}
		k := rows[0].token()
		err := t.Exec("UPDATE tokens SET used_at_ms = ?, revoked_at_ms = ? WHERE token_sha256 = ?", nowMS, nowMS, digest(link)).Error
		if err != nil {
			return err
		}
		row := sessionRow{TokenSHA256: session, Channel: h.Channel, UserKey: string(channel.Fold(k.Name)), UserName: k.Name, CreatedAtMS: nowMS,
			SeenAtMS: nowMS, ExpiresAtMS: expiresAtMS, RankTenths: k.RankTenths, RankedAtMS: nowMS, Linked: true}
		if err := t.Create(&row).Error; err != nil {
			return err
		}
		s = row.session()
		return appendAudit(t, h.Channel, nowMS, []audit.Entry{{Actor: k.Name, Action: "login.link", Subject: fmt.Sprintf("%s, rank %d", k.Name, k.RankTenths/10)}})
	})
	return s, err
}

func (r codeRow) code() access.Code {
	return access.Code{User: channel.UserKey(r.UserKey), Sealed: r.CodeHMAC, Browser: r.BrowserSHA256, CreatedAtMS: r.CreatedAtMS,
		ExpiresAtMS: r.ExpiresAtMS, Tries: r.Tries}
}

func (r sessionRow) session() access.Session {
	return access.Session{ID: access.SessionID(r.TokenSHA256), User: channel.UserKey(r.UserKey), Name: r.UserName, CreatedAtMS: r.CreatedAtMS,
		SeenAtMS: r.SeenAtMS, ExpiresAtMS: r.ExpiresAtMS, RevokedAtMS: value(r.RevokedAtMS), RankTenths: r.RankTenths,
		RankedAtMS: r.RankedAtMS, Linked: r.Linked}
}
