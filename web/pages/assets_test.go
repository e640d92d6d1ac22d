package pages

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"testing"
)

// TestVendor pins what others have written: nothing else lies in the folder, each file is as its author published it, and
// its licence is there.
func TestVendor(t *testing.T) {
	want := map[string]string{
		"htmx.min.js":     "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130", // 4.0.1
		"Sortable.min.js": "bf4241bc73fef7f11c59a283a69fe8051cdd31c6d8ff5a2b9ba219e7831fcf76", // 1.15.7
	}
	licences, err := assets.ReadFile("assets/vendor/LICENSES.txt")
	if err != nil {
		t.Fatal(err)
	}
	list, err := fs.ReadDir(assets, "assets/vendor")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range list {
		if one.Name() == "LICENSES.txt" {
			continue
		}
		text, err := assets.ReadFile(path.Join("assets/vendor", one.Name()))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		if got := hex.EncodeToString(sum[:]); got != want[one.Name()] {
			t.Errorf("%s has the checksum %s, want %q", one.Name(), got, want[one.Name()])
		}
		if !bytes.Contains(licences, []byte("---- "+one.Name())) {
			t.Errorf("LICENSES.txt does not name %s", one.Name())
		}
		delete(want, one.Name())
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

// TestPacked unpacks every asset that is served packed.
func TestPacked(t *testing.T) {
	files, _, err := dressed(assets)
	if err != nil {
		t.Fatal(err)
	}
	smaller := 0
	for name, one := range files {
		if one.packed() == nil {
			continue
		}
		in, err := gzip.NewReader(bytes.NewReader(one.packed()))
		if err != nil {
			t.Fatal(err)
		}
		if back, err := io.ReadAll(in); err != nil || !bytes.Equal(back, one.text) {
			t.Errorf("%s does not unpack to itself: %v", name, err)
		}
		smaller++
	}
	if files["playbill.css"].packed() == nil || smaller < 10 {
		t.Errorf("only %d files are packed", smaller)
	}
}

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "br, gzip": true, "GZIP;q=0.5": true, "gzip;q=0": false, "gzip; q=0.0, br": false, "gzipped": false, "*": false, "gzip;q=x": false,
	} {
		if got := AcceptsGzip(http.Header{"Accept-Encoding": strings.Split(header, "|")}); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
}
