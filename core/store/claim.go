package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync/atomic"

	"gorm.io/gorm"

	"playbill/core/fault"
	"playbill/core/shadow"
)

// Channel is one channel, claimed: the only way to change what is stored about it. It reads as a Reader does. Every
// write reads the fence in its own transaction and fails with fault.Fenced once another host has claimed the channel.
type Channel struct {
	*Reader
	fence int64
	ids   atomic.Int64 // the last entry id that was given out
	lock  *fileLock
}

// errHeld says that another open file holds a lock.
var errHeld = errors.New("the lock is held")

// Claim makes this process the channel's host: it takes the lock file beside the database, which the system drops when
// the process ends however it ends, and moves the fence, so that whatever an earlier host still wants to write is
// refused. holder says who we are, for the next one who is refused. Fails with fault.Standby while another process, or
// another claim of this one, has the channel.
func (db *DB) Claim(ctx context.Context, channel, holder string) (*Channel, error) {
	if db.writer == nil {
		return nil, fault.New(fault.Unsupported, "This database was opened for reading only.")
	}
	lock, err := takeLock(db.path + "." + url.PathEscape(channel) + ".lock")
	if errors.Is(err, errHeld) {
		return nil, db.standby(ctx, channel)
	}
	if err != nil {
		return nil, unusable(db.path, err)
	}
	c := &Channel{Reader: db.Read(channel), lock: lock}
	if err := db.writer.do(ctx, func(t *tx) error { return c.moveFence(t, holder) }); err != nil {
		return nil, errors.Join(err, lock.release())
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return nil, errors.Join(fault.New(fault.Stopping, "Playbill is stopping."), lock.release())
	}
	db.claims[c] = struct{}{}
	return c, nil
}

// Release gives the channel back. Nothing can be written through c afterwards by another host's leave.
func (c *Channel) Release() error {
	c.db.mu.Lock()
	_, mine := c.db.claims[c]
	delete(c.db.claims, c)
	c.db.mu.Unlock()
	if !mine {
		return nil
	}
	return c.lock.release()
}

// Fence returns the number of this claim.
func (c *Channel) Fence() int64 { return c.fence }

// NextEntry returns an id that no entry of this channel has had. In memory, no I/O.
func (c *Channel) NextEntry() shadow.EntryID { return shadow.EntryID(c.ids.Add(1)) }

// moveFence makes every earlier claim worthless and learns where the entry ids stand.
func (c *Channel) moveFence(t *tx, holder string) error {
	h, ok, err := t.head(c.channel)
	if err != nil {
		return err
	}
	if !ok {
		row := channelRow{Channel: c.channel, PromoState: "{}"}
		if err := t.Create(&row).Error; err != nil {
			return err
		}
		h = head{channelRow: row}
	}
	var last int64
	if err := t.Raw("SELECT COALESCE(MAX(entry_id), 0) FROM entries WHERE channel = ?", c.channel).Scan(&last).Error; err != nil {
		return err
	}
	h.Fence++
	h.Holder = holder
	t.keep(h)
	t.pass("claim")
	c.fence = h.Fence
	c.ids.Store(max(last, h.EntrySeq))
	return nil
}

// write runs work in the next transaction if the channel is still ours. h is the channel's row; work changes it in
// place.
func (c *Channel) write(ctx context.Context, work func(t *tx, h *head) error) error {
	return c.db.writer.do(ctx, c.ours(work))
}

// note runs work soon or not at all, if the channel is still ours.
func (c *Channel) note(ctx context.Context, work func(t *tx) error) {
	c.db.writer.note(ctx, c.ours(func(t *tx, _ *head) error { return work(t) }))
}

// ours keeps work from being done once another host has the channel.
func (c *Channel) ours(work func(t *tx, h *head) error) func(t *tx) error {
	return func(t *tx) error {
		h, ok, err := t.head(c.channel)
		if err != nil {
			return err
		}
		if !ok || h.Fence != c.fence {
			return c.fenced(h.Holder)
		}
		before := h
		if err := work(t, &h); err != nil {
			return err
		}
		if h != before {
			t.keep(h)
		}
		return nil
	}
}

func (c *Channel) fenced(holder string) error {
	return fault.New(fault.Fenced, fmt.Sprintf("Channel %q has been taken over by another Playbill host%s. This one writes nothing more.",
		c.channel, by(holder)))
}

func (db *DB) standby(ctx context.Context, channel string) error {
	var rows []channelRow
	err := db.Read(channel).read(ctx, func(q *gorm.DB) error {
		return q.Find(&rows, "channel = ?", channel).Error
	})
	if err != nil {
		return err
	}
	holder := ""
	if len(rows) > 0 {
		holder = rows[0].Holder
	}
	return fault.New(fault.Standby, fmt.Sprintf("Another Playbill host%s runs channel %q on this database. "+
		"Stop that one first, or let this one wait.", by(holder), channel))
}

func by(holder string) string {
	if holder == "" {
		return ""
	}
	return " (" + holder + ")"
}
