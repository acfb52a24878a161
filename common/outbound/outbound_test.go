package outbound

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func hosts(t *testing.T, entries ...string) Hosts {
	t.Helper()
	h, err := ParseHosts(entries)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestParseHosts(t *testing.T) {
	good := []string{
		"api.example.com", "API.example.com:8443", "*.internal", "*.internal:80", "localhost", "a_b-c.x1",
		"127.0.0.1", "127.0.0.1:8080", "10.0.0.0/8", "10.0.0.0/8:443", "::1", "[::1]", "[::1]:80", "fd00::/8", "[fd00::/8]:443",
	}
	if _, err := ParseHosts(good); err != nil {
		t.Errorf("got %v, want no problem", err)
	}
	for _, bad := range []string{
		"", "*", "*.", "a..b", "-a", "http://a", "a/b", "a:0", "a:70000", "a:b", "a:", "a b", "10.0.0.1/8", "[::1", "[a]:1", "[::1]x", "[::1]1",
		"fe80::1%eth0", "*.10.0.0.1/8", "a.*.b", "ä.de", "a.", strings.Repeat("a", 64),
	} {
		_, err := ParseHosts([]string{"fine", bad})
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", bad)) {
			t.Errorf("%q: got %v, want a problem that names it", bad, err)
		}
	}
}

func TestCheckURL(t *testing.T) {
	tests := map[string]struct {
		entries []string
		url     string
		allowed bool
	}{
		"NothingByDefault":               {nil, "http://a/", false},
		"AName":                          {[]string{"api.example.com"}, "https://api.example.com/x", true},
		"AnyPortWithoutOne":              {[]string{"api.example.com"}, "https://api.example.com:8443/x", true},
		"NamesHaveNoCase":                {[]string{"api.Example.com"}, "https://API.example.COM./x", true},
		"NotWhatIsBelowAName":            {[]string{"example.com"}, "https://api.example.com/x", false},
		"NotWhatEndsLikeAName":           {[]string{"*.example.com"}, "https://badexample.com/x", false},
		"WhatIsBelowAStar":               {[]string{"*.example.com"}, "https://a.b.example.com/x", true},
		"NotTheNameOfAStarItself":        {[]string{"*.example.com"}, "https://example.com/x", false},
		"TheStandardPortOfHTTPS":         {[]string{"a:443"}, "https://a/", true},
		"TheStandardPortOfHTTP":          {[]string{"a:80"}, "http://a/", true},
		"AnotherPort":                    {[]string{"a:443"}, "http://a/", false},
		"AnAddress":                      {[]string{"127.0.0.1:8080"}, "http://127.0.0.1:8080/", true},
		"AnAddressAtAnotherPort":         {[]string{"127.0.0.1:8080"}, "http://127.0.0.1:8081/", false},
		"AnAddressOfANetwork":            {[]string{"10.0.0.0/8"}, "http://10.200.3.4/", true},
		"AnAddressOutside":               {[]string{"10.1.0.0/16"}, "http://10.2.3.4/", false},
		"TheWholeNetIsPublicOnly":        {[]string{"0.0.0.0/0"}, "http://8.8.8.8/", true},
		"MetadataAreNotInTheWholeNet":    {[]string{"0.0.0.0/0"}, "http://169.254.169.254/", false},
		"LoopbackIsNotInTheWholeNet":     {[]string{"0.0.0.0/0", "::/0"}, "http://127.0.0.1/", false},
		"LoopbackOfVersion6":             {[]string{"::/0"}, "http://[::1]/", false},
		"PrivateIsNotInTheWholeNet":      {[]string{"0.0.0.0/0"}, "http://192.168.1.1/", false},
		"MetadataByTheirOwnAddress":      {[]string{"169.254.169.254"}, "http://169.254.169.254/", true},
		"MappedIsTheSameAddress":         {[]string{"0.0.0.0/0"}, "http://[::ffff:127.0.0.1]/", false},
		"MappedAndAllowed":               {[]string{"127.0.0.1"}, "http://[::ffff:127.0.0.1]/", true},
		"TranslatedIsNotPublic":          {[]string{"::/0"}, "http://[64:ff9b::7f00:1]/", false},
		"NumbersAreNames":                {[]string{"127.0.0.1"}, "http://2130706433/", false},
		"AnAddressOfOneLink":             {[]string{"fe80::/10"}, "http://[fe80::1%25eth0]/", false},
		"AnotherScheme":                  {[]string{"a"}, "ftp://a/", false},
		"APortThatIsNone":                {[]string{"a"}, "http://a:0/", false},
		"ANameEntryDoesNotOpenAddresses": {[]string{"localhost"}, "http://127.0.0.1/", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			u, err := url.Parse(test.url)
			if err != nil {
				t.Fatal(err)
			}
			err = hosts(t, test.entries...).CheckURL(u)
			if _, refused := errors.AsType[*RefusedError](err); (err == nil) != test.allowed || refused == test.allowed {
				t.Errorf("got %v, want allowed %v", err, test.allowed)
			}
		})
	}
}

// resolver is names and what they lead to.
type resolver map[string][]string

func (r resolver) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	var out []netip.Addr
	for _, text := range r[host] {
		out = append(out, netip.MustParseAddr(text))
	}
	if out == nil {
		return nil, errors.New("no such host")
	}
	return out, nil
}

