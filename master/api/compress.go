package api

import (
	"compress/gzip"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// compressFrom is the size from which a body is worth compressing.
const compressFrom = 1 << 10

// compressor compresses JSON for who takes it. Streams, logs and pages go through
// as they are, and so do the calls of workers, which are many and small.
type compressor struct {
	writers sync.Pool // of *gzip.Writer
}

func newCompressor() *compressor {
	return &compressor{writers: sync.Pool{New: func() any {
		w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is a valid one
		return w
	}}}
}

func (c *compressor) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead || strings.HasPrefix(r.URL.Path, root+"/worker/") || !takesGzip(r.Header.Get("Accept-Encoding")) {
			next.ServeHTTP(w, r)
			return
		}
		out := &compressed{ResponseWriter: w, pool: &c.writers}
		next.ServeHTTP(out, r)
		out.end() // not after a panic: what is half out must look broken
	})
}

// takesGzip reads Accept-Encoding: gzip, or anything, unless its weight is 0.
func takesGzip(accept string) bool {
	takes := false
	for part := range strings.SplitSeq(accept, ",") {
		name, parameters, _ := strings.Cut(strings.TrimSpace(part), ";")
		name = strings.ToLower(strings.TrimSpace(name))
		if name != "gzip" && name != "*" {
			continue
		}
		weight := 1.0
		if text, ok := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(parameters), " ", ""), "q="); ok {
			weight, _ = strconv.ParseFloat(text, 64)
		}
		if name == "gzip" {
			return weight > 0
		}
		takes = weight > 0
	}
	return takes
}

// compressed holds a body back until it is known whether it is worth it.
type compressed struct {
	http.ResponseWriter
	pool   *sync.Pool
	status int
	plain  bool // decided: it goes out as it is
	zip    *gzip.Writer
	held   []byte
}

// WriteHeader decides by what is known now; the head goes out with the body.
func (c *compressed) WriteHeader(status int) {
	if c.plain || c.zip != nil || c.status != 0 {
		c.ResponseWriter.WriteHeader(status)
		return
	}
	head := c.Header()
	kind, _, _ := mime.ParseMediaType(head.Get("Content-Type"))
	isJSON := kind == "application/json" || strings.HasSuffix(kind, "+json")
	if !isJSON || head.Get("Content-Encoding") != "" || head.Get("Content-Range") != "" || status < http.StatusOK || status == http.StatusNoContent || status == http.StatusNotModified {
		c.plain = true
		c.ResponseWriter.WriteHeader(status)
		return
	}
	head.Add("Vary", "Accept-Encoding")
	c.status = status
}

// Write passes the body on, compressed when there is enough of it.
func (c *compressed) Write(p []byte) (int, error) {
	if !c.plain && c.status == 0 {
		c.WriteHeader(http.StatusOK)
	}
	switch {
	case c.plain:
		return c.ResponseWriter.Write(p)
	case c.zip != nil:
		return c.zip.Write(p)
	}
	c.held = append(c.held, p...)
	if len(c.held) < compressFrom {
		return len(p), nil
	}
	c.Header().Set("Content-Encoding", "gzip")
	c.Header().Del("Content-Length")
	c.ResponseWriter.WriteHeader(c.status)
	c.zip = c.pool.Get().(*gzip.Writer)
	c.zip.Reset(c.ResponseWriter)
	held := c.held
	c.held = nil
	if _, err := c.zip.Write(held); err != nil {
		return 0, err
	}
	return len(p), nil
}

// end sends what is held back.
func (c *compressed) end() {
	switch {
	case c.zip != nil:
		_ = c.zip.Close() // the client is gone
		c.pool.Put(c.zip)
		c.zip = nil
	case c.status != 0:
		c.ResponseWriter.WriteHeader(c.status)
		_, _ = c.ResponseWriter.Write(c.held)
	}
}

// Unwrap is for http.ResponseController: deadlines, and flushing of streams, which
// go through as they are.
func (c *compressed) Unwrap() http.ResponseWriter { return c.ResponseWriter }
