package config_test

import (
	"strings"
	"testing"

	"capricornus/common/config"
	"capricornus/common/fault"
)

func loadMaster(t *testing.T, text string) (config.Master, error) {
	t.Helper()
	return config.LoadMaster(config.Source{File: write(t, text), Hostname: "m1"})
}

func TestMastersWithTLSAdvertiseIt(t *testing.T) {
	for text, want := range map[string]string{
		"tls: {cert: a, key: b}":                                                                 "https://m1:8080",
		"tls: {cert: a, key: b}\nadvertise: https://front":                                       "https://front",
		"tls: {cert: a, key: b, ca: c}\nraft: {peers: {m1: \"m1:1\", m2: \"m2:1\"}}":             "https://m1:8080",
		"advertise: https://front":                                                               "https://front",
		"raft: {join: true, peers: {m1: \"m1:1\"}}":                                              "http://m1:8080",
		"tls: {cert: a, key: b, ca: c}\nraft: {join: true, peers: {m1: \"m1:1\"}}\nlisten: m1:9": "https://m1:9",
	} {
		if m, err := loadMaster(t, text); err != nil || m.Advertise != want {
			t.Errorf("%s: got %s, %v, want %s", text, m.Advertise, err, want)
		}
	}
}

func TestProblemsOfTLSAreSaidAtOnce(t *testing.T) {
	for text, want := range map[string][]string{
		"tls: {key: b, ca: c}": {"tls.cert: is missing, though there is a key", "tls.cert: is missing, though there is a CA"},
		"tls: {cert: a}\nadvertise: http://m1:1\nraft: {peers: {m1: \"m1:1\", m2: \"m2:1\"}}": {
			"tls.key: is missing", "tls.ca: is missing", "advertise: http://m1:1 is plain HTTP", "write https://m1:1",
		},
		"tls: {cert: a, key: b}\nraft: {join: true, peers: {m1: \"m1:1\"}}": {"tls.ca: is missing"},
		"raft: {join: true}": {"raft.peers: are missing", `{m1: "m1:7400"}`},
	} {
		_, err := loadMaster(t, text)
		if fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: got %v, want it refused as %s", text, err, fault.Invalid)
			continue
		}
		for _, part := range want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: got %v, want %q in it", text, err, part)
			}
		}
	}
}

func TestWhoIsOpenToTheNetwork(t *testing.T) {
	for text, want := range map[string]bool{
		"":                       true,
		"listen: 127.0.0.1:8080": false,
		"listen: 127.0.0.1:8080\nraft: {peers: {m1: \"m1:1\"}}":                          true,
		"listen: 127.0.0.1:8080\nraft: {listen: \"127.0.0.1:1\", peers: {m1: \"m1:1\"}}": false,
		"tls: {cert: a, key: b}": false,
	} {
		if m, err := loadMaster(t, text); err != nil || m.Open() != want {
			t.Errorf("%s: got %t, %v, want %t", text, m.Open(), err, want)
		}
	}
}
