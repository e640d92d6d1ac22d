package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"playbill/core/access"
	"playbill/core/audit"
	"playbill/core/fault"
)

// CreateToken stores a token under the SHA-256 of its secret, which is all that is ever stored of it. fault.Conflict when
// a token of this name is in use.
func (c *Channel) CreateToken(ctx context.Context, k access.Token, sha [32]byte, trail ...audit.Entry) error {
	err := c.write(ctx, func(t *tx, h *head) error {
		// A token that is over, or a login link, makes room for the next one of its name.
		err := t.Exec("UPDATE tokens SET revoked_at_ms = ? WHERE name = ? AND revoked_at_ms IS NULL AND (expires_at_ms <= ? OR created_by = ?)",
			k.CreatedAtMS, k.Name, k.CreatedAtMS, access.LinkMaker).Error
		if err != nil {
			return err
		}
		row := tokenRow{TokenSHA256: sha, Name: k.Name, RankTenths: k.RankTenths, CreatedBy: k.CreatedBy, CreatedAtMS: k.CreatedAtMS,
			ExpiresAtMS: some(k.ExpiresAtMS)}
		if err := t.Create(&row).Error; err != nil {
			return err
		}
		return appendAudit(t, h.Channel, k.CreatedAtMS, trail)
	})
	if violates(err) == "tokens_name_once" {
		return fault.Wrap(err, fault.Conflict, fmt.Sprintf("A token called “%s” is in use. Revoke it first, or choose another name.", k.Name))
	}
	return err
}

// RevokeToken ends a token. fault.NotFound when none of this name is in use.
func (c *Channel) RevokeToken(ctx context.Context, name string, nowMS int64, trail ...audit.Entry) error {
	return c.write(ctx, func(t *tx, h *head) error {
		res := t.Exec("UPDATE tokens SET revoked_at_ms = ? WHERE name = ? AND revoked_at_ms IS NULL", nowMS, name)
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.NotFound, fmt.Sprintf("There is no token called “%s” in use.", name))
		}
		return appendAudit(t, h.Channel, nowMS, trail)
	})
}

// TokenBySHA returns the token whose secret has this SHA-256, and notes that it was used, at most once a minute and
// only if that can be written: nobody is kept from reading because the disk is full.
// fault.Unauthorized when there is none, or it has expired or was revoked: which of them is nobody's business.
func (c *Channel) TokenBySHA(ctx context.Context, sha [32]byte, nowMS int64) (access.Token, error) {
	var rows []tokenRow
	err := c.read(ctx, func(q *gorm.DB) error { return q.Find(&rows, "token_sha256 = ?", digest(sha)).Error })
	if err != nil {
		return access.Token{}, err
	}
	if len(rows) == 0 || !rows[0].token().Valid(nowMS) || rows[0].CreatedBy == access.LinkMaker {
		return access.Token{}, fault.New(fault.Unauthorized, "This token is not valid.")
	}
	k := rows[0].token()
	if nowMS-k.UsedAtMS < usedEvery.Milliseconds() {
		return k, nil
	}
	k.UsedAtMS = nowMS
	c.note(ctx, func(t *tx) error {
		return t.Exec("UPDATE tokens SET used_at_ms = ? WHERE token_sha256 = ?", nowMS, digest(sha)).Error
	})
	return k, nil
}

// Tokens returns all tokens, by name, revoked ones and login links too. They are the same for all channels of a database.
func (r *Reader) Tokens(ctx context.Context) ([]access.Token, error) {
	var rows []tokenRow
	err := r.read(ctx, func(q *gorm.DB) error { return q.Order("name, created_at_ms").Find(&rows).Error })
	return each(rows, tokenRow.token), err
}

func (r tokenRow) token() access.Token {
	return access.Token{Name: r.Name, RankTenths: r.RankTenths, CreatedBy: r.CreatedBy, CreatedAtMS: r.CreatedAtMS,
		ExpiresAtMS: value(r.ExpiresAtMS), RevokedAtMS: value(r.RevokedAtMS), UsedAtMS: value(r.UsedAtMS)}
}
