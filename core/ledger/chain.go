package ledger

import (
	"crypto/sha256"
	"encoding/binary"
)

// chainVersion opens every encoding, so that a later form can never be taken for this one.
const chainVersion = "playbill.transfer.1"

// Link gives a transfer its place behind the transfer whose hash is prev; before the first one prev is all zeros.
func (t Transfer) Link(seq int64, prev [32]byte) Transfer {
	t.Seq, t.Prev = seq, prev
	t.Hash = t.Sum()
	return t
}

// Sum is the SHA-256 over everything that the transfer says and over the hash of the one before it, so that nobody can
// change, drop, add or reorder a transfer without changing every later one. UserName is left out: people change how
// their name is spelled.
func (t Transfer) Sum() [32]byte {
	buf := make([]byte, 0, 512)
	buf = text(buf, chainVersion)
	buf = number(buf, t.Seq)
	buf = text(buf, t.Kind)
	buf = text(buf, string(t.Debit))
	buf = text(buf, string(t.Credit))
	buf = text(buf, t.User)
	buf = number(buf, int64(t.Amount))
	buf = text(buf, t.Purchase)
	buf = text(buf, t.Key)
	buf = text(buf, t.Reason)
	buf = text(buf, t.Actor)
	buf = number(buf, t.AtMS)
	buf = append(buf, t.Prev[:]...)
	return sha256.Sum256(buf)
}

// Inputs is the SHA-256 over what was asked for, without place, time and key: two requests with one idempotency key are
// the same request when their Inputs are equal.
func (t Transfer) Inputs() [32]byte {
	buf := make([]byte, 0, 256)
	buf = text(buf, t.Kind)
	buf = text(buf, string(t.Debit))
	buf = text(buf, string(t.Credit))
	buf = text(buf, t.User)
	buf = number(buf, int64(t.Amount))
	buf = text(buf, t.Purchase)
	buf = text(buf, t.Reason)
	buf = text(buf, t.Actor)
	return sha256.Sum256(buf)
}

// text is length-prefixed, so that no two lists of fields have the same bytes.
func text(buf []byte, s string) []byte {
	buf = binary.BigEndian.AppendUint64(buf, uint64(len(s)))
	return append(buf, s...)
}

func number(buf []byte, n int64) []byte { return binary.BigEndian.AppendUint64(buf, uint64(n)) }
