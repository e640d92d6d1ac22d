package ledger

// Imported is what became of a list of grants that may have been booked before.
type Imported struct {
	New    int      // booked now
	Coins  Coins    // their sum
	Again  int      // booked before, with the same amount
	Differ []string // booked before with another amount or reason, and left as they are: names as they were given now
}

// Add takes in what became of another part of the list.
func (i *Imported) Add(part Imported) {
	i.New += part.New
	i.Coins += part.Coins
	i.Again += part.Again
	i.Differ = append(i.Differ, part.Differ...)
}
