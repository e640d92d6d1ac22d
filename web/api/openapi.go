package api

import (
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"playbill/web/live"
	"playbill/web/session"
)

// Operation is one line of the API's description. A test holds the lines against the routes.
type Operation struct {
	Method, Path string // the path as gin has it
	Level        session.Level
	Summary      string
	Query        []string // parameters; one that must be there ends with "!"
	Keyed        bool     // takes an Idempotency-Key
	Body         any      // what is sent; nil: nothing
	Status       int      // when all is well
	Answer       any      // what comes back; nil: nothing, or an object that its summary describes
}

// Operations is the whole API.
func Operations() []Operation {
	const get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	const public, viewer, admin = session.Public, session.Viewer, session.Admin
	media := []string{"type!", "id!"}
	return append(slices.Concat(libraryOperations(), orderOperations(), officeOperations(), moneyOperations(), eventOperations()), []Operation{
		{get, "/api/v1/queue", public, "The live queue: what is on the air, what follows, and why nothing is sold now.", nil, false, nil, 200, live.Queue{}},
		{get, "/api/v1/openapi.json", public, "This description.", nil, false, nil, 200, nil},
		{get, "/api/v1/me", viewer, "Who is asking, and what they may do now.", nil, false, nil, 200, me{}},
		{get, "/api/v1/statement", viewer, "The movements of your coins, newest first.", []string{"limit", "before"}, false, nil, 200, statement{}},
		{get, "/api/v1/sessions", viewer, "Where you are logged in.", nil, false, nil, 200, doors{}},
		{del, "/api/v1/sessions/:id", viewer, "Log out there.", nil, false, nil, 204, nil},
		{get, "/api/v1/quote", viewer, "What a place costs, when it would play, and why it is refused now.", append(media, "tier"), false, nil, 200, Quote{}},
		{get, "/api/v1/purchases", viewer, "Your purchases, newest first.", []string{"limit", "before"}, false, nil, 200, history{}},
		{post, "/api/v1/purchases", viewer, "Buy a place at the quoted price.", nil, true, wish{}, 201, Purchase{}},
		{get, "/api/v1/purchases/:id", viewer, "One purchase of yours.", nil, false, nil, 200, Purchase{}},
		{del, "/api/v1/purchases/:id", viewer, "Take a pending purchase back. 202: the refund follows the removal.", nil, false, nil, 200, Purchase{}},
		{get, "/api/v1/admin/asrun", admin, "What aired, newest first.", []string{"limit", "before"}, false, nil, 200, nil},
	}...)
}

// GetOpenAPI describes the API (OpenAPI 3.1).
func (a *API) GetOpenAPI(c *gin.Context, _ session.Who) error {
	return send(c, http.StatusOK, describe(Operations()))
}

// parameter is a part of a path as gin writes it.
var parameter = regexp.MustCompile(`:([a-z_]+)`)

func describe(all []Operation) gin.H {
	paths := map[string]gin.H{}
	for _, o := range all {
		path := parameter.ReplaceAllString(o.Path, "{$1}")
		if paths[path] == nil {
			paths[path] = gin.H{}
		}
		paths[path][strings.ToLower(o.Method)] = o.describe()
	}
	return gin.H{
		"openapi": "3.1.0",
		"info":    gin.H{"title": "Playbill", "version": "1", "description": "Errors are {error: {code, message}}: a code for programs, a sentence for people."},
		"paths":   paths,
		"components": gin.H{
			"securitySchemes": gin.H{"bearer": gin.H{"type": "http", "scheme": "bearer"}, "session": gin.H{"type": "apiKey", "in": "cookie", "name": "playbill"}},
			"responses":       gin.H{"Problem": gin.H{"description": "Why not.", "content": content(Problem{})}},
		},
	}
}

func (o Operation) describe() gin.H {
	parameters := []gin.H{}
	for _, m := range parameter.FindAllStringSubmatch(o.Path, -1) {
		parameters = append(parameters, gin.H{"name": m[1], "in": "path", "required": true, "schema": gin.H{"type": "string"}})
	}
	for _, name := range o.Query {
		name, must := strings.CutSuffix(name, "!")
		parameters = append(parameters, gin.H{"name": name, "in": "query", "required": must, "schema": gin.H{"type": "string"}})
	}
	if o.Keyed {
		parameters = append(parameters, gin.H{"name": "Idempotency-Key", "in": "header", "required": true, "schema": gin.H{"type": "string", "maxLength": keyMax}})
	}
	answer := gin.H{"description": o.Summary}
	if o.Status != http.StatusNoContent {
		answer["content"] = content(o.Answer)
	}
	out := gin.H{"summary": o.Summary, "parameters": parameters, "x-level": o.Level.String(),
		"responses": gin.H{strconv.Itoa(o.Status): answer, "default": gin.H{"$ref": "#/components/responses/Problem"}}}
	if o.Level != session.Public {
		out["security"] = []gin.H{{"bearer": []string{}}, {"session": []string{}}}
	}
	if o.Body != nil {
		out["requestBody"] = gin.H{"required": true, "content": content(o.Body)}
	}
	return out
}

func content(of any) gin.H {
	schema := gin.H{"type": "object"}
	if of != nil {
		schema = schemaOf(reflect.TypeOf(of))
	}
	return gin.H{"application/json": gin.H{"schema": schema}}
}

// schemaOf is the JSON Schema of what encoding/json makes of a type. None of the API's types holds itself.
func schemaOf(t reflect.Type) gin.H {
	switch t.Kind() {
	case reflect.Pointer:
		return gin.H{"anyOf": []gin.H{schemaOf(t.Elem()), {"type": "null"}}}
	case reflect.Struct:
		properties := gin.H{}
		fields(t, properties)
		return gin.H{"type": "object", "properties": properties}
	case reflect.Slice:
		return gin.H{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Map:
		return gin.H{"type": "object", "additionalProperties": schemaOf(t.Elem())}
	case reflect.String:
		return gin.H{"type": "string"}
	case reflect.Bool:
		return gin.H{"type": "boolean"}
	case reflect.Float64, reflect.Float32:
		return gin.H{"type": "number"}
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Uint64, reflect.Uint32:
		return gin.H{"type": "integer"}
	default:
		return gin.H{}
	}
}

func fields(t reflect.Type, into gin.H) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			fields(f.Type, into)
		case name == "-" || !f.IsExported():
		case name != "":
			into[name] = schemaOf(f.Type)
		}
	}
}
