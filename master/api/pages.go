package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strings"
)

// The paths that need no token.
const (
	pathRoot    = "/"
	pathDocs    = "/api/docs"
	pathOpenAPI = "/api/v1/openapi.json"
	pathHealth  = "/healthz"
	pathReady   = "/readyz"
)

//go:embed page.css
var pageCSS string

//go:embed page.html
var pageHTML string

// renderPages makes the pages and the document once: they never change.
func (a *api) renderPages() error {
	document, err := json.MarshalIndent(a.huma.OpenAPI(), "", "  ")
	if err != nil {
		return fmt.Errorf("encode the OpenAPI document: %w", err)
	}
	page, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return fmt.Errorf("parse the page: %w", err)
	}
	style := template.CSS("\n" + pageCSS) //nolint:gosec // our own file
	data := map[string]any{"Style": style, "Version": a.Version, "Docs": pathDocs, "OpenAPI": pathOpenAPI}
	var front, docs bytes.Buffer
	if err := page.ExecuteTemplate(&front, "front", data); err != nil {
		return fmt.Errorf("render the front page: %w", err)
	}
	data["Tags"], data["Codes"], data["Schemas"] = a.shownTags(), shownCodes(), a.shownSchemas()
	if err := page.ExecuteTemplate(&docs, "docs", data); err != nil {
		return fmt.Errorf("render the page of the interface: %w", err)
	}
	sum := sha256.Sum256([]byte(style))
	a.styles = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
	a.public = map[string][]byte{pathRoot: front.Bytes(), pathDocs: docs.Bytes(), pathOpenAPI: document}
	return nil
}

// servePublic answers the public paths and reports whether it did.
func (a *api) servePublic(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	switch r.URL.Path {
	case pathHealth:
		plain(w, "ok\n")
	case pathReady:
		a.ready(w, r)
	case pathOpenAPI:
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(a.public[pathOpenAPI])
	case pathRoot, pathDocs:
		if r.URL.Path == pathRoot && a.consoleServes(w, r) {
			return true
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", a.styles)
		_, _ = w.Write(a.public[r.URL.Path])
	default:
		return !strings.HasPrefix(r.URL.Path, "/api/") && a.consoleServes(w, r)
	}
	return true
}

func (a *api) consoleServes(w http.ResponseWriter, r *http.Request) bool {
	return a.Console != nil && a.Console.Serve(w, r)
}

func plain(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(text))
}

func shownCodes() []map[string]any {
	var out []map[string]any
	for _, c := range codes() {
		out = append(out, map[string]any{"Code": c.Code, "Status": c.Status, "Anchor": anchor(c.Code), "Title": http.StatusText(c.Status)})
	}
	return out
}
