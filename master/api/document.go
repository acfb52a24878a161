package api

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"capricornus/common/wire"
)

// shared are the answers that many calls give, each described once.
func shared() map[int]string {
	return map[int]string{
		http.StatusBadRequest:            "The body is no JSON, or not of the documented form",
		http.StatusUnauthorized:          "No credential, or one that is unknown, expired or revoked",
		http.StatusForbidden:             "The role, a scope or the membership of projects does not allow it",
		http.StatusNotFound:              "Something that the call names does not exist",
		http.StatusConflict:              "It does not go with the present state, or with an earlier call of the same idempotency key",
		http.StatusRequestEntityTooLarge: "The body is too large",
		http.StatusUnprocessableEntity:   "A parameter or a field has a value that makes no sense",
		http.StatusTooManyRequests:       "Too many calls; Retry-After says when to go on",
		http.StatusServiceUnavailable:    "No leader or no database at the moment; try again",
		http.StatusGatewayTimeout:        "The answer took too long",
	}
}

// describeErrors puts into the document which errors each call can have. What
// none of them is has the same form: the default.
func (a *api) describeErrors() {
	doc := a.huma.OpenAPI()
	problems := map[string]*huma.MediaType{problemType: {Schema: doc.Components.Schemas.Schema(reflect.TypeFor[wire.Problem](), true, "")}}
	doc.Components.Responses = map[string]*huma.Response{"Error": {Description: "Another error", Content: problems}}
	for status, text := range shared() {
		doc.Components.Responses[responseName(status)] = &huma.Response{Description: text, Content: problems}
	}
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post} {
			if op == nil {
				continue
			}
			for _, status := range errorsOf(op) {
				op.Responses[strconv.Itoa(status)] = &huma.Response{Ref: "#/components/responses/" + responseName(status)}
			}
			op.Responses["default"] = &huma.Response{Ref: "#/components/responses/Error"}
		}
	}
}

func responseName(status int) string {
	return strings.NewReplacer(" ", "", "-", "").Replace(http.StatusText(status))
}

// errorsOf tells from a call's shape how it can fail. It is pure.
func errorsOf(op *huma.Operation) []int {
	out := []int{http.StatusUnprocessableEntity, http.StatusServiceUnavailable, http.StatusGatewayTimeout}
	if len(op.Security) > 0 {
		out = append(out, http.StatusUnauthorized, http.StatusForbidden)
	}
	if op.Extensions["x-capri-role"] != "worker" {
		out = append(out, http.StatusTooManyRequests)
	}
	if names(op) {
		out = append(out, http.StatusNotFound)
	}
	if op.RequestBody != nil {
		out = append(out, http.StatusBadRequest, http.StatusRequestEntityTooLarge)
	}
	if op.Method == http.MethodPost {
		out = append(out, http.StatusConflict)
	}
	return out
}

// names tells whether a call names something that may not be there.
func names(op *huma.Operation) bool {
	if op.RequestBody != nil {
		return true
	}
	for _, p := range op.Parameters {
		if p.In == "path" || p.Name == "task" || p.Name == "project" {
			return true
		}
	}
	return false
}
