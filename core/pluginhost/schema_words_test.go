package pluginhost

import (
	"testing"

	"playbill/sdk"
)

// TestProblemsAreInWords holds that a person can read what the validator finds, and never reads the value.
func TestProblemsAreInWords(t *testing.T) {
	s, err := newSchema([]byte(`{"type":"object","additionalProperties":false,"required":["name"],"properties":{
		"name":{"type":"string","minLength":2,"maxLength":4,"pattern":"^[a-z0-9]+$"},"n":{"type":"integer","minimum":1,"maximum":9},
		"half":{"type":"number","exclusiveMinimum":0.5,"multipleOf":0.5},"way":{"enum":["up","down",3]},"on":{"type":"boolean"},
		"list":{"type":"array","minItems":1,"maxItems":2,"uniqueItems":true,"items":{"type":"string"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for settings, want := range map[string]sdk.Problem{
		`{}`:                             {Pointer: "", Sentence: "What must be there is missing: name."},
		`{"name":"a"}`:                   {Pointer: "/name", Sentence: "This must have at least 2 characters."},
		`{"name":"secret"}`:              {Pointer: "/name", Sentence: "This must have at most 4 characters."},
		`{"name":"A B"}`:                 {Pointer: "/name", Sentence: "This must match ^[a-z0-9]+$."},
		`{"name":"ab","n":0}`:            {Pointer: "/n", Sentence: "This must be 1 or more."},
		`{"name":"ab","n":10}`:           {Pointer: "/n", Sentence: "This must be 9 or less."},
		`{"name":"ab","n":"x"}`:          {Pointer: "/n", Sentence: "This must be a whole number."},
		`{"name":"ab","half":0.5}`:       {Pointer: "/half", Sentence: "This must be more than 0.5."},
		`{"name":"ab","half":0.7}`:       {Pointer: "/half", Sentence: "This must be a multiple of 0.5."},
		`{"name":"ab","way":"left"}`:     {Pointer: "/way", Sentence: "This must be “up”, “down” or 3."},
		`{"name":"ab","on":1}`:           {Pointer: "/on", Sentence: "This must be on or off."},
		`{"name":"ab","list":[]}`:        {Pointer: "/list", Sentence: "This must have at least 1 line."},
		`{"name":"ab","list":["a","a"]}`: {Pointer: "/list", Sentence: "Nothing may stand here twice."},
		`{"name":"ab","list":[1]}`:       {Pointer: "/list/0", Sentence: "This must be a text."},
		`{"name":"ab","tea":1}`:          {Pointer: "", Sentence: "The plugin knows no setting tea."},
	} {
		if _, got := s.check([]byte(settings)); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %+v, want %+v", settings, got, want)
		}
	}
}
