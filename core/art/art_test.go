package art_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"playbill/core/art"
	"playbill/core/outside"
)

// site answers with what it was given.
type site struct {
	replies map[string]outside.Reply
	asked   int
}

func (s *site) Get(_ context.Context, address string, _ http.Header, limit int64) (outside.Reply, error) {
	s.asked++
	r, ok := s.replies[address]
	if !ok || int64(len(r.Body)) > limit {
		return r, outside.ErrHost
	}
	return r, nil
}

func picture(side int) []byte {
	var b bytes.Buffer
	m := image.NewGray(image.Rect(0, 0, side, side))
	for i := range m.Pix {
		m.Pix[i] = byte(i * i * 31)
	}
	_ = png.Encode(&b, m)
	return b.Bytes()
}

func open(t *testing.T, dir string, most int64, s *site, now func() time.Time) *art.Cache {
	c, err := art.Open(dir, most, s, now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPictures(t *testing.T) {
	whole := picture(8)
	s := &site{replies: map[string]outside.Reply{
		"good":   {Status: 200, Type: "text/html", Body: whole}, // what the site calls it does not count
		"page":   {Status: 200, Type: "image/png", Body: []byte("<html><script>")},
		"svg":    {Status: 200, Type: "image/svg+xml", Body: []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)},
		"gone":   {Status: 404, Body: whole},
		"cut":    {Status: 200, Body: whole[:len(whole)-20]},
		"empty":  {Status: 200},
		"absurd": {Status: 200, Body: absurd(whole)},
	}}
	now := time.Unix(1000, 0)
	dir := filepath.Join(t.TempDir(), "art")
	c := open(t, dir, 1<<20, s, func() time.Time { return now })
	for range 2 {
		if p, err := c.Get(t.Context(), "good"); err != nil || p.Type != "image/png" || !bytes.Equal(p.Body, whole) {
			t.Errorf("%+v %v", p.Type, err)
		}
	}
	for _, address := range []string{"page", "svg", "gone", "cut", "empty", "absurd", "elsewhere"} {
		for range 2 {
			if _, err := c.Get(t.Context(), address); !errors.Is(err, art.ErrNone) {
				t.Errorf("%s: %v", address, err)
			}
		}
	}
	if s.asked != 8 {
		t.Errorf("%d requests: each address is asked once", s.asked)
	}
	now = now.Add(time.Hour)
	_, _ = c.Get(t.Context(), "gone")
	if s.asked != 9 {
		t.Error("what failed is never tried again")
	}
	again := open(t, dir, 1<<20, &site{}, time.Now)
	if _, err := again.Get(t.Context(), "good"); err != nil {
		t.Errorf("after a restart: %v", err)
	}
}

// absurd is a picture that says it is larger than anybody can draw: the width of a PNG stands in bytes 16 to 19.
func absurd(whole []byte) []byte {
	b := bytes.Clone(whole)
	b[16] = 0x7f
	return b
}

func TestBounded(t *testing.T) {
	s := &site{replies: map[string]outside.Reply{}}
	for i := range 50 {
		s.replies[fmt.Sprint(i)] = outside.Reply{Status: 200, Body: picture(64)}
	}
	dir := t.TempDir()
	most := int64(10 * len(picture(64)))
	c := open(t, dir, most, s, time.Now)
	for i := range 50 {
		if _, err := c.Get(t.Context(), fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	files, _ := os.ReadDir(dir)
	if len(files) == 0 || len(files) > 10 {
		t.Errorf("%d pictures are kept", len(files))
	}
}
