package till_test

import (
	"context"
	"errors"
	"testing"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/core/pay"
	"playbill/core/till"
)

// TestAFullDiskClosesTheDesk holds that a hold which could not be written is told to the station, and no other refusal.
func TestAFullDiskClosesTheDesk(t *testing.T) {
	for _, one := range []struct {
		err  error
		told int
	}{
		{fault.New(fault.Journal, "The disk is full."), 1},
		{fault.New(fault.Balance, "Too little."), 0},
		{errors.New("a fault of our own"), 0},
	} {
		d, _ := open(t)
		d.holdErr = one.err
		told := 0
		desk := till.New(till.Options{Book: d, Floor: d, Catalog: d, Rules: func() pay.Rules { return d.rules }, Now: func() int64 { return now },
			Unwritten: func(err error) {
				if !errors.Is(err, one.err) {
					t.Errorf("told of %v", err)
				}
				told++
			}})
		wish := till.Wish{RequestKey: "k", Media: film().Key(), Tier: pay.Queue, PriceShown: 250}
		if _, err := desk.Buy(context.Background(), till.Actor{Key: "ada", Name: "Ada"}, wish); !errors.Is(err, one.err) || told != one.told {
			t.Errorf("%v: answered %v, told %d times", one.err, err, told)
		}
	}
}

// TestATokenIsNoWayAroundAMute holds that who is muted in the room does not buy by token either.
func TestATokenIsNoWayAroundAMute(t *testing.T) {
	d, desk := open(t)
	ada := till.Actor{Key: "ada", Name: "Ada", Token: true, RankTenths: 10}
	for muted, want := range map[bool]fault.Code{false: "", true: fault.Blocked} {
		d.view.People = []channel.User{{Key: "ada", Name: "Ada", RankTenths: 10, Muted: muted}}
		q, err := desk.Quote(context.Background(), ada, film().Key(), pay.Queue)
		if err != nil || want == "" && q.Refusal != nil || want != "" && !fault.Is(q.Refusal, want) {
			t.Errorf("muted %t: %v, %v", muted, q.Refusal, err)
		}
	}
}
