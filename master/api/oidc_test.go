package api

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"capricornus/common/wire"
	"capricornus/master/identity"
)

// issuer is an identity provider of a test: what it says can be bent.
type issuer struct {
	t         *testing.T
	server    *httptest.Server
	key       *ecdsa.PrivateKey
	claims    map[string]any // of the next token
	header    map[string]any // of the next token
	sign      func(text string) []byte
	challenge string // of the login that is under way
	nonce     string
	tokenURL  string // where it says that codes are redeemed
	asked     []string
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{t: t, key: key, header: map[string]any{"alg": "ES256", "kid": "k1"}}
	i.sign = func(text string) []byte {
		sum := sha256.Sum256([]byte(text))
		r, s, _ := ecdsa.Sign(rand.Reader, key, sum[:])
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", i.describe)
	mux.HandleFunc("/keys", i.keys)
	mux.HandleFunc("/token", i.token)
	i.server = httptest.NewServer(mux)
	t.Cleanup(i.server.Close)
	i.tokenURL = i.server.URL + "/token"
	return i
}

func (i *issuer) describe(w http.ResponseWriter, _ *http.Request) {
	_ = json.NewEncoder(w).Encode(map[string]any{
		"issuer": i.server.URL, "authorization_endpoint": i.server.URL + "/auth", "token_endpoint": i.tokenURL, "jwks_uri": i.server.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"ES256", "none", "HS256"},
	})
}

func (i *issuer) keys(w http.ResponseWriter, _ *http.Request) {
	text := base64.RawURLEncoding.EncodeToString
	point, err := i.key.PublicKey.Bytes()
	if err != nil {
		i.t.Error(err)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]string{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "k1", "x": text(point[1:33]), "y": text(point[33:]),
	}}})
}

func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	i.asked = append(i.asked, r.FormValue("code"))
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if base64.RawURLEncoding.EncodeToString(sum[:]) != i.challenge || r.FormValue("code") != "good" {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	claims := map[string]any{"iss": i.server.URL, "aud": "capri", "sub": "42", "nonce": i.nonce, "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix()}
	maps.Copy(claims, i.claims)
	head, _ := json.Marshal(i.header)
	body, _ := json.Marshal(claims)
	text := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(body)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": text + "." + base64.RawURLEncoding.EncodeToString(i.sign(text))})
}

// oidcRig is a master that knows the provider.
func oidcRig(t *testing.T, i *issuer) *rig {
	t.Helper()
	r := newRig(t)
	d := r.api.Deps
	d.Login.OIDC = identity.OIDC{
		Issuer: i.server.URL, ClientID: "capri", ClientSecret: "s3cret", RedirectURL: "http://m1:8080" + pathCallback, Scopes: []string{"profile"},
		RoleClaim: "groups", Roles: map[string]string{"ops": "operator", "dev": "developer"},
	}
	made, err := newAPI(d)
	if err != nil {
		t.Fatal(err)
	}
	r.api, r.handler = made, made.handler()
	return r
}

// depart begins a login and returns the cookie and the state.
func (r *rig) depart(i *issuer) (trip, state string) {
	r.t.Helper()
	got := r.send(http.MethodGet, pathOIDC, "", nil)
	to, err := url.Parse(got.Header().Get("Location"))
	if err != nil || got.Code != http.StatusSeeOther || !strings.HasPrefix(to.String(), i.server.URL+"/auth?") {
		r.t.Fatalf("got %d %s, want the way to the provider", got.Code, got.Header().Get("Location"))
	}
	q := to.Query()
	i.challenge, i.nonce = q.Get("code_challenge"), q.Get("nonce")
	if q.Get("code_challenge_method") != "S256" || i.nonce == "" || q.Get("scope") != "openid profile" || q.Get("client_id") != "capri" {
		r.t.Errorf("got %v, want PKCE, a nonce and the scopes", q)
	}
	for _, c := range got.Result().Cookies() {
		if c.Name == cookieTrip && c.HttpOnly && c.SameSite == http.SameSiteLaxMode {
			trip = c.Value
		}
	}
	return trip, q.Get("state")
}

// arrive comes back from the provider.
func (r *rig) arrive(trip string, q url.Values) *httptest.ResponseRecorder {
	r.t.Helper()
	sent := httptest.NewRequestWithContext(r.t.Context(), http.MethodGet, pathCallback+"?"+q.Encode(), nil)
	if trip != "" {
		sent.AddCookie(&http.Cookie{Name: cookieTrip, Value: trip})
	}
	got := httptest.NewRecorder()
	r.handler.ServeHTTP(got, sent)
	return got
}

func TestLoginAtAnIdentityProvider(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	r := oidcRig(t, i)
	for _, c := range []struct {
		groups any
		role   string
	}{{[]string{"dev", "ops", "cats"}, "operator"}, {"dev", "developer"}} {
		i.claims = map[string]any{"preferred_username": "Ann", "name": "Ann Smith", "email": "ann@example.com", "groups": c.groups}
		trip, state := r.depart(i)
		got := r.arrive(trip, url.Values{"state": {state}, "code": {"good"}, "session_state": {"x"}})
		if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/" {
			t.Fatalf("got %d %s, want a session", got.Code, got.Body)
		}
		var me wire.Me
		answer := r.visit(http.MethodGet, pathMe, cookieOf(t, got).Value, nil)
		if err := json.Unmarshal(answer.Body.Bytes(), &me); err != nil || me.User.Name != "ann" || me.Role != c.role || !me.User.External || me.User.Title != "Ann Smith" || me.By != "session" {
			t.Errorf("got %s, want ann as %s", answer.Body, c.role)
		}
	}
	if n := r.count("SELECT COUNT(*) FROM capri_user WHERE name = 'ann' AND subject = '" + i.server.URL + "|42'"); n != 1 {
		t.Errorf("got %d users, want one", n)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_audit_log WHERE action = 'login.oidc' AND actor = 'ann' AND detail LIKE '%operator%'"); n != 2 {
		t.Errorf("got %d audit rows, want both", n)
	}
	r.must(http.MethodPost, root+"/users/ann", "superadmin", `{"enabled":false}`, nil)
	trip, state := r.depart(i)
	if got := r.arrive(trip, url.Values{"state": {state}, "code": {"good"}}).Code; got != http.StatusForbidden {
		t.Errorf("disabled here: got %d, want 403", got)
	}
	if p := r.problem(http.MethodPost, root+"/users/ann/password", "superadmin", wire.PasswordSetRequest{Password: goodPassword}); p.Status != http.StatusConflict {
		t.Errorf("a password for who logs in elsewhere: got %+v, want CONFLICT", p)
	}
}

