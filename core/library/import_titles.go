package library

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"playbill/sdk"
)

// ParseCSV reads titles from comma-separated lines. The first line names the columns, in any order: type, id, title and
// length are needed; year, categories, tags, people, description and art_url may be there; others are left out. A length is
// seconds, m:ss or h:mm:ss; categories, tags and people are parted by |; lines that begin with # are comments. Lines that cannot be
// read are problems, the rest is returned. The error is that of r.
func ParseCSV(r io.Reader) ([]Title, []Problem, error) {
	in := csv.NewReader(skipMark(r))
	in.Comment = '#'
	in.FieldsPerRecord = -1
	in.TrimLeadingSpace = true
	head, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil, []Problem{{1, "", "The file is empty. Its first line names the columns: type,id,title,length."}}, nil
	}
	if err != nil {
		return unreadable(in, err)
	}
	columns, missing := columnsOf(head)
	if missing != "" {
		line, _ := in.FieldPos(0)
		return nil, note(nil, line, joined(head), "The first line names the columns, and "+missing+" is not among them."), nil
	}
	return rowsOf(in, columns)
}

// skipMark drops the byte-order mark that some programs put before a file.
func skipMark(r io.Reader) io.Reader {
	in := bufio.NewReader(r)
	if mark, err := in.Peek(3); err == nil && string(mark) == "\ufeff" {
		if _, err := in.Discard(3); err != nil {
			return in // cannot happen: the bytes are buffered
		}
	}
	return in
}

// unreadable tells a broken first line from a reader that failed.
func unreadable(in *csv.Reader, err error) ([]Title, []Problem, error) {
	if _, ok := errors.AsType[*csv.ParseError](err); ok {
		return nil, note(nil, lineOf(in, err), "", "The first line cannot be read: "+reasonOf(err)+"."), nil
	}
	return nil, nil, err
}

// columnsOf returns the place of every column, or the name of one that must be there and is not.
func columnsOf(head []string) (columns map[string]int, missing string) {
	columns = map[string]int{}
	for i, name := range head {
		columns[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, name := range []string{"type", "id", "title", "length"} {
		if _, ok := columns[name]; !ok {
			return nil, name
		}
	}
	return columns, ""
}

func rowsOf(in *csv.Reader, columns map[string]int) ([]Title, []Problem, error) {
	var titles []Title
	var problems []Problem
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return titles, problems, nil
		}
		if _, broken := errors.AsType[*csv.ParseError](err); broken {
			problems = note(problems, lineOf(in, err), joined(row), "This line cannot be read: "+reasonOf(err)+".")
			continue
		}
		if err != nil {
			return titles, problems, err
		}
		line, _ := in.FieldPos(0)
		t, wrong := titleOf(func(name string) string {
			if i, ok := columns[name]; ok && i < len(row) {
				return strings.TrimSpace(strings.ToValidUTF8(row[i], "?"))
			}
			return ""
		})
		if wrong != "" {
			problems = note(problems, line, joined(row), wrong)
			continue
		}
		titles = append(titles, t)
	}
}

// joined is a row as its line was written, more or less.
func joined(row []string) string { return strings.ToValidUTF8(strings.Join(row, ","), "?") }

// lineOf is where a broken line begins.
func lineOf(in *csv.Reader, err error) int {
	if broken, ok := errors.AsType[*csv.ParseError](err); ok {
		return broken.StartLine
	}
	line, _ := in.FieldPos(0)
	return line
}

// reasonOf is what encoding/csv says, without its own line numbers.
func reasonOf(err error) string {
	if broken, ok := errors.AsType[*csv.ParseError](err); ok {
		return broken.Err.Error()
	}
	return err.Error()
}

// titleOf makes a title of named cells, or says in a sentence what is wrong.
func titleOf(cell func(name string) string) (Title, string) {
	ms, err := parseLength(cell("length"))
	if err != nil {
		return Title{}, fmt.Sprintf("%q is not a length: write seconds, m:ss or h:mm:ss.", cut(cell("length"), maxTag))
	}
	year := 0
	if text := cell("year"); text != "" {
		if year, err = strconv.Atoi(text); err != nil {
			return Title{}, fmt.Sprintf("%q is not a year.", cut(text, maxTag))
		}
	}
	t := Title{
		Media:       sdk.Media{Type: cell("type"), ID: cell("id"), Title: cell("title"), DurationMS: ms},
		Description: cell("description"), Year: year, ArtURL: cell("art_url"),
		Categories: parted(cell("categories")), Tags: parted(cell("tags")), People: parted(cell("people")),
	}
	if wrong := checkTitle(t); wrong != "" {
		return Title{}, "This title cannot be kept: " + wrong
	}
	return t, ""
}

