// Package console serves the web console: the pages that web/ is built into
// (scripts/console.sh), embedded in the binary.
//
// A page gets a fresh nonce for the styles that its components make, and a
// policy that allows nothing but what the master itself serves: no inline
// script, no other host, no frame around it.
package console

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed all:dist
var dist embed.FS

const (
	built       = "dist/app"
	index       = "index.html"
	placeholder = "__NONCE__" // in index.html, where the nonce belongs
)

// Console serves the files of one build; a nil one serves none. It is safe for
// concurrent use.
type Console struct {
	files  fs.FS
	page   []byte
	zipped sync.Map // by path: []byte, made when first asked for
}

// New returns the console that is embedded, or nil when the binary was built
// without one.
func New() (*Console, error) {
	files, err := fs.Sub(dist, built)
	if err != nil {
		return nil, fmt.Errorf("open the console: %w", err)
	}
	return From(files)
}

// From returns the console of a folder with a build, or nil when there is none in it.
func From(files fs.FS) (*Console, error) {
	page, err := fs.ReadFile(files, index)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // a binary without a console is a proper one
	}
	if err != nil {
		return nil, fmt.Errorf("read the console: %w", err)
	}
	if !bytes.Contains(page, []byte(placeholder)) {
		return nil, fmt.Errorf("the console's %s has no place for a nonce", index)
	}
	return &Console{files: files, page: page}, nil
}

// Serve answers GET and HEAD of a file of the console, or of a path that a
// browser shows as a page; it reports whether it did.
func (c *Console) Serve(w http.ResponseWriter, r *http.Request) bool {
	if c == nil {
		return false
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if strings.HasPrefix(name, "assets/") {
		return c.serveFile(w, r, name)
	}
	if name != "" && !strings.Contains(r.Header.Get("Accept"), "text/html") {
		return false
	}
	c.servePage(w, r)
	return true
}

// servePage sends the page that shows whatever the address is.
func (c *Console) servePage(w http.ResponseWriter, r *http.Request) {
	nonce := rand.Text()
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", policy(nonce))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(bytes.ReplaceAll(c.page, []byte(placeholder), []byte(nonce)))
}

func policy(nonce string) string {
	return "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce + "'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// filePolicy is for the one kind of file that has a policy of its own: the worker
// that reads the events for all pages of a browser.
const filePolicy = "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// serveFile sends a file whose name has a hash of what is in it.
func (c *Console) serveFile(w http.ResponseWriter, r *http.Request, name string) bool {
	data, err := fs.ReadFile(c.files, name)
	if err != nil {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Security-Policy", filePolicy)
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		if data, err = c.zip(name, data); err != nil {
			return false
		}
		h.Set("Content-Encoding", "gzip")
	}
	if r.Method != http.MethodHead {
		_, _ = w.Write(data) //nolint:gosec // a file of ours, by a name that fs.ReadFile knows
	}
	return true
}

// zip compresses a file once.
func (c *Console) zip(name string, data []byte) ([]byte, error) {
	if have, ok := c.zipped.Load(name); ok {
		return have.([]byte), nil
	}
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("compress %s: %w", name, err)
	}
	if _, err := z.Write(data); err != nil {
		return nil, fmt.Errorf("compress %s: %w", name, err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("compress %s: %w", name, err)
	}
	c.zipped.Store(name, out.Bytes())
	return out.Bytes(), nil
}
