package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// namePattern is what names of hosts, nodes, groups and labels may look like.
const namePattern = `^[a-zA-Z0-9][a-zA-Z0-9._-]{0,99}$`

func checkName(text string) error {
	if ok, _ := regexp.MatchString(namePattern, text); !ok {
		return fmt.Errorf("%q is not a name: write letters, digits, dots, dashes and underscores, at most 100", text)
	}
	return nil
}

// checkListen wants host:port or :port.
func checkListen(text string) error {
	_, port, err := net.SplitHostPort(text)
	if err != nil || !isPort(port, 0) {
		return fmt.Errorf("%q is not an address to listen on: write host:port, for example 0.0.0.0:8080", text)
	}
	return nil
}

// checkPeer wants host:port with both parts.
func checkPeer(text string) error {
	host, port, err := net.SplitHostPort(text)
	if err != nil || host == "" || !isPort(port, 1) {
		return fmt.Errorf("%q is not the address of a peer: write host:port, for example m1:7400", text)
	}
	return nil
}

func isPort(text string, lowest int) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= lowest && n <= 65535
}

// checkURL wants the address of an HTTP server and nothing more. It shows no
// password that someone wrote into it.
func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil {
		return errors.New("this is not a URL: write http://host:port")
	}
	good := (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" &&
		u.User == nil && strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && u.Fragment == ""
	if !good {
		return fmt.Errorf("%q is not the address of a server: write http://host:port", u.Redacted())
	}
	return nil
}

// checkService wants the full URL of a service that is called, or nothing. It
// shows no password that someone wrote into it.
func checkService(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil {
		return errors.New("this is not a URL: write http://host:port/path")
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.Fragment != "" {
		return fmt.Errorf("%q is not the URL of a service: write http://host:port/path, without user and password", u.Redacted())
	}
	return nil
}

func checkZone(name string) error {
	if _, err := time.LoadLocation(name); err != nil {
		return fmt.Errorf("%q is not a time zone: write a name such as Asia/Shanghai or UTC", name)
	}
	return nil
}

func checkOneOf(text string, allowed ...string) error {
	if slices.Contains(allowed, text) {
		return nil
	}
	suggestion := ""
	if best := Nearest(text, allowed); best != "" {
		suggestion = fmt.Sprintf(" (did you mean %q?)", best)
	}
	return fmt.Errorf("%q is not known: write %s%s", text, strings.Join(allowed, " or "), suggestion)
}

// isLoopback reports whether an address to listen on is reachable from this
// machine only.
func isLoopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// advertised is the URL under which others reach what listens, when nothing
// better was configured: the address itself, or the name of the machine.
func advertised(listen, name string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return ""
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = name
	}
	return "http://" + net.JoinHostPort(host, port)
}
