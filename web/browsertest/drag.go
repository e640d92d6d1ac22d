package browsertest

import (
	"fmt"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// Drag takes the first element that fits one selector and drops it on the lower half of the first that fits another, with
// the mouse, in the steps that a hand would take.
func (b *Tab) Drag(from, to string) {
	b.t.Helper()
	x, y := b.at(from, "")
	goal := Eval[[]float64](b, fmt.Sprintf(`(() => { const r = document.querySelector(%s).getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height * 0.75] })()`, quote(to)))
	mouse := func(kind input.DispatchMouseEventType, x, y float64) chromedp.Action[chromedp.Void] {
		return chromedp.MouseEvent(kind, x, y, chromedp.ButtonLeft)
	}
	b.do("press "+from, mouse(input.DispatchMouseEventTypeMousePressed, x, y))
	time.Sleep(dragHold)
	for i := 1; i <= dragSteps; i++ {
		part := float64(i) / dragSteps
		b.do("drag "+from, mouse(input.DispatchMouseEventTypeMouseMoved, x+(goal[0]-x)*part, y+(goal[1]-y)*part))
		time.Sleep(dragPause)
	}
	time.Sleep(dragHold)
	b.do("drop "+from, mouse(input.DispatchMouseEventTypeMouseReleased, goal[0], goal[1]))
}
