package browsertest

import (
	_ "embed" // for axe-core
	"fmt"
	"strings"
)

// axe is axe-core 4.14.1 (Deque Systems, MPL-2.0), for tests only: it is in no program.
//
//go:embed testdata/axe-core/axe.min.js
var axe string

// run asks axe for violations of WCAG 2.2 up to AA and of its best practices.
const run = `(async () => {
	const only = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'] };
	const found = await axe.run(document, { runOnly: only, resultTypes: ['violations'] });
	return found.violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + v.help + ' at ' + n.target.join(' ') + ' ' + n.html.slice(0, 160) +
		' ' + (n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? '')));
})`

// Check returns what axe-core finds wrong with the page as it is.
func (b *Tab) Check() []string {
	b.t.Helper()
	if Eval[string](b, `typeof axe`) != "object" {
		Eval[string](b, axe+"\n'loaded'")
	}
	return Eval[[]string](b, run+"()")
}

// Wide returns what makes the page wider than the window; empty: nothing does.
func (b *Tab) Wide() string {
	b.t.Helper()
	return strings.TrimSpace(Eval[string](b, `(() => {
		const root = document.documentElement, most = root.clientWidth;
		if (root.scrollWidth <= most) return '';
		const far = [...document.body.querySelectorAll('*')].filter((n) => n.getBoundingClientRect().right > most + 1);
		return root.scrollWidth + ' px wide: ' + far.slice(0, 5).map((n) => n.tagName.toLowerCase() + '.' + n.className).join(', ');
	})()`))
}

// Focused describes what has the focus: its tag, then its label or text.
func (b *Tab) Focused() string {
	b.t.Helper()
	return Eval[string](b, `(() => { const n = document.activeElement; if (!n || n === document.body) return 'body';
		return n.tagName.toLowerCase() + ' ' + (n.getAttribute('aria-label') ?? n.innerText ?? '').trim().replace(/\s+/g, ' ') })()`)
}

// FocusRing reports whether what has the focus shows it: an outline at least so many pixels thick.
func (b *Tab) FocusRing(pixels int) bool {
	b.t.Helper()
	return Eval[bool](b, fmt.Sprintf(`(() => { const s = getComputedStyle(document.activeElement);
		return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= %d })()`, pixels))
}
