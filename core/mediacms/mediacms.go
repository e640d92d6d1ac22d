// Package mediacms makes titles of the media of a MediaCMS site (mediacms.io): its list is read page by page, what is new is
// asked for its details and its manifest is probed, and what vanished there leaves the catalog. It changes nothing there.
package mediacms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"playbill/core/fault"
	"playbill/core/outside"
	"playbill/sdk"
)

// Kind is the kind of its jobs.
const Kind = "mediacms"

// manifestType is CyTube's name of a custom manifest; the media's id is the manifest's address.
const manifestType = "cm"

// manifestPath is where MediaCMS-CyTube serves the manifest of a media.
const manifestPath = "/api/v1/media/cytube/%s.json?format=json"

// Web fetches: *outside.Client, for the site's host alone.
type Web interface {
	Get(ctx context.Context, address string, header http.Header, limit int64) (outside.Reply, error)
}

// site is a MediaCMS site as its API has it (/api/v1/media, https://docs.mediacms.io/developers_docs/).
type site struct {
	base  string // without a slash at its end
	token string
	web   Web
}

// public is the state of a media that everybody may see.
const public = "public"

// page is one page of the list.
type page struct {
	Count   int64   `json:"count"`
	Next    *string `json:"next"`
	Results []media `json:"results"`
}

// media is one media as the list has it.
type media struct {
	Token        string      `json:"friendly_token"`
	Title        string      `json:"title"`
	Description  string      `json:"description"`
	MediaType    string      `json:"media_type"`      // video, audio, image, pdf
	State        string      `json:"state"`           // public, unlisted, private; not every version says
	Encoding     string      `json:"encoding_status"` // success, running, pending, fail
	Duration     json.Number `json:"duration"`        // seconds
	ThumbnailURL string      `json:"thumbnail_url"`
	AddDate      string      `json:"add_date"`
}

// details is what only the page of one media has.
type details struct {
	State      string  `json:"state"`
	Tags       []named `json:"tags_info"`
	Categories []named `json:"categories_info"`
}

type named struct {
	Title string `json:"title"`
}

// manifest is CyTube's custom media manifest, as far as it is looked at.
type manifest struct {
	Title    string      `json:"title"`
	Duration json.Number `json:"duration"` // seconds
	Live     bool        `json:"live"`
	Sources  []struct {
		URL string `json:"url"`
	} `json:"sources"`
}

// list reads one page, counted from 1. Beyond the last there is an empty one.
func (s site) list(ctx context.Context, number int64) (page, error) {
	r, err := s.get(ctx, fmt.Sprintf("%s/api/v1/media?page=%d", s.base, number), pageMax)
	switch {
	case err != nil:
		return page{}, err
	case r.Status == http.StatusNotFound && number > 1: // the list has become shorter
		return page{}, nil
	case r.Status == http.StatusUnauthorized || r.Status == http.StatusForbidden:
		return page{}, fault.New(fault.Invalid, "The site refuses the token. Put a valid one in the mediacms block of the configuration.")
	case r.Status != http.StatusOK:
		return page{}, fmt.Errorf("page %d of the list: the site answers %d", number, r.Status)
	}
	var p page
	if err := json.Unmarshal(r.Body, &p); err != nil {
		return page{}, fmt.Errorf("page %d of the list is not what MediaCMS answers: %w", number, err)
	}
	return p, nil
}

// look reads the details of one media. there is false when the site says that it is not there, or not for us.
func (s site) look(ctx context.Context, token string) (d details, there bool, err error) {
	r, err := s.get(ctx, s.base+"/api/v1/media/"+url.PathEscape(token), pageMax)
	switch {
	case err != nil:
		return d, false, err
	case r.Status == http.StatusNotFound || r.Status == http.StatusGone || r.Status == http.StatusForbidden || r.Status == http.StatusUnauthorized:
		return d, false, nil
	case r.Status != http.StatusOK:
		return d, false, fmt.Errorf("the site answers %d", r.Status)
	}
	if err := json.Unmarshal(r.Body, &d); err != nil {
		return d, false, fmt.Errorf("the details are not what MediaCMS answers: %w", err)
	}
	return d, d.State == "" || d.State == public, nil
}

