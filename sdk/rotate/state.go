package rotate

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"playbill/sdk"
)

// The bounds of a state. 500 clips of one type take 4 KB in sequence, 5.4 KB as a deck: two types fit the 16 KB that the
// host asks plugins to stay below.
const (
	stateVersion = 1
	maxTurns     = 16   // promo types of one plugin
	maxName      = 64   // bytes of a promo type
	maxClips     = 500  // clips of one slot
	maxKeys      = 1000 // clips remembered per list
	keyBytes     = 8
)

// errGarbage is a state that this package did not write.
var errGarbage = errors.New("rotate: unreadable state")

// id is a clip key in eight bytes.
type id uint64

// none is no clip.
const none id = 0

// idOf folds a clip key. The host's keys are 16 hex digits and fold without loss; any other text is hashed.
func idOf(key string) id {
	if key == "" {
		return none
	}
	raw, err := hex.DecodeString(key)
	if err != nil || len(raw) != keyBytes {
		sum := sha256.Sum256([]byte(key))
		raw = sum[:keyBytes]
	}
	return max(id(binary.BigEndian.Uint64(raw)), none+1)
}

// memory is a plugin's whole state: one turn per promo type, by name.
type memory struct{ turns []turn }

// turn is what is remembered of one promo type.
type turn struct {
	name   string
	last   id   // sequential: the clip that was picked last
	order  []id // sequential: pool order, clips that are missing now in their old place
	deck   []id // shuffle: still to come in this pass, top first
	played []id // shuffle: drawn in this pass, in order
	seam   []id // shuffle: the last third of the pass before
}

// turn returns the entry of a promo type, made if need be. The pointer is good until the next call.
func (m *memory) turn(name string) *turn {
	name = name[:min(len(name), maxName)]
	i, found := slices.BinarySearchFunc(m.turns, name, func(t turn, name string) int { return strings.Compare(t.name, name) })
	if !found && len(m.turns) == maxTurns {
		m.turns, i = nil, 0
	}
	if !found {
		m.turns = slices.Insert(m.turns, i, turn{name: name})
	}
	return &m.turns[i]
}

// bytes is the state on the wire: version, then each turn as name, last, order, deck, played, seam.
func (m *memory) bytes() []byte {
	out := []byte{stateVersion}
	out = binary.AppendUvarint(out, uint64(len(m.turns)))
	for _, t := range m.turns {
		out = binary.AppendUvarint(out, uint64(len(t.name)))
		out = append(out, t.name...)
		out = binary.BigEndian.AppendUint64(out, uint64(t.last))
		for _, list := range [][]id{t.order, t.deck, t.played, t.seam} {
			out = binary.AppendUvarint(out, uint64(len(list)))
			for _, key := range list {
				out = binary.BigEndian.AppendUint64(out, uint64(key))
			}
		}
	}
	return out
}

// remember reads a state. Garbage is an empty memory: the rotation starts anew.
func remember(state []byte) *memory {
	m, err := parse(state)
	if err != nil {
		return &memory{}
	}
	return m
}

func parse(state []byte) (*memory, error) {
	m := &memory{}
	if len(state) == 0 {
		return m, nil
	}
	if state[0] != stateVersion {
		return nil, errGarbage
	}
	r := reader{rest: state[1:]}
	for range r.count(maxTurns) {
		t := turn{name: string(r.take(r.count(maxName)))}
		t.last = r.id()
		for _, list := range []*[]id{&t.order, &t.deck, &t.played, &t.seam} {
			*list = r.ids()
		}
		if len(m.turns) > 0 && t.name <= m.turns[len(m.turns)-1].name || twice(t.order) || twice(t.deck, t.played) || twice(t.seam) {
			return nil, errGarbage
		}
		m.turns = append(m.turns, t)
	}
	if r.bad || len(r.rest) > 0 {
		return nil, errGarbage
	}
	return m, nil
}

// reader takes bytes off the front until something does not fit; from then on it gives zeros.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) count(most int) int {
	n, size := binary.Uvarint(r.rest)
	if r.bad || size <= 0 || n > uint64(most) {
		r.bad = true
		return 0
	}
	r.rest = r.rest[size:]
	return int(n)
}

func (r *reader) take(n int) []byte {
	if r.bad || len(r.rest) < n {
		r.bad = true
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) id() id {
	raw := r.take(keyBytes)
	if raw == nil {
		return none
	}
	return id(binary.BigEndian.Uint64(raw))
}

func (r *reader) ids() []id {
	raw := r.take(r.count(maxKeys) * keyBytes)
	list := make([]id, 0, len(raw)/keyBytes)
	for ; len(raw) > 0; raw = raw[keyBytes:] {
		list = append(list, id(binary.BigEndian.Uint64(raw)))
	}
	return list
}

// twice reports whether a clip is in the lists more than once, or is none.
func twice(lists ...[]id) bool {
	seen := map[id]bool{none: true}
	for _, list := range lists {
		for _, key := range list {
			if seen[key] {
				return true
			}
			seen[key] = true
		}
	}
	return false
}

func idsOf(clips []sdk.Clip) []id {
	ids := make([]id, len(clips))
	for i, c := range clips {
		ids[i] = idOf(c.Key)
	}
	return ids
}

func setOf(ids []id) map[id]bool {
	set := make(map[id]bool, len(ids))
	for _, key := range ids {
		set[key] = true
	}
	return set
}
