package pages

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"playbill/web/api"
)

// setting is one field of a plugin's settings form, made of its JSON Schema.
type setting struct {
	ID, Name, Pointer string
	Label, Hint       string
	Kind              string // text, number, flag, choice, list, json, or env: set from the environment and not shown
	Value             string
	On                bool // of a flag
	Choices           []offered
	Min, Max, Step    string
	Placeholder       string // what holds while it is empty
	Optional          bool   // empty: it is left out
	Must              bool
}

// offered is one value of a field that offers some. Its value is JSON.
type offered struct {
	Value, Label string
	On           bool
}

// property is what a schema says about one setting.
type property struct {
	name string
	rule map[string]any
}

// settingsOf makes the form of a plugin's settings: the schema's properties in its order, then what is set beside them.
func settingsOf(schema []byte, conf api.PluginConfig) []setting {
	set := values(conf.Settings)
	required := listOf(values(schema)["required"])
	var out []setting
	seen := map[string]bool{}
	for _, p := range properties(schema) {
		seen[p.name] = true
		s := fieldOf(p, set[p.name], slices.Contains(required, p.name))
		if given, has := conf.Given[p.name]; has {
			s.Placeholder, s.Hint = plainJSON(given), strings.TrimSpace(s.Hint+" Empty: as the promo settings have it, "+plainJSON(given)+".")
		}
		if slices.Contains(conf.FromEnv, p.name) {
			s = setting{ID: s.ID, Name: s.Name, Label: s.Label, Kind: "env", Hint: s.Hint}
		}
		out = append(out, s)
	}
	for _, name := range conf.FromEnv {
		if !seen[name] {
			out = append(out, setting{ID: "set-" + name, Name: name, Label: name, Kind: "env"})
		}
	}
	return out
}

// properties are those of a schema in the order in which their author wrote them.
func properties(schema []byte) []property {
	var top struct{ Properties json.RawMessage }
	if len(schema) == 0 || json.Unmarshal(schema, &top) != nil || len(top.Properties) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(top.Properties))
	d.UseNumber()
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil
	}
	var out []property
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return out
		}
		var rule any
		if err := d.Decode(&rule); err != nil {
			return out
		}
		key, _ := name.(string)
		fields, _ := rule.(map[string]any)
		out = append(out, property{key, fields})
	}
	return out
}

func fieldOf(p property, value any, must bool) setting {
	s := setting{ID: "set-" + p.name, Name: p.name, Pointer: "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(p.name),
		Label: cmp.Or(textOf(p.rule["title"]), p.name), Hint: textOf(p.rule["description"]), Optional: !must, Must: must}
	standard := p.rule["default"]
	if standard != nil {
		s.Placeholder = jsonWords(standard)
	}
	switch kind := textOf(p.rule["type"]); {
	case p.rule["enum"] != nil:
		s.choose(p.rule["enum"], cmpOr(value, standard))
	case kind == "boolean":
		s.Kind = "flag"
		s.On, _ = cmpOr(value, standard).(bool)
	case kind == "integer" || kind == "number":
		s.Kind, s.Value, s.Step = "number", jsonWords(value), "any"
		if kind == "integer" {
			s.Step = "1"
		}
		s.Min, s.Max = jsonWords(p.rule["minimum"]), jsonWords(p.rule["maximum"])
	case kind == "string":
		s.Kind, s.Value = "text", textOf(value)
	case kind == "array" && textOf(mapOf(p.rule["items"])["type"]) == "string":
		s.Kind, s.Value = "list", strings.Join(listOf(value), "\n")
		s.Placeholder = strings.Join(listOf(standard), "\n")
	default:
		s.Kind, s.Value = "json", jsonWords(value)
	}
	return s
}

func (s *setting) choose(among, now any) {
	s.Kind = "choice"
	all, _ := among.([]any)
	found := false
	for _, one := range all {
		text := jsonText(one)
		c := offered{Value: text, Label: capital(strings.ReplaceAll(jsonWords(one), "_", " ")), On: now != nil && text == jsonText(now)}
		found = found || c.On
		s.Choices = append(s.Choices, c)
	}
	if !found {
		s.Choices = append([]offered{{Label: "not set", On: true}}, s.Choices...)
	}
}

// values is a JSON object, its numbers as they were written.
func values(object []byte) map[string]any {
	d := json.NewDecoder(bytes.NewReader(object))
	d.UseNumber()
	var out map[string]any
	if d.Decode(&out) != nil {
		return nil
	}
	return out
}

func textOf(v any) string {
	text, _ := v.(string)
	return text
}

func mapOf(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func listOf(v any) []string {
	all, _ := v.([]any)
	var out []string
	for _, one := range all {
		out = append(out, jsonWords(one))
	}
	return out
}

// jsonWords is a value as a field shows it: texts bare, the rest as JSON, nothing as nothing.
func jsonWords(v any) string {
	if text, is := v.(string); is {
		return text
	}
	if v == nil {
		return ""
	}
	return jsonText(v)
}

func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}

func plainJSON(text string) string { return strings.Trim(text, `"`) }

// cmpOr is the first value that is one.
func cmpOr(a, b any) any {
	if a != nil {
		return a
	}
	return b
}