// errManifest is wrapped by what is wrong with a manifest; anything else may be the network's.
var errManifest = errors.New("mediacms: the channel will not take this manifest")

// probe asks for a manifest as the channel will: 200, JSON, at most 100 KB, with a length and a source. Without a token: the
// channel has none.
func (s site) probe(ctx context.Context, address string) (m manifest, err error) {
	r, err := s.web.Get(ctx, address, nil, manifestMax)
	switch {
	case errors.Is(err, outside.ErrLong):
		return m, fmt.Errorf("%w: it is longer than 100 KB", errManifest)
	case err != nil:
		return m, err
	case r.Status >= http.StatusInternalServerError || r.Status == http.StatusTooManyRequests:
		return m, fmt.Errorf("the site answers %d", r.Status)
	case r.Status != http.StatusOK:
		return m, fmt.Errorf("%w: the site answers %d", errManifest, r.Status)
	case r.Type != "application/json":
		return m, fmt.Errorf("%w: it is %q and not application/json", errManifest, r.Type)
	}
	if err := json.Unmarshal(r.Body, &m); err != nil {
		return m, fmt.Errorf("%w: it is not JSON", errManifest)
	}
	switch {
	case m.Live || seconds(m.Duration) <= 0:
		return m, fmt.Errorf("%w: it has no length", errManifest)
	case len(m.Sources) == 0:
		return m, fmt.Errorf("%w: it has no source", errManifest)
	}
	for _, source := range m.Sources {
		if !strings.HasPrefix(source.URL, "https://") {
			return m, fmt.Errorf("%w: a source is not linked by https", errManifest)
		}
	}
	return m, nil
}

func (s site) get(ctx context.Context, address string, limit int64) (outside.Reply, error) {
	header := http.Header{"Accept": {"application/json"}}
	if s.token != "" {
		header.Set("Authorization", "Token "+s.token)
	}
	return s.web.Get(ctx, address, header, limit)
}

// keyOf is what the channel takes for a media: never its page, never its token alone.
func (s site) keyOf(token string) sdk.Key {
	return sdk.Key{Type: manifestType, ID: s.base + fmt.Sprintf(manifestPath, url.PathEscape(token))}
}

// tokenOf is the token of a media of this site; false: it is none.
func (s site) tokenOf(k sdk.Key) (string, bool) {
	before, after, _ := strings.Cut(manifestPath, "%s")
	rest, ours := strings.CutPrefix(k.ID, s.base+before)
	token, whole := strings.CutSuffix(rest, after)
	if k.Type != manifestType || !ours || !whole {
		return "", false
	}
	token, err := url.PathUnescape(token)
	return token, err == nil
}

// absolute is an address of the site, which may have been given without its host.
func (s site) absolute(address string) string {
	if strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//") {
		return s.base + address
	}
	return address
}

// seconds reads a number of seconds; 0: it is none.
func seconds(n json.Number) int64 {
	f, err := n.Float64()
	if err != nil || f < 0 || f > lengthMax.Seconds() {
		return 0
	}
	return int64(f)
}

// final reports whether asking again would bring the same.
func final(err error) bool {
	return fault.Of(err) != nil || errors.Is(err, errManifest) || errors.Is(err, outside.ErrHost) || errors.Is(err, outside.ErrPrivate) ||
		errors.Is(err, outside.ErrLong)
}

// sentenceOf puts what is wrong with a manifest into a sentence.
func sentenceOf(err error) string {
	_, why, _ := strings.Cut(err.Error(), errManifest.Error()+": ")
	return "The channel will not take its manifest: " + why + "."
}