func TestWhatAnIdentityProviderMustNotDo(t *testing.T) {
	t.Parallel()
	for name, bend := range map[string]func(i *issuer, q url.Values, trip *string){
		"wrong nonce":           func(i *issuer, _ url.Values, _ *string) { i.claims["nonce"] = "other" },
		"no nonce":              func(i *issuer, _ url.Values, _ *string) { i.claims["nonce"] = "" },
		"wrong state":           func(_ *issuer, q url.Values, _ *string) { q.Set("state", "other") },
		"no state":              func(_ *issuer, q url.Values, _ *string) { q.Del("state") },
		"no cookie":             func(_ *issuer, _ url.Values, trip *string) { *trip = "" },
		"a cookie of one's own": func(_ *issuer, _ url.Values, trip *string) { *trip = "e30." + strings.Repeat("A", 43) },
		"wrong audience":        func(i *issuer, _ url.Values, _ *string) { i.claims["aud"] = "another" },
		"wrong issuer":          func(i *issuer, _ url.Values, _ *string) { i.claims["iss"] = "http://evil.example" },
		"answer of another":     func(_ *issuer, q url.Values, _ *string) { q.Set("iss", "http://evil.example") },
		"expired":               func(i *issuer, _ url.Values, _ *string) { i.claims["exp"] = time.Now().Add(-time.Hour).Unix() },
		"not signed": func(i *issuer, _ url.Values, _ *string) {
			i.header["alg"] = "none"
			i.sign = func(string) []byte { return nil }
		},
		"signed by a secret":       func(i *issuer, _ url.Values, _ *string) { i.header["alg"] = "HS256" },
		"signed by another":        func(i *issuer, _ url.Values, _ *string) { i.sign = func(string) []byte { return make([]byte, 64) } },
		"wrong code":               func(_ *issuer, q url.Values, _ *string) { q.Set("code", "bad") },
		"wrong verifier":           func(i *issuer, _ url.Values, _ *string) { i.challenge = "other" },
		"refused there":            func(_ *issuer, q url.Values, _ *string) { q.Del("code"); q.Set("error", "access_denied") },
		"no role":                  func(i *issuer, _ url.Values, _ *string) { i.claims["groups"] = []string{"cats"} },
		"a name nobody can have":   func(i *issuer, _ url.Values, _ *string) { i.claims["preferred_username"] = "../etc" },
		"the name of a local user": func(i *issuer, _ url.Values, _ *string) { i.claims["preferred_username"] = "admin" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newIssuer(t)
			i.claims = map[string]any{"preferred_username": "ann", "groups": "dev"}
			r := oidcRig(t, i)
			trip, state := r.depart(i)
			q := url.Values{"state": {state}, "code": {"good"}}
			bend(i, q, &trip)
			got := r.arrive(trip, q)
			if got.Code < 400 || got.Code >= 500 || r.count("SELECT COUNT(*) FROM capri_session") != 0 || r.count("SELECT COUNT(*) FROM capri_user") != 1 {
				t.Errorf("got %d %s, want it refused and nobody made", got.Code, got.Body)
			}
			if strings.Contains(got.Body.String()+r.log.String(), "s3cret") {
				t.Error("got the client's secret shown")
			}
		})
	}
}

// TestOnlyTheIssuerIsCalled: a provider cannot send the master elsewhere.
func TestOnlyTheIssuerIsCalled(t *testing.T) {
	t.Parallel()
	elsewhere := newIssuer(t)
	i := newIssuer(t)
	i.tokenURL = elsewhere.server.URL + "/token"
	i.claims = map[string]any{"preferred_username": "ann", "groups": "dev"}
	r := oidcRig(t, i)
	trip, state := r.depart(i)
	got := r.arrive(trip, url.Values{"state": {state}, "code": {"good"}})
	if got.Code != http.StatusUnauthorized || len(elsewhere.asked) != 0 {
		t.Errorf("got %d and %d calls elsewhere, want 401 and none", got.Code, len(elsewhere.asked))
	}
}

func TestWithoutAnIdentityProvider(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, path := range []string{pathOIDC, pathCallback} {
		if p := r.problem(http.MethodGet, path, "", nil); p.Status != http.StatusNotFound {
			t.Errorf("%s: got %+v, want NOT_FOUND", path, p)
		}
	}
}
