package browsertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The keys that Press takes beside letters.
const (
	KeyTab    = kb.Tab
	KeyEnter  = kb.Enter
	KeyEscape = kb.Escape
	KeySpace  = " "
	KeyDown   = kb.ArrowDown
	KeyUp     = kb.ArrowUp
)

// Tab is one open page of somebody. Its acts fail the test when they cannot be done. Not safe for concurrent use.
type Tab struct {
	t      testing.TB
	ctx    context.Context
	origin string
	watch  *watch
}

func newTab(t testing.TB, ctx context.Context, origin string) *Tab {
	t.Helper()
	w, err := newWatch(origin)
	if err != nil {
		t.Fatal(err)
	}
	tab := &Tab{t: t, ctx: ctx, origin: origin, watch: w}
	if err := errors.Join(chromedp.Listen(ctx, w.see), chromedp.Do(ctx, prepared)); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	tab.Screen(Desktop, false)
	t.Cleanup(func() {
		for _, fault := range tab.Faults() {
			t.Error(fault)
		}
	})
	return tab
}

// prepared makes a tab tell of violations in every document, and behave as the one in front: tests run side by side.
func prepared(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
	_, told := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: tellPolicy})
	_, front := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	return chromedp.Void{}, errors.Join(told, front)
}

// Another opens another tab of the same person.
func (b *Tab) Another() *Tab {
	b.t.Helper()
	ctx, end := chromedp.NewContext(b.ctx)
	b.t.Cleanup(end)
	return newTab(b.t, ctx, b.origin)
}

// For is the same tab for a part of a test: what goes wrong from here on fails that part. Expect and Screen are the tab's.
func (b *Tab) For(t testing.TB) *Tab {
	part := *b
	part.t = t
	t.Cleanup(func() {
		for _, fault := range part.Faults() {
			t.Error(fault)
		}
	})
	return &part
}

// Expect says that faults with this text in them are what the test wants to see: "404", "ERR_CONNECTION_REFUSED".
func (b *Tab) Expect(parts ...string) {
	b.watch.mu.Lock()
	defer b.watch.mu.Unlock()
	b.watch.expected = append(b.watch.expected, parts...)
}

// Faults returns what went wrong so far, and forgets it.
func (b *Tab) Faults() []string { return b.watch.take() }

// Loads returns what has been loaded since the last Open.
func (b *Tab) Loads() []Load { return b.watch.loaded() }

// do runs an act within the usual patience.
func (b *Tab) do(what string, acts ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, acts...); err != nil {
		b.t.Fatalf("%s: %v\nThe page says: %s", what, err, b.excerpt())
	}
}

// Open loads an address of the site, such as "/queue", and waits until it is complete.
func (b *Tab) Open(path string) {
	b.t.Helper()
	b.watch.forget()
	address := path
	if strings.HasPrefix(path, "/") {
		address = b.origin + path
	}
	b.do("open "+path, chromedp.Navigate(address))
}

// Screen makes the window as wide as Phone or Desktop, or any other number of CSS pixels, in a light or a dark system.
// Motion is reduced, so that what is looked at stands still; Motion allows it.
func (b *Tab) Screen(width int64, dark bool) {
	b.t.Helper()
	height := int64(deskHeight)
	if width <= Phone {
		height = phoneHeight
	}
	b.do("set the screen", chromedp.EmulateViewport(width, height), media(dark, true))
}

// Motion lets the page move, as for people who have not asked for less.
func (b *Tab) Motion() {
	b.t.Helper()
	b.do("allow motion", media(false, false))
}

func media(dark, still bool) chromedp.Action[chromedp.Void] {
	scheme, motion := "light", "no-preference"
	if dark {
		scheme = "dark"
	}
	if still {
		motion = "reduce"
	}
	params := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: motion}}}
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, params)
		return err
	})
}

// Scripts allows or forbids the scripts of pages that are opened from now on. What the test itself evaluates still runs.
func (b *Tab) Scripts(allowed bool) {
	b.t.Helper()
	b.do("switch scripts", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !allowed})
		return err
	}))
}

// Fresh empties the browser's cache: the next load is somebody's first.
func (b *Tab) Fresh() {
	b.t.Helper()
	b.do("empty the cache", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, network.ClearBrowserCache, cdp.Empty{})
		return err
	}))
}

// Eval evaluates an expression in the page; a promise is waited for.
func Eval[T any](b *Tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return out
}

// Until waits until an expression in the page is true. A page that changes meanwhile is asked again.
func (b *Tab) Until(what, expression string) {
	b.t.Helper()
	if !b.within(patience, expression) {
		b.t.Fatalf("not within %s: %s (%s)\nThe page %s says: %s", patience, what, expression, b.Path(), b.excerpt())
	}
}

