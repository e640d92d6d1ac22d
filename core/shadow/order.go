package shadow

import "sort"

// OrdGap is the distance between neighbours when orders are dealt out anew. An insert takes the middle of a gap, so
// that one row is written; after twenty inserts at one place the whole list is dealt anew.
const OrdGap = 1 << 20

// settleOrder gives every entry an Ord that grows along the list, changing as few entries as it can. It may replace
// elements of list, which must not be shared.
func settleOrder(list []*Entry) {
	from, to := unsettled(list)
	if from >= to {
		return
	}
	keep := growing(list[from:to], lowerBound(list, from), upperBound(list, to))
	if fillGaps(list, from, to, keep) {
		return
	}
	for i := range list {
		setOrd(list, i, int64(i+1)*OrdGap)
	}
}

// unsettled returns the smallest range outside which the orders grow already.
func unsettled(list []*Entry) (from, to int) {
	n := len(list)
	from = 0
	for from < n && list[from].Ord > lowerBound(list, from) {
		from++
	}
	to = n
	for to > from && list[to-1].Ord < upperBound(list, to) && list[to-1].Ord != 0 {
		to--
	}
	// What precedes the range grows, what follows it grows; the ends of the two may still overlap.
	for from > 0 && to < n && list[from-1].Ord >= list[to].Ord {
		from--
	}
	return from, to
}

func lowerBound(list []*Entry, i int) int64 {
	if i == 0 {
		return 0
	}
	return list[i-1].Ord
}

func upperBound(list []*Entry, i int) int64 {
	if i >= len(list) {
		return int64(1) << 62
	}
	return list[i].Ord
}

// growing marks a longest run of entries whose orders grow and lie strictly between low and high: those keep theirs.
func growing(list []*Entry, low, high int64) []bool {
	keep := make([]bool, len(list))
	var tails []int // index of the smallest last order of a run of each length
	prev := make([]int, len(list))
	for i, e := range list {
		prev[i] = -1
		if e.Ord <= low || e.Ord >= high {
			continue
		}
		k := sort.Search(len(tails), func(k int) bool { return list[tails[k]].Ord >= e.Ord })
		if k > 0 {
			prev[i] = tails[k-1]
		}
		if k == len(tails) {
			tails = append(tails, i)
		} else {
			tails[k] = i
		}
	}
	if len(tails) == 0 {
		return keep
	}
	for i := tails[len(tails)-1]; i >= 0; i = prev[i] {
		keep[i] = true
	}
	return keep
}

// fillGaps deals orders to the entries that do not keep theirs, evenly between those that do. It reports false, having
// changed nothing that matters, when some gap is used up.
func fillGaps(list []*Entry, from, to int, keep []bool) bool {
	for i := from; i < to; {
		if keep[i-from] {
			i++
			continue
		}
		end := i
		for end < to && !keep[end-from] {
			end++
		}
		low, high := lowerBound(list, i), upperBound(list, end)
		step := (high - low) / int64(end-i+1)
		if end == len(list) {
			step = OrdGap
		}
		if step == 0 {
			return false
		}
		for k := i; k < end; k++ {
			setOrd(list, k, low+step*int64(k-i+1))
		}
		i = end
	}
	return true
}

func setOrd(list []*Entry, i int, ord int64) {
	if list[i].Ord == ord {
		return
	}
	e := *list[i]
	e.Ord = ord
	list[i] = &e
}
