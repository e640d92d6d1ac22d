package pages

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"playbill/core/fault"
	"playbill/web/session"
)

//go:embed assets
var assets embed.FS

// file is one asset as it is served.
type file struct {
	text   []byte
	packed func() []byte // gzip, made when it is first asked for; nil: that does not make it smaller
	kind   string        // its content type
	tag    string        // of text, without quotes
}

// dressed reads all assets and returns them by path with a short word for all of them together.
func dressed(all fs.FS) (map[string]file, string, error) {
	files, whole := map[string]file{}, sha256.New()
	err := fs.WalkDir(all, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(all, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(whole, "%s %d\n", name, len(text))
		whole.Write(text)
		sum := sha256.Sum256(text)
		files[strings.TrimPrefix(name, "assets/")] = file{text: text, kind: contentType(name), tag: hex.EncodeToString(sum[:])[:tagLength],
			packed: sync.OnceValue(func() []byte { return packed(text) })}
		return nil
	})
	return files, hex.EncodeToString(whole.Sum(nil))[:tagLength], err
}

// packed is a text in gzip, as small as that gets it; nil when it does not get smaller.
func packed(text []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(text)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil || out.Len() >= len(text) { // a buffer takes everything: there is no error
		return nil
	}
	return out.Bytes()
}

// Asset serves one file. Under the present version it may be kept for ever; under another one it is the present file, and
// a browser asks again each time.
func (p *Pages) Asset(c *gin.Context, _ session.Who) error {
	one, ok := p.files[strings.TrimPrefix(path.Clean("/"+c.Param("file")), "/")]
	if !ok {
		return fault.New(fault.NotFound, "There is no such file.")
	}
	h := c.Writer.Header()
	h.Set("Cache-Control", "no-cache")
	if c.Param("version") == p.version {
		h.Set("Cache-Control", "public, max-age="+strconv.Itoa(int(assetAge.Seconds()))+", immutable")
	}
	text, tag := one.text, one.tag
	h.Set("Vary", "Accept-Encoding")
	if AcceptsGzip(c.Request.Header) && one.packed() != nil {
		h.Set("Content-Encoding", "gzip")
		text, tag = one.packed(), tag+"-gzip" // another encoding is another representation (RFC 9110, section 8.8.3.3)
	}
	h.Set("ETag", strconv.Quote(tag))
	if has(c.GetHeader("If-None-Match"), strconv.Quote(tag)) {
		h.Del("Content-Encoding")
		c.Status(http.StatusNotModified)
		return nil
	}
	c.Data(http.StatusOK, one.kind, text)
	return nil
}

// has reports whether an If-None-Match names a tag.
func has(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if strings.TrimPrefix(strings.TrimSpace(one), "W/") == tag {
			return true
		}
	}
	return false
}

// AcceptsGzip reports whether who asks can read gzip (RFC 9110, section 12.5.3). Nobody who can says so only with "*".
func AcceptsGzip(h http.Header) bool {
	for one := range strings.SplitSeq(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		name, params, _ := strings.Cut(one, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		q, weighed := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		weight, err := strconv.ParseFloat(q, 64)
		return !weighed || err == nil && weight > 0
	}
	return false
}

// contentType does not ask the machine's tables: a module with a wrong type is not run.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}