func (b *Tab) within(limit time.Duration, expression string) bool {
	ctx, cancel := context.WithTimeout(b.ctx, limit)
	defer cancel()
	for ctx.Err() == nil {
		met, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if err == nil && met { // an error: the page is just being exchanged
			return true
		}
		select {
		case <-ctx.Done():
		case <-time.After(glance):
		}
	}
	return false
}

// UntilText waits until an element that fits a selector contains a text, however it is broken into lines.
func (b *Tab) UntilText(selector, text string) {
	b.t.Helper()
	b.Until(fmt.Sprintf("%s says %q", selector, text), fmt.Sprintf(`[...document.querySelectorAll(%s)].some((n) => n.innerText.replace(/\s+/g, ' ').includes(%s))`, quote(selector), quote(text)))
}

// UntilAt waits until the tab shows a path, and the page there is complete.
func (b *Tab) UntilAt(path string) {
	b.t.Helper()
	b.Until("the page "+path+" is open", fmt.Sprintf(`location.pathname === %s && document.readyState === 'complete'`, quote(path)))
}

// Text is the visible text of the first element that fits a selector, in one line; empty when there is none.
func (b *Tab) Text(selector string) string {
	b.t.Helper()
	return Eval[string](b, fmt.Sprintf(`(document.querySelector(%s)?.innerText ?? '').replace(/\s+/g, ' ').trim()`, quote(selector)))
}

// Count is how many elements fit a selector.
func (b *Tab) Count(selector string) int {
	b.t.Helper()
	return Eval[int](b, fmt.Sprintf(`document.querySelectorAll(%s).length`, quote(selector)))
}

// Path is the path of the address.
func (b *Tab) Path() string {
	b.t.Helper()
	return Eval[string](b, `location.pathname`)
}

// point is where a click on the first visible element that fits would land; null: nowhere, or on something else.
const point = `((selector, text) => {
	for (const n of document.querySelectorAll(selector)) {
		if (text && !n.textContent.includes(text)) continue;
		n.scrollIntoView({ block: 'center', behavior: 'instant' });
		const r = n.getClientRects()[0];
		if (!r || !r.width || !r.height) continue;
		const x = r.x + r.width / 2, y = r.y + r.height / 2;
		const top = document.elementFromPoint(x, y);
		if (top && (n.contains(top) || top.contains(n) || top.closest('label')?.control === n)) return [x, y];
	}
	return null;
})`

// at waits for the point of an element.
func (b *Tab) at(selector, text string) (x, y float64) {
	b.t.Helper()
	expression := fmt.Sprintf(`%s(%s, %s)`, point, quote(selector), quote(text))
	b.Until(fmt.Sprintf("%s %q can be pressed", selector, text), expression)
	where := Eval[[]float64](b, expression)
	if len(where) != 2 {
		b.t.Fatalf("%s %q is gone again", selector, text)
	}
	return where[0], where[1]
}

// Click presses the first visible element that fits a selector and contains a text, which may be empty, with the mouse.
func (b *Tab) Click(selector, text string) {
	b.t.Helper()
	x, y := b.at(selector, text)
	b.do("click "+selector, chromedp.MouseClickXY(x, y))
}

// Fill types into a field, in place of what is there.
func (b *Tab) Fill(selector, text string) {
	b.t.Helper()
	b.Until(selector+" is there", fmt.Sprintf(`document.querySelector(%s)`, quote(selector)))
	Eval[bool](b, fmt.Sprintf(`(() => { const n = document.querySelector(%s); n.focus(); n.select?.(); return true })()`, quote(selector)))
	b.do("empty "+selector, chromedp.KeyEvent(kb.Backspace))
	b.do("type into "+selector, chromedp.KeyEvent(text))
}

// Press presses keys where the focus is.
func (b *Tab) Press(keys string) {
	b.t.Helper()
	b.do("press a key", chromedp.KeyEvent(keys))
}

// PressShift presses a key with Shift.
func (b *Tab) PressShift(key string) {
	b.t.Helper()
	b.do("press a key", chromedp.KeyEvent(key, chromedp.KeyModifiers(kb.ModifierShift)))
}

// quote is a text as a literal of JavaScript.
func quote(text string) string {
	out, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return string(out)
}

// excerpt is the beginning of what the page says, for the message of a failure.
func (b *Tab) excerpt() string {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	if runes := []rune(text); len(runes) > grain {
		text = string(runes[:grain])
	}
	return strings.Join(strings.Fields(text), " ")
}

// Shot keeps a picture of the whole page as a PNG.
func (b *Tab) Shot(file string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o755)
	}
	if err == nil {
		err = os.WriteFile(file, picture, 0o600)
	}
	if err != nil {
		b.t.Fatalf("take %s: %v", file, err)
	}
}
