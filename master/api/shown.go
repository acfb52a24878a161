package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// What is here turns the OpenAPI document into what the page of the interface
// shows, once, at the start: the page needs no script and nothing from outside.

// shownCall is one operation.
type shownCall struct {
	ID, Method, Path, Summary, Role string
	Params                          []shownField
	Body, Answer                    string // names of schemas
	Errors                          []shownError
	Curl                            string
}

// shownField is a parameter of a call, or a field of a schema.
type shownField struct {
	In, Name, Type, Ref, Doc string
	Required                 bool
}

type shownError struct{ Status, Text string }

type shownTag struct {
	Name  string
	Calls []shownCall
}

type shownSchema struct {
	Name   string
	Fields []shownField
}

const schemaPrefix = "#/components/schemas/"

// shownTags lists the operations of the document, by tag and path.
func (a *api) shownTags() []shownTag {
	byTag := map[string][]shownCall{}
	doc := a.huma.OpenAPI()
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		item := doc.Paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Post} {
			if op != nil {
				byTag[op.Tags[0]] = append(byTag[op.Tags[0]], shown(doc, op))
			}
		}
	}
	var tags []shownTag
	for name, calls := range byTag {
		tags = append(tags, shownTag{Name: name, Calls: calls})
	}
	slices.SortFunc(tags, func(x, y shownTag) int { return cmp.Compare(x.Name, y.Name) })
	return tags
}

func shown(doc *huma.OpenAPI, op *huma.Operation) shownCall {
	call := shownCall{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, Role: fmt.Sprint(op.Extensions["x-capri-role"]), Curl: curl(doc, op)}
	for _, p := range op.Parameters {
		text, ref := typeText(p.Schema)
		call.Params = append(call.Params, shownField{In: p.In, Name: p.Name, Type: text, Ref: ref, Doc: p.Description, Required: p.Required})
	}
	if s := jsonBody(op); s != nil {
		call.Body = schemaName(s)
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		answer := op.Responses[status]
		if content := answer.Content["application/json"]; content != nil && content.Schema != nil {
			call.Answer = schemaName(content.Schema)
		}
		if n, err := strconv.Atoi(status); err == nil && n >= http.StatusBadRequest {
			call.Errors = append(call.Errors, shownError{Status: status, Text: shared()[n]})
		}
	}
	return call
}

func jsonBody(op *huma.Operation) *huma.Schema {
	if op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
		return nil
	}
	return op.RequestBody.Content["application/json"].Schema
}

func schemaName(s *huma.Schema) string { return strings.TrimPrefix(s.Ref, schemaPrefix) }

// typeText says what a value may be; ref is the schema it names, if any.
func typeText(s *huma.Schema) (text, ref string) {
	switch {
	case s.Ref != "":
		return schemaName(s), schemaName(s)
	case len(s.Enum) > 0:
		var values []string
		for _, v := range s.Enum {
			values = append(values, fmt.Sprint(v))
		}
		return strings.Join(values, " | "), ""
	case s.Type == huma.TypeArray && s.Items != nil:
		text, ref = typeText(s.Items)
		return "list of " + text, ref
	}
	text = cmp.Or(s.Type, "any")
	if s.Format == "binary" {
		text = "bytes"
	}
	return text + bounds(s), ""
}

func bounds(s *huma.Schema) string {
	var out []string
	if s.Minimum != nil {
		out = append(out, fmt.Sprintf("from %v", *s.Minimum))
	}
	if s.Maximum != nil {
		out = append(out, fmt.Sprintf("to %v", strconv.FormatFloat(*s.Maximum, 'f', -1, 64)))
	}
	if s.MaxLength != nil {
		out = append(out, fmt.Sprintf("at most %d long", *s.MaxLength))
	}
	if s.Pattern != "" {
		out = append(out, "like "+s.Pattern)
	}
	if s.Default != nil {
		out = append(out, fmt.Sprintf("else %v", s.Default))
	}
	if len(out) == 0 {
		return ""
	}
	return ", " + strings.Join(out, ", ")
}

// shownSchemas lists the schemas with their fields, by name.
func (a *api) shownSchemas() []shownSchema {
	all := a.huma.OpenAPI().Components.Schemas.Map()
	var out []shownSchema
	for _, name := range slices.Sorted(maps.Keys(all)) {
		s := shownSchema{Name: name}
		for _, field := range slices.Sorted(maps.Keys(all[name].Properties)) {
			text, ref := typeText(all[name].Properties[field])
			s.Fields = append(s.Fields, shownField{
				Name: field, Type: text, Ref: ref, Doc: all[name].Properties[field].Description, Required: slices.Contains(all[name].Required, field),
			})
		}
		out = append(out, s)
	}
	return out
}

// curl is an example of a call: what must be given, and the rest left out.
func curl(doc *huma.OpenAPI, op *huma.Operation) string {
	path, query := op.Path, url.Values{}
	for _, p := range op.Parameters {
		if p.In == "path" {
			path = strings.ReplaceAll(path, "{"+p.Name+"}", strings.ToUpper(p.Name))
		}
		if p.In == "query" && p.Required {
			query.Set(p.Name, strings.ToUpper(p.Name))
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	var out strings.Builder
	out.WriteString("curl")
	if len(op.Security) > 0 {
		out.WriteString(` -H "Authorization: Bearer $CAPRI_TOKEN"`)
	}
	if body := jsonBody(op); body != nil {
		text, err := json.Marshal(sample(doc, body, 0))
		if err == nil {
			out.WriteString(" \\\n  -H 'Content-Type: application/json' -d '" + string(text) + "'")
		}
	} else if op.Method == http.MethodPost {
		out.WriteString(" -X POST")
	}
	return out.String() + ` \` + "\n  \"$CAPRI_ADDR" + path + `"`
}

// sampleDepth is how deep examples of bodies go.
const sampleDepth = 4

// sample is a value of a schema: the fields that must be there, or the first
// ones when none must.
func sample(doc *huma.OpenAPI, s *huma.Schema, depth int) any {
	if s.Ref != "" {
		s = doc.Components.Schemas.SchemaFromRef(s.Ref)
	}
	switch {
	case s == nil || depth > sampleDepth:
		return nil
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Type == huma.TypeArray:
		return []any{sample(doc, s.Items, depth+1)}
	case s.Type == huma.TypeObject:
		fields := slices.Sorted(maps.Keys(s.Properties))
		must := slices.DeleteFunc(slices.Clone(fields), func(f string) bool { return !slices.Contains(s.Required, f) })
		if len(must) == 0 {
			must = fields[:min(2, len(fields))]
		}
		out := map[string]any{}
		for _, f := range must {
			out[f] = sample(doc, s.Properties[f], depth+1)
		}
		return out
	case s.Type == huma.TypeString:
		return "…"
	case s.Type == huma.TypeBoolean:
		return false
	}
	return 0
}
