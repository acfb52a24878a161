#!/bin/sh
# Lints Go by golangci-lint, at the version that tools/go.mod pins, and shell
# scripts by shellcheck. The linter is built once, into bin/.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
module=github.com/golangci/golangci-lint/v2

version=$(cd tools && go list -m -f '{{.Version}}' "$module")
linter="$PWD/bin/golangci-lint-$version"
if [ ! -x "$linter" ]; then
  echo "building golangci-lint $version, once" >&2
  mkdir -p bin
  (cd tools && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o "$linter" "$module/cmd/golangci-lint")
fi
failed=0
"$linter" run "$@" ./... || failed=1

sh scripts/package.sh shellcheck shellcheck ShellCheck shellcheck
git ls-files --cached --others --exclude-standard -- '*.sh' .ci/run | xargs shellcheck || failed=1
exit "$failed"
