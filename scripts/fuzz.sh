#!/bin/sh
# Runs every fuzz test for FUZZTIME (30s) each, one after the other.
set -eu
cd "$(dirname "$0")/.."
found=
for package in $(go list ./...); do
  for name in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
    found=yes
    echo "== $package $name"
    go test -run '^$' -fuzz "^$name\$" -fuzztime "${FUZZTIME:-30s}" "$package"
  done
done
[ -n "$found" ] || { echo "no fuzz test was found" >&2; exit 1; }
