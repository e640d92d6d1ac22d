// Package art keeps the pictures of titles: fetched once from hosts that the owner allows, checked, and served from a
// directory of bounded size, so that a viewer's browser asks nobody but us.
package art

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/gif"  // the forms that a picture may have
	_ "image/jpeg" // beside PNG
	_ "image/png"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"playbill/core/outside"
)

// ErrNone means that there is no picture: it could not be fetched, or is none.
var ErrNone = errors.New("art: there is no picture")

// Site fetches: *outside.Client.
type Site interface {
	Get(ctx context.Context, address string, header http.Header, limit int64) (outside.Reply, error)
}

// Picture is a picture in its form.
type Picture struct {
	Type string // image/png, image/jpeg or image/gif
	Body []byte
}

// Cache is a directory of pictures. Safe for concurrent use.
type Cache struct {
	dir  string
	most int64 // bytes
	site Site
	gate chan struct{} // capacity fetchesMax: so many are fetched at a time
	now  func() time.Time

	mu     sync.Mutex
	size   int64
	failed map[string]time.Time // what could not be fetched, and when it may be tried again
}

// Open returns the cache in a directory, which is made if it is not there. What exceeds most bytes is removed, what was
// fetched longest ago first.
func Open(dir string, most int64, site Site, now func() time.Time) (*Cache, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of pictures: %w", err)
	}
	c := &Cache{dir: dir, most: most, site: site, now: now, gate: make(chan struct{}, fetchesMax), failed: map[string]time.Time{}}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c, c.trim()
}

// Get returns the picture at an address, from the directory or from its site. ErrNone: there is none.
func (c *Cache) Get(ctx context.Context, address string) (Picture, error) {
	name := nameOf(address)
	if p, err := c.read(name); err == nil {
		return p, nil
	}
	if c.failing(name) {
		return Picture{}, ErrNone
	}
	select {
	case c.gate <- struct{}{}:
		defer func() { <-c.gate }()
	case <-ctx.Done():
		return Picture{}, ctx.Err()
	}
	if p, err := c.read(name); err == nil { // somebody else has fetched it meanwhile
		return p, nil
	}
	p, err := c.fetch(ctx, address)
	if err != nil {
		if ctx.Err() == nil {
			c.fails(name)
		}
		return Picture{}, fmt.Errorf("%w: %w", ErrNone, err)
	}
	return p, c.keep(name, p)
}

func nameOf(address string) string {
	sum := sha256.Sum256([]byte(address))
	return hex.EncodeToString(sum[:16])
}

func (c *Cache) read(name string) (Picture, error) {
	body, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil {
		return Picture{}, err
	}
	return checked(body)
}

func (c *Cache) fetch(ctx context.Context, address string) (Picture, error) {
	r, err := c.site.Get(ctx, address, http.Header{"Accept": {"image/png, image/jpeg, image/gif"}}, pictureMax)
	if err != nil {
		return Picture{}, err
	}
	if r.Status != http.StatusOK {
		return Picture{}, fmt.Errorf("the site answers %d", r.Status)
	}
	return checked(r.Body)
}

// checked takes bytes for a picture when they are one: by their own form, whatever the site calls them, of a size that a
// browser can draw.
func checked(body []byte) (Picture, error) {
	conf, form, err := image.DecodeConfig(bytes.NewReader(body))
	if err != nil {
		return Picture{}, err
	}
	if conf.Width <= 0 || conf.Height <= 0 || conf.Width > sideMax || conf.Height > sideMax {
		return Picture{}, fmt.Errorf("a picture of %d by %d", conf.Width, conf.Height)
	}
	kind := "image/" + form
	if sniffed := http.DetectContentType(body); sniffed != kind {
		return Picture{}, fmt.Errorf("a picture of two forms, %s and %s", kind, sniffed)
	}
	return Picture{Type: kind, Body: body}, nil
}

// keep stores a picture whole or not at all, and makes room.
func (c *Cache) keep(name string, p Picture) error {
	if _, _, err := image.Decode(bytes.NewReader(p.Body)); err != nil { // once, before it is shown to anybody
		c.fails(name)
		return fmt.Errorf("%w: %w", ErrNone, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	file := filepath.Join(c.dir, name)
	if err := os.WriteFile(file+half, p.Body, 0o600); err != nil {
		return fmt.Errorf("keep a picture: %w", err)
	}
	if err := os.Rename(file+half, file); err != nil {
		return fmt.Errorf("keep a picture: %w", err)
	}
	if c.size += int64(len(p.Body)); c.size <= c.most {
		return nil
	}
	return c.trim()
}

// half ends the name of a file that is not whole yet.
const half = ".half"

// trim counts the directory and removes the oldest pictures until the rest takes nine tenths of what it may.
func (c *Cache) trim() error {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return fmt.Errorf("read the directory of pictures: %w", err)
	}
	var files []fs.FileInfo
	c.size = 0
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue // it is gone, or none of ours
		}
		if strings.HasSuffix(e.Name(), half) {
			_ = os.Remove(filepath.Join(c.dir, e.Name())) // of a host that died; the next trim tries again
			continue
		}
		files, c.size = append(files, info), c.size+info.Size()
	}
	if c.size <= c.most {
		return nil
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, f := range files {
		if c.size <= c.most/10*9 {
			break
		}
		if err := os.Remove(filepath.Join(c.dir, f.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("make room for pictures: %w", err)
		}
		c.size -= f.Size()
	}
	return nil
}

// failing reports whether a picture could not be fetched a short time ago.
func (c *Cache) failing(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now().Before(c.failed[name])
}

func (c *Cache) fails(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.failed) >= failedMax {
		clear(c.failed) // so many at once: each is tried once more
	}
	c.failed[name] = c.now().Add(retryAfter)
}
