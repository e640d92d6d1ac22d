package store

// some stores the zero value as NULL.
func some[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// value reads NULL as the zero value.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// blob is never NULL: no bytes and no value are different things in the columns that take it.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// each turns rows into nouns.
func each[R, N any](rows []R, noun func(R) N) []N {
	out := make([]N, len(rows))
	for i, r := range rows {
		out[i] = noun(r)
	}
	return out
}

// page bounds the length of a list that is read in pages.
func page(limit int) int {
	if limit <= 0 || limit > rowsMax {
		return rowsMax
	}
	return limit
}