// parted splits a cell at its bars.
func parted(cell string) []string {
	var list []string
	for part := range strings.SplitSeq(cell, "|") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// parseLength reads seconds, m:ss or h:mm:ss and returns milliseconds. An empty text is 0: not known.
func parseLength(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	parts := strings.Split(text, ":")
	if len(parts) > 3 {
		return 0, strconv.ErrSyntax
	}
	var seconds uint64
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil || (i > 0 && (n > 59 || len(part) != 2)) {
			return 0, strconv.ErrSyntax
		}
		seconds = seconds*60 + n
	}
	if seconds > maxLength/1000 {
		return 0, strconv.ErrRange
	}
	return int64(seconds) * 1000, nil
}

// titleJSON is one title of an import file.
type titleJSON struct {
	Type        string   `json:"type"`
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Length      int64    `json:"length"` // seconds
	Year        int      `json:"year"`
	Categories  []string `json:"categories"`
	Tags        []string `json:"tags"`
	People      []string `json:"people"`
	Description string   `json:"description"`
	ArtURL      string   `json:"art_url"`

	// Of the audit trail; an import does not set them.
	ClosedFromMS int64 `json:"closed_from_ms,omitempty"`
	ClosedToMS   int64 `json:"closed_to_ms,omitempty"`
	Gone         bool  `json:"gone,omitempty"`
}

// ParseJSON reads titles from a JSON array of objects with the names of [ParseCSV]'s columns; length is a number of
// seconds, categories, tags and people are arrays. Objects that cannot be kept are problems, named by the line they end on; after
// one that is not JSON at all nothing more can be read. The error is that of r.
func ParseJSON(r io.Reader) ([]Title, []Problem, error) {
	text, err := io.ReadAll(skipMark(r))
	if err != nil {
		return nil, nil, err
	}
	in := json.NewDecoder(bytes.NewReader(text))
	line := func() int { return 1 + bytes.Count(text[:in.InputOffset()], []byte("\n")) }
	if open, err := in.Token(); err != nil || open != json.Delim('[') {
		return nil, note(nil, line(), "", "The file is not a JSON array of titles."), nil
	}
	var titles []Title
	var problems []Problem
	for in.More() {
		var one json.RawMessage
		if err := in.Decode(&one); err != nil {
			return titles, note(problems, line(), "", "From here on the file is not JSON: "+err.Error()+"."), nil
		}
		t, wrong := titleOfJSON(one)
		if wrong != "" {
			problems = note(problems, line(), strings.ToValidUTF8(string(one), "?"), wrong)
			continue
		}
		titles = append(titles, t)
	}
	if _, err := in.Token(); err != nil {
		problems = note(problems, line(), "", "The file ends in the middle of the array.")
	}
	return titles, problems, nil
}

func titleOfJSON(one json.RawMessage) (Title, string) {
	var in titleJSON
	if err := json.Unmarshal(one, &in); err != nil {
		if odd, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && odd.Field != "" {
			return Title{}, fmt.Sprintf("%q cannot be a %s.", odd.Field, odd.Value)
		}
		return Title{}, "This is not an object with type, id, title and length."
	}
	if in.Length < 0 || in.Length > maxLength/1000 {
		return Title{}, "Its length is not between nothing and a week."
	}
	t := Title{
		Media:       sdk.Media{Type: in.Type, ID: in.ID, Title: strings.TrimSpace(in.Title), DurationMS: in.Length * 1000},
		Description: in.Description, Year: in.Year, ArtURL: in.ArtURL, Categories: in.Categories, Tags: in.Tags, People: in.People,
	}
	if wrong := checkTitle(t); wrong != "" {
		return Title{}, "This title cannot be kept: " + wrong
	}
	return t, ""
}
