package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

// operations are all calls of a document.
func operations(doc *huma.OpenAPI) []*huma.Operation {
	var out []*huma.Operation
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post} {
			if op != nil {
				out = append(out, op)
			}
		}
	}
	return out
}

// TestParametersAreBounded holds that the document says of each parameter what
// it may be, so that nothing endless comes in.
func TestParametersAreBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, op := range operations(r.api.huma.OpenAPI()) {
		for _, name := range strings.Split(op.Path, "{")[1:] {
			name, _, _ = strings.Cut(name, "}")
			if !slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.In == "path" && p.Name == name }) {
				t.Errorf("%s: {%s} is no parameter of the document", op.OperationID, name)
			}
		}
		for _, p := range op.Parameters {
			s := p.Schema
			switch {
			case s.Type == huma.TypeString && s.MaxLength == nil && s.Pattern == "" && len(s.Enum) == 0:
				t.Errorf("%s: %s has no maxLength, pattern or enum", op.OperationID, p.Name)
			case s.Type == huma.TypeInteger && s.Minimum == nil:
				t.Errorf("%s: %s has no minimum", op.OperationID, p.Name)
			case s.Type == huma.TypeArray && s.MaxItems == nil:
				t.Errorf("%s: %s has no maxItems", op.OperationID, p.Name)
			}
		}
	}
}

// TestBodiesHaveTypes holds that whoever writes a client from the document finds
// a type for each body: a schema with a name, and fields to fill in.
func TestBodiesHaveTypes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	doc := r.api.huma.OpenAPI()
	for _, op := range operations(doc) {
		body := jsonBody(op)
		if body == nil {
			if op.RequestBody != nil {
				t.Errorf("%s: got a body that is no JSON, want one or none", op.OperationID)
			}
			continue
		}
		schema := body
		if body.Ref != "" {
			schema = doc.Components.Schemas.SchemaFromRef(body.Ref)
		}
		if schema == nil || len(schema.Properties) == 0 || body.Ref == schemaPrefix {
			t.Errorf("%s: got the body %q without fields or name, want one with them, or none", op.OperationID, body.Ref)
		}
	}
	if _, nameless := doc.Components.Schemas.Map()[""]; nameless {
		t.Error("got a schema without a name")
	}
}

// TestErrorsAreDocumented holds that what a call can answer stands in the document.
func TestErrorsAreDocumented(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	doc := r.api.huma.OpenAPI()
	for _, op := range operations(doc) {
		want := []string{"422", "503", "504", "default"}
		if op.RequestBody != nil {
			want = append(want, "400", "404", "409", "413")
		}
		if strings.Contains(op.Path, "{") {
			want = append(want, "404")
		}
		if len(op.Security) > 0 {
			want = append(want, "401", "403")
		}
		for _, status := range want {
			if op.Responses[status] == nil {
				t.Errorf("%s: got no %s in the document, want it", op.OperationID, status)
			}
		}
		if op.Extensions["x-capri-action"] == "" && len(op.Security) > 0 {
			t.Errorf("%s: got no action, want one", op.OperationID)
		}
	}
	for status := range shared() {
		if doc.Components.Responses[responseName(status)] == nil || http.StatusText(status) == "" {
			t.Errorf("%d: got no shared answer", status)
		}
	}
}
