package library

import (
	"fmt"

	"playbill/sdk"
	"playbill/sdk/rotate"
)

// Terms are when the item may air as a clip. Windows that cannot be read, which only a store of another hand may hold, are
// never open.
func (i Item) Terms() sdk.Terms {
	windows, err := rotate.ParseWindows(i.Windows)
	if err != nil {
		windows = []sdk.Window{{}}
	}
	return sdk.Terms{StartsAtMS: i.StartsAtMS, EndsAtMS: i.EndsAtMS, Windows: windows, RestMS: int64(i.RestMinutes) * 60_000}
}

// poolsOf returns the clips per promo type: playlists by creation, then position, the same media once.
func poolsOf(playlists []Playlist) map[string][]sdk.Clip {
	pools := map[string][]sdk.Clip{}
	seen := map[string]map[sdk.Key]bool{}
	for _, p := range playlists {
		if p.PromoType == "" {
			continue
		}
		if seen[p.PromoType] == nil {
			seen[p.PromoType] = map[sdk.Key]bool{}
			pools[p.PromoType] = []sdk.Clip{}
		}
		for _, item := range p.Items {
			key := item.Media.Key()
			if seen[p.PromoType][key] || len(pools[p.PromoType]) == maxPool {
				continue
			}
			seen[p.PromoType][key] = true
			pools[p.PromoType] = append(pools[p.PromoType], sdk.Clip{
				Key: key.ClipKey(), Media: item.Media, Tags: item.Tags, Evergreen: item.Evergreen, Terms: item.Terms(),
			})
		}
	}
	return pools
}

// reservedBy says of every media in a non-preemptable playlist or a pool why it cannot be requested. The first playlist
// names the reason.
func reservedBy(playlists []Playlist) map[sdk.Key]string {
	reserved := map[sdk.Key]string{}
	for _, p := range playlists {
		var why string
		switch {
		case p.Immutable:
			why = fmt.Sprintf("the non-preemptable playlist “%s”", p.Name)
		case p.PromoType != "":
			why = fmt.Sprintf("the pool of %s, playlist “%s”", p.PromoType, p.Name)
		default:
			continue
		}
		for _, item := range p.Items {
			if _, known := reserved[item.Media.Key()]; !known {
				reserved[item.Media.Key()] = why
			}
		}
	}
	return reserved
}
