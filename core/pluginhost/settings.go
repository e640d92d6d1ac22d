package pluginhost

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"google.golang.org/protobuf/proto"

	"playbill/sdk"
	"playbill/sdk/plugin/pluginpb"
)

// schemaURL names a plugin's schema inside the compiler; nothing is ever loaded from it.
const schemaURL = "plugin:settings"

// errNoLoading: a schema stands alone. A $ref must not make the host read files or open sockets.
var errNoLoading = errors.New("a settings schema refers only to itself")

// CheckSettings says what is wrong with settings, with defaults filled in: by the schema, then by the plugin itself when
// it is running. Of a plugin that was never described nothing is known, and nothing is found wrong.
func (h *Host) CheckSettings(ctx context.Context, name string, settings []byte) []sdk.Problem {
	u := h.unit(name)
	if u == nil {
		return []sdk.Problem{{Sentence: unknownPlugin(name).Error()}}
	}
	_, problems := u.vet(ctx, settings)
	return problems
}

// SetSettings checks settings and, when nothing is wrong with them, uses them from the next call on. A plugin that could
// not run with the old ones is tried again.
func (h *Host) SetSettings(ctx context.Context, name string, settings []byte, revision uint64) []sdk.Problem {
	u := h.unit(name)
	if u == nil {
		return []sdk.Problem{{Sentence: unknownPlugin(name).Error()}}
	}
	filled, problems := u.vet(ctx, settings)
	if len(problems) > 0 {
		return problems
	}
	u.mu.Lock()
	u.settings, u.filled, u.revision = settings, filled, revision
	u.mu.Unlock()
	u.nudge()
	return nil
}

// vet checks settings as far as the plugin is known now, and returns them with defaults filled in.
func (u *unit) vet(ctx context.Context, settings []byte) ([]byte, []sdk.Problem) {
	u.mu.Lock()
	known, live := u.known, u.live
	u.mu.Unlock()
	if known == nil {
		return settings, nil
	}
	filled, problems := known.settings.check(settings)
	if len(problems) > 0 || live == nil {
		return filled, problems
	}
	problems, err := live.configure(ctx, filled)
	if err != nil {
		return nil, []sdk.Problem{{Sentence: fmt.Sprintf("%s could not check the settings: %v. Nothing was changed.", u.spec.Name, err)}}
	}
	return filled, problems
}

// schema is a plugin's settings schema, ready for use. The zero value is a plugin without settings.
type schema struct {
	compiled *jsonschema.Schema
	document map[string]any
}

// newSchema compiles a plugin's schema. It must describe an object.
func newSchema(text []byte) (schema, error) {
	if len(text) == 0 {
		return schema{}, nil
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return schema{}, fmt.Errorf("the settings schema is not JSON: %w", err)
	}
	object, ok := document.(map[string]any)
	if !ok {
		return schema{}, errors.New("the settings schema is not a JSON object")
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(noLoader{})
	if err := compiler.AddResource(schemaURL, document); err != nil {
		return schema{}, fmt.Errorf("the settings schema cannot be used: %w", err)
	}
	compiled, err := compiler.Compile(schemaURL)
	if err != nil {
		return schema{}, fmt.Errorf("the settings schema cannot be used: %w", err)
	}
	return schema{compiled: compiled, document: object}, nil
}

type noLoader struct{}

// Load refuses.
func (noLoader) Load(string) (any, error) { return nil, errNoLoading }

// check fills in defaults and validates. Empty settings are an empty object.
func (s schema) check(settings []byte) ([]byte, []sdk.Problem) {
	if len(bytes.TrimSpace(settings)) == 0 {
		settings = []byte("{}")
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(settings))
	if err != nil {
		return nil, []sdk.Problem{{Sentence: "The settings are not JSON: " + err.Error() + "."}}
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, []sdk.Problem{{Sentence: "The settings are not a JSON object."}}
	}
	if s.compiled == nil {
		if len(object) > 0 {
			return nil, []sdk.Problem{{Sentence: "This plugin has no settings."}}
		}
		return []byte("{}"), nil
	}
	fill(s.document, object)
	if err := s.compiled.Validate(object); err != nil {
		return nil, problemsOf(err)
	}
	filled, err := json.Marshal(object)
	if err != nil {
		return nil, []sdk.Problem{{Sentence: "The settings cannot be written as JSON: " + err.Error() + "."}}
	}
	return filled, nil
}

// fill puts the defaults of a schema's properties into an object, and into the objects inside it.
func fill(schema, object map[string]any) {
	properties, _ := schema["properties"].(map[string]any)
	for name, of := range properties {
		property, ok := of.(map[string]any)
		if !ok {
			continue
		}
		if standard, has := property["default"]; has {
			if _, set := object[name]; !set {
				object[name] = copied(standard)
			}
		}
		if inner, ok := object[name].(map[string]any); ok {
			fill(property, inner)
		}
	}
}

// copied is a JSON value that shares nothing with the schema it came from.
func copied(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, inner := range v {
			out[name] = copied(inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = copied(inner)
		}
		return out
	default:
		return v
	}
}

// problemsOf lists the innermost faults that validation found, each with its place.
func problemsOf(err error) []sdk.Problem {
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return []sdk.Problem{{Sentence: err.Error()}}
	}
	var problems []sdk.Problem
	for _, unit := range invalid.BasicOutput().Errors {
		if unit.Error == nil || strings.HasPrefix(unit.Error.String(), "validation failed") {
			continue
		}
		problems = append(problems, sdk.Problem{Pointer: unit.InstanceLocation, Sentence: inWords(unit.Error.Kind, sentence(unit.Error.String()))})
	}
	if len(problems) == 0 {
		problems = []sdk.Problem{{Sentence: sentence(invalid.Error())}}
	}
	return problems
}

func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// configure asks a running plugin about settings that fit its schema.
func (p *process) configure(ctx context.Context, filled []byte) ([]sdk.Problem, error) {
	ctx, cancel := context.WithTimeout(ctx, configureTimeout)
	defer cancel()
	request, err := proto.Marshal(&pluginpb.ConfigureRequest{Settings: filled})
	if err != nil {
		return nil, err
	}
	answer, err := p.invoke(ctx, pluginpb.Plugin_Configure_FullMethodName, request)
	if err != nil {
		return nil, err
	}
	var reply pluginpb.ConfigureReply
	if err := proto.Unmarshal(answer, &reply); err != nil {
		return nil, err
	}
	var problems []sdk.Problem
	for _, r := range reply.GetProblems() {
		problems = append(problems, sdk.Problem{Pointer: r.GetPointer(), Sentence: oneLine(r.GetSentence(), noteBytes)})
	}
	return problems, nil
}
