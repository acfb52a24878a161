package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/wire"
)

const root = "/api/v1"

// Limits of routes that name no other.
const (
	callTimeout = 15 * time.Second
	bodyLimit   = 1 << 20
)

// endless is the timeout of routes that bound themselves.
const endless time.Duration = -1

// route is one call of the interface.
type route struct {
	method, path string
	may          permit.Action // what it does: the table of permit says who may; the zero value: nobody
	id           string
	tag          string
	summary      string
	timeout      time.Duration
	limit        int64 // bytes of the body
	lenient      bool  // unknown fields of the body are passed over
	leader       bool  // the leader alone can answer it: others pass the call on
	open         bool  // needs no credential; by exact path
	anyScope     bool  // narrowed tokens may, whatever they are narrowed to
	secret       bool  // its answer shows a secret, once: it is kept for no idempotency key
}

// answer wraps a body as huma wants it.
type answer[T any] struct {
	Body T
}

// call registers a route whose parameters are the fields of In.
func call[In, Out any](a *api, r route, do func(ctx context.Context, in *In) (Out, error)) {
	raw(a, r, func(ctx context.Context, in *In) (*answer[Out], error) {
		out, err := do(ctx, in)
		return &answer[Out]{Body: out}, err
	})
}

// post registers a route that takes nothing but a body.
func post[Body, Out any](a *api, r route, do func(ctx context.Context, body *Body) (Out, error)) {
	type sent struct {
		RawBody []byte
	}
	call(a, r, func(ctx context.Context, in *sent) (Out, error) {
		body, err := decode[Body](in.RawBody, r.lenient)
		if err != nil {
			var none Out
			return none, err
		}
		return do(ctx, body)
	})
	describeBody[Body](a, r)
}

// raw registers a route that makes its whole answer itself.
func raw[In, Out any](a *api, r route, do func(ctx context.Context, in *In) (*Out, error)) {
	pattern := r.method + " " + r.path
	if r.timeout == 0 {
		r.timeout = callTimeout
	}
	if r.limit == 0 {
		r.limit = bodyLimit
	}
	if r.open {
		a.open[pattern] = true
	} else {
		a.rights[pattern] = r.may
	}
	a.anyScope[pattern] = r.anyScope
	a.once[pattern] = onceRoute{limit: r.limit, secret: r.secret}
	if r.leader {
		a.relayed[pattern] = relayed{timeout: r.timeout, limit: r.limit}
	}
	huma.Register(a.huma, a.operation(r), func(ctx context.Context, in *In) (*Out, error) {
		if r.timeout > 0 {
			bounded, cancel := context.WithTimeout(ctx, r.timeout)
			defer cancel()
			ctx = bounded
		}
		out, err := do(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, pattern, err)
		}
		a.changed(r)
		return out, nil
	})
}

func (a *api) operation(r route) huma.Operation {
	least, security := permit.RuleOf(r.may).Least.String(), []map[string][]string{{"token": {}}, {"session": {}}}
	if r.open {
		least, security = "none", []map[string][]string{}
	}
	schemas := a.huma.OpenAPI().Components.Schemas
	return huma.Operation{
		OperationID: r.id, Method: r.method, Path: r.path, Summary: r.summary, Tags: []string{r.tag},
		Description:      "Role: " + least + ".",
		Security:         security,
		Extensions:       map[string]any{"x-capri-role": least, "x-capri-action": string(r.may)},
		MaxBodyBytes:     r.limit + 1, // huma refuses what reaches its limit
		BodyReadTimeout:  -1,          // timedBody has the deadline
		SkipValidateBody: true,        // decode does, in one pass
		Responses: map[string]*huma.Response{
			"default": {
				Description: "Error",
				Content:     map[string]*huma.MediaType{problemType: {Schema: schemas.Schema(reflect.TypeFor[wire.Problem](), true, "")}},
			},
		},
	}
}

// describeBody puts the schema of a body into the document; to huma it is
// bytes, since decode reads it.
func describeBody[Body any](a *api, r route) {
	doc := a.huma.OpenAPI()
	schema := doc.Components.Schemas.Schema(reflect.TypeFor[Body](), true, "")
	doc.Paths[r.path].Post.RequestBody.Content = map[string]*huma.MediaType{"application/json": {Schema: schema}}
}

// decode reads a JSON body in one pass. People's bodies must have known fields
// only: a misspelled one would be lost without a word. Workers of other
// versions may say more than this master knows.
func decode[Body any](data []byte, lenient bool) (*Body, error) {
	body := new(Body)
	decoder := json.NewDecoder(bytes.NewReader(data))
	if !lenient {
		decoder.DisallowUnknownFields()
	}
	if err := decoder.Decode(body); err != nil {
		return nil, badBody(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Usage, "the body goes on after its JSON value")
	}
	return body, nil
}

func badBody(err error) error {
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field := kind.Field
		if field == "" {
			field = "the body"
		}
		return fault.Wrap(fault.Usage, err, "%s must be %s, not %s", field, kindName(kind.Type), kind.Value)
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fault.Wrap(fault.Usage, err, "the body is not JSON: %s at byte %d", syntax, syntax.Offset)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.Wrap(fault.Usage, err, "the body is not JSON: it ends too early")
	}
	return fault.Wrap(fault.Usage, err, "the body is not as it should be: %s", strings.TrimPrefix(err.Error(), "json: "))
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "an object"
	case reflect.Float32, reflect.Float64:
		return "a number"
	default:
		return "a whole number"
	}
}

// describe is the head of the OpenAPI document.
func describe(version string) *huma.OpenAPI {
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "Capricornus", Version: version,
			Description: "REST interface of a Capricornus master. Instants are UTC milliseconds, sizes are bytes. " +
				"Errors are application/problem+json with a stable code.",
		},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"token":   {Type: "http", Scheme: "bearer", Description: "a token of a user, a program or a worker"},
				"session": {Type: "apiKey", In: "cookie", Name: cookieSession, Description: "the session of a browser, from POST /login"},
			},
		},
	}
}

// notFound says that something named does not exist.
func notFound(what, name string) error {
	return fault.New(fault.NotFound, "there is no %s %q", what, name)
}

// notLeader sends the caller to the master that leads.
func (a *api) notLeader() error {
	node, address, known := a.Leader()
	if !known {
		return fault.New(fault.Unavailable, "no master leads at the moment; try again in a moment")
	}
	if node == a.Node {
		return fault.New(fault.Unavailable, "this master, %s, is about to lead; try again in a moment", node)
	}
	return fault.New(fault.NotLeader, "this master, %s, does not lead: %s does", a.Node, node).WithHint("%s", address)
}
