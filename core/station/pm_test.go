package station_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"playbill/core/fault"
)

// TestPM: a message is told at once, by the hands, and what became of it is reported.
func TestPM(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		if err := w.start(); err != nil {
			t.Fatal(err)
		}
		defer func() {
			w.halt()
			_ = w.room.Close()
		}()
		if err := w.room.Join("ada", 10); err != nil {
			t.Fatal(err)
		}
		w.settle()
		if err := w.st.PM(t.Context(), "ada", "/Your code is\n123456"); err != nil {
			t.Fatal(err)
		}
		if told := w.room.PMs("ada"); len(told) != 1 || !strings.HasSuffix(told[0].Text, "Your code is 123456") || strings.HasPrefix(told[0].Text, "/") {
			t.Errorf("told %+v", told)
		}
		if err := w.st.PM(t.Context(), "nobody", "x"); !fault.Is(err, fault.Missing) {
			t.Errorf("somebody who is not there: %v", err)
		}
	})
}

func TestPMWithoutAChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		if err := w.start(); err != nil {
			t.Fatal(err)
		}
		if err := w.room.Close(); err != nil {
			t.Fatal(err)
		}
		w.settle()
		if err := w.st.PM(t.Context(), "ada", "x"); !fault.Is(err, fault.ChannelDown) {
			t.Errorf("%v", err)
		}
		w.halt()
	})
}
