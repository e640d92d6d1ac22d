package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"playbill/core/pay"
)

// normalize gives every value the one form in which a file would hold it, and returns what is wrong with them: for a
// configuration that did not come from a file. Each problem carries the field's path.
func normalize(c *Config) Problems {
	found := normalizePart(wholeFile(c), "")
	c.settle()
	if len(found) > 0 {
		return found
	}
	return crossing(c)
}

// normalizePart gives every field its own value once more: what it would refuse from a file it refuses from anywhere.
func normalizePart(p *part, path string) Problems {
	if p.free != nil {
		return normalizeSettings(p.free, path)
	}
	var found Problems
	for _, f := range p.fields {
		if v := f.get(); !f.set(v) {
			found = append(found, Problem{Field: join(path, f.name),
				Sentence: fmt.Sprintf("%s must be %s, not %s.", f.name, f.want, shown(v))})
		}
	}
	for _, o := range p.ones {
		found = append(found, normalizePart(o.part, join(path, o.name))...)
	}
	for _, n := range p.named {
		for _, label := range n.labels() {
			at := join(join(path, n.name), label)
			inner, why := n.open(label)
			if why != "" {
				found = append(found, Problem{Field: at, Sentence: why})
				continue
			}
			found = append(found, normalizePart(inner, at)...)
		}
	}
	for _, rs := range p.rows {
		for _, row := range rs.list() {
			found = append(found, normalizePart(row, rowPath(join(path, rs.name), row))...)
		}
	}
	return found
}

// normalizeSettings is for settings that came as JSON: one object whose keys can be arguments of a block.
func normalizeSettings(f *free, path string) Problems {
	json := f.get()
	if len(json) > maxSettingsBytes {
		return Problems{{Field: path, Sentence: fmt.Sprintf("These settings are larger than %d bytes.", maxSettingsBytes)}}
	}
	v, err := unmarshal(json)
	if err != nil || v.IsNull() || !v.Type().IsObjectType() {
		return Problems{{Field: path, Sentence: "Settings are one JSON object."}}
	}
	var found Problems
	for _, key := range slices.Sorted(keys(v)) {
		at := join(path, key)
		if !isArgument(key) {
			found = append(found, Problem{Field: at,
				Sentence: fmt.Sprintf("The key %q cannot stand in the file: a key is letters, digits, _ and -.", key)})
		}
		if !spellable(v.GetAttr(key)) {
			found = append(found, Problem{Field: at, Sentence: key + " holds a number that is too large or too fine."})
		}
	}
	if len(found) > 0 {
		return found
	}
	if json, err = marshal(v); err != nil {
		return Problems{{Field: path, Sentence: "Settings are one JSON object."}}
	}
	f.set(json)
	return nil
}

// cross adds the problems between fields, each at its place in the file.
func (r *reader) cross(c *Config) {
	for _, p := range crossing(c) {
		r.refuse(r.place(p.Field), p.Field, p.Sentence)
	}
}

// crossing checks what no field can know alone.
func crossing(c *Config) Problems {
	var found Problems
	if c.Store.Driver == "postgres" {
		found = append(found, Problem{Field: "store.driver",
			Sentence: `The store driver "postgres" is not built into this version. Use "sqlite".`})
	}
	if c.Channel.Driver == CyTube && c.Channel.Password == "" {
		found = append(found, Problem{Field: "channel." + c.Channel.Name + ".driver",
			Sentence: "The driver \"cytube\" needs the password of the bot's account. Set password, for example to env.CYTUBE_PASSWORD."})
	}
	if c.Channel.Driver == CyTube && !isRoom(c.Channel.RoomName()) {
		found = append(found, Problem{Field: "channel." + c.Channel.Name + ".driver",
			Sentence: "A channel's name on CyTube has at most 30 characters. Set channel to the name that it has there."})
	}
	if c.Channel.Polls() && c.Presence.CheckIntervalMS < c.Channel.PollMS {
		found = append(found, Problem{Field: "presence.check_interval_seconds",
			Sentence: "check_interval_seconds must be at least the channel's poll_interval_seconds: a check cannot know more than the last poll."})
	}
	found = append(found, c.promoTypes()...)
	for _, p := range c.Pay.Check() {
		found = append(found, Problem{Field: payField(c.Pay, p.Pointer), Sentence: p.Sentence})
	}
	return found
}

// promoTypes refuses types that nobody can offer. With a plugin beside the bundled ones any type may be its own: that is
// seen when it has started.
func (c *Config) promoTypes() Problems {
	for id := range c.Plugins {
		if !slices.Contains(Bundled(), id) {
			return nil
		}
	}
	var found Problems
	unknown := func(field, id string) {
		found = append(found, Problem{Field: field, Sentence: fmt.Sprintf(
			"No plugin offers the promo type %q. The types are %s; for another, add its plugin.", id, strings.Join(BuiltInTypes(), ", "))})
	}
	for _, id := range c.Promos.LeadInOrder {
		if !slices.Contains(BuiltInTypes(), id) {
			unknown("promos.lead_in_order", id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.Promos.Types)) {
		if !slices.Contains(BuiltInTypes(), id) {
			unknown("promos.type."+id, id)
		}
	}
	return found
}

// payField is the path of what pay.Rules.Check points to: "/price/1/coins" is pay.price[2100].coins.
func payField(r pay.Rules, pointer string) string {
	steps := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	path := join("pay", steps[0])
	if len(steps) < 2 {
		return path
	}
	i, err := strconv.Atoi(steps[1])
	for _, rs := range payPart(&r).rows {
		if list := rs.list(); rs.name == steps[0] && err == nil && i < len(list) {
			path = rowPath(path, list[i])
		}
	}
	if len(steps) > 2 {
		path = join(path, steps[2])
	}
	return path
}
