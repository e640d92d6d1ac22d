package station

import (
	"context"

	"playbill/core/channel"
	"playbill/core/fault"
	"playbill/sdk"
)

// ProbeMedia asks the channel whether it takes a media: it is added at the end for a moment and removed again. When the
// channel takes it, what it refused before is forgotten. Faults as for AddEntry; Unknown: it may still come, and goes then.
func (s *Station) ProbeMedia(ctx context.Context, m sdk.Media) (Edited, error) {
	return s.edit(ctx, func(ctx context.Context, h *hands) (Edited, error) { return h.probe(ctx, m) })
}

func (h *hands) probe(ctx context.Context, m sdk.Media) (Edited, error) {
	if h.View().Gate.PromosClosed {
		return Edited{}, fault.New(fault.EventLock, "An event is on, so nothing is tried on the channel. Try again when it is over.")
	}
	got, err := h.addExtra(ctx, Extra{Media: m, Temp: true, To: Spot{Where: End}})
	if err != nil {
		return got, err
	}
	err = h.tell(context.WithoutCancel(ctx), func(m *mind, _ *Turn) error {
		e := m.shadow.Find(got.Entry)
		if e == nil {
			return nil // it is gone already
		}
		if got.Outcome == channel.Done {
			m.promo = m.promo.Accepted(e.Media.Key().ClipKey())
		}
		n := *e
		n.Leaving = ByPerson
		m.withEntry(&n)
		return nil
	})
	return got, err
}
