package config

import (
	"os"
	"strings"
	"time"
)

// HostZone is the name of this machine's time zone: TZ, or what /etc/localtime
// stands for. A machine that tells no name counts as UTC, so that a cluster
// never depends on something nobody can write down.
func HostZone() string {
	if name, set := os.LookupEnv("TZ"); set {
		return zoneOr(strings.TrimPrefix(name, ":"), "UTC")
	}
	target, err := os.Readlink("/etc/localtime")
	if err != nil {
		return "UTC"
	}
	_, name, _ := strings.Cut(target, "zoneinfo/")
	return zoneOr(name, "UTC")
}

func zoneOr(name, otherwise string) string {
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		return otherwise
	}
	return name
}
