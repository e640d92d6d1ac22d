// Package browsertest drives the pages in a real browser: a headless Chromium, one process for a test run, with people whose
// cookies are their own. Whatever a page does wrong while a test looks at it fails that test: an error on the console, a
// violation of the content security policy, an exception that nobody caught, a request that failed, a request to another
// origin. Check asks axe-core for what is hard to perceive or to operate.
//
// It serves tests only. Without a browser they skip; see Find.
package browsertest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/chromedp/chromedp"
)

// Variable names the browser for the tests: a path, or a name on the PATH.
const Variable = "PLAYBILL_CHROMIUM"

// ErrNoBrowser is why tests skip.
var ErrNoBrowser = errors.New("no Chromium: install it or name it in " + Variable)

// Browser is one running browser. Safe for concurrent use.
type Browser struct {
	ctx context.Context
	end context.CancelFunc
}

// Find returns the path of the browser: what Variable names, else the first of the usual names that is there. The error is
// ErrNoBrowser.
func Find() (string, error) {
	for _, name := range []string{os.Getenv(Variable), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNoBrowser
}

// Start starts the browser at a path with a profile of its own in the temporary folder. It runs until Close.
func Start(path string) (*Browser, error) {
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
		chromedp.NoSandbox,  // the tests open nothing but their own pages, and may run as root
		chromedp.DisableGPU, // there is none to be relied on
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("no-pings", true),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("lang", "en-GB"),
		chromedp.WSURLReadTimeout(startWait),
	)
	allocated, free := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, end := chromedp.NewContext(allocated)
	b := &Browser{ctx: ctx, end: func() { end(); free() }}
	if err := chromedp.Do(ctx); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// Close ends the browser with all of its tabs, and waits for it.
func (b *Browser) Close() { b.end() }

// Visit opens an empty tab for somebody new, who has no cookies, on the site at an origin such as "http://127.0.0.1:8080".
// The tab is closed when the test ends; what went wrong in it until then fails the test.
func (b *Browser) Visit(t testing.TB, origin string) *Tab {
	t.Helper()
	ctx, end := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(end)
	return newTab(t, ctx, origin)
}