func TestAddressesAreCheckedAfterResolution(t *testing.T) {
	names := resolver{
		"public": {"93.184.216.34", "2606:2800:220:1::1"}, "private": {"10.1.2.3"}, "both": {"127.0.0.1", "93.184.216.34"},
		"metadata": {"169.254.169.254"}, "mapped": {"::ffff:127.0.0.1"}, "zero": {"0.0.0.0"}, "multicast": {"224.0.0.1"}, "v6": {"::1", "fd00::1", "fe80::1"},
		"shared": {"100.64.0.1"},
	}
	all := []string{"public", "private", "both", "metadata", "mapped", "zero", "multicast", "v6", "shared", "unknown"}
	tests := map[string]struct {
		entries []string
		address string
		want    []string
		reason  string
	}{
		"PublicOnesByName":            {nil, "public:443", []string{"93.184.216.34", "2606:2800:220:1::1"}, ""},
		"NoPrivateOneByName":          {nil, "private:80", nil, "leads to 10.1.2.3, which is not public (10.0.0.0/8)"},
		"APrivateOneAllowedByNetwork": {[]string{"10.1.0.0/16"}, "private:80", []string{"10.1.2.3"}, ""},
		"NotAtAnotherPort":            {[]string{"10.1.0.0/16:443"}, "private:80", nil, "not public"},
		"NotByTheWholeNet":            {[]string{"0.0.0.0/0"}, "private:80", nil, "not public"},
		"OnlyThePublicOneOfTwo":       {nil, "both:80", []string{"93.184.216.34"}, ""},
		"NoMetadata":                  {nil, "metadata:80", nil, "169.254.169.254"},
		"NoMappedLoopback":            {nil, "mapped:80", nil, "127.0.0.1"},
		"MappedLoopbackIfAllowed":     {[]string{"127.0.0.1"}, "mapped:80", []string{"127.0.0.1"}, ""},
		"NotTheUnspecifiedOne":        {nil, "zero:80", nil, "0.0.0.0"},
		"NotToMany":                   {nil, "multicast:80", nil, "224.0.0.1"},
		"NoneOfVersion6":              {nil, "v6:80", nil, "not public"},
		"OneOfVersion6":               {[]string{"::1"}, "v6:80", []string{"::1"}, ""},
		"NotThoseOfProviders":         {nil, "shared:80", nil, "100.64.0.0/10"},
		"ANameThatIsNotAllowed":       {nil, "elsewhere:80", nil, "elsewhere:80 is not among the hosts"},
		"ANameThatLeadsNowhere":       {nil, "unknown:80", nil, "no such host"},
		"AnAddress":                   {nil, "93.184.216.34:80", nil, "not among the hosts"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := dialer{hosts: hosts(t, append(test.entries, all...)...), names: names}
			addrs, _, err := d.addresses(t.Context(), test.address)
			if test.reason != "" {
				if err == nil || !strings.Contains(err.Error(), test.reason) {
					t.Errorf("got %v, want %s", err, test.reason)
				}
				return
			}
			var got []string
			for _, addr := range addrs {
				got = append(got, addr.String())
			}
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("got %v, %v, want %v", got, err, test.want)
			}
		})
	}
}

// TestANameThatChangesItsAddress is the attack that a check before the call
// alone would not see.
func TestANameThatChangesItsAddress(t *testing.T) {
	called := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer server.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	h := hosts(t, "api.example.com")
	target, err := url.Parse("http://api.example.com:" + port)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.CheckURL(target); err != nil {
		t.Fatal(err)
	}
	_, err = get(t, h, resolver{"api.example.com": {"127.0.0.1"}}, target.String())
	if refused, ok := errors.AsType[*RefusedError](err); !ok || !strings.Contains(refused.Reason, "127.0.0.1") || called {
		t.Errorf("got %v, called %v, want a refusal", err, called)
	}
}

func get(t *testing.T, h Hosts, names Resolver, target string) (int, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := h.Client(names).Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

func TestRedirects(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("got a call elsewhere, want none") }))
	defer elsewhere.Close()
	var mux http.ServeMux
	server := httptest.NewServer(&mux)
	defer server.Close()
	to := func(path, target string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, http.StatusFound) })
	}
	mux.HandleFunc("GET /end", func(http.ResponseWriter, *http.Request) {})
	to("/same", "/end")
	to("/other", elsewhere.URL)
	to("/loop", "/loop")
	to("/name", strings.Replace(server.URL, "127.0.0.1", "localhost", 1)+"/end")
	to("/scheme", strings.Replace(server.URL, "http:", "https:", 1)+"/end")
	for path, reason := range map[string]string{
		"/same": "", "/other": "a redirect is followed at the same host only", "/loop": "more than 5 redirects", "/name": "same host only", "/scheme": "same host only",
	} {
		status, err := get(t, hosts(t, "127.0.0.1", "localhost"), resolver{"localhost": {"127.0.0.1"}}, server.URL+path)
		if reason == "" && (err != nil || status != http.StatusOK) {
			t.Errorf("%s: got %d, %v, want it followed", path, status, err)
		}
		if refused, ok := errors.AsType[*RefusedError](err); reason != "" && (!ok || !strings.Contains(refused.Reason, reason)) {
			t.Errorf("%s: got %v, want %s", path, err, reason)
		}
	}
}

func TestProxiesOfTheEnvironmentAreNotUsed(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	transport, ok := Hosts{}.Client(resolver{}).Transport.(*http.Transport)
	if !ok || transport.Proxy != nil {
		t.Error("got a proxy, want none")
	}
}
