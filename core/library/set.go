package library

import "math/bits"

// set is a set of titles by number, a bit each.
type set []uint64

func newSet(n int) set { return make(set, (n+63)/64) }

// fullSet has all of n.
func fullSet(n int) set {
	s := newSet(n)
	for i := range s {
		s[i] = ^uint64(0)
	}
	if rest := n % 64; rest > 0 {
		s[len(s)-1] = 1<<rest - 1
	}
	return s
}

func (s set) add(i int) { s[i/64] |= 1 << (i % 64) }

func (s set) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

// keep removes what is not in other.
func (s set) keep(other set) {
	for i := range s {
		s[i] &= other[i]
	}
}

// join adds what is in other.
func (s set) join(other set) {
	for i := range s {
		s[i] |= other[i]
	}
}

// drop removes what is in other.
func (s set) drop(other set) {
	for i := range s {
		s[i] &^= other[i]
	}
}

// size is how many members there are.
func (s set) size() int {
	n := 0
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// all yields the numbers in order.
func (s set) all(yield func(int) bool) {
	for i, word := range s {
		for ; word != 0; word &= word - 1 {
			if !yield(i*64 + bits.TrailingZeros64(word)) {
				return
			}
		}
	}
}
