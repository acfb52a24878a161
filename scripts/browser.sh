#!/bin/sh
# browser.sh [FLAGS]: the tests of the web console: what it computes, and what people
# do in it, in a headless Chromium (installed when missing) with a real `capri dev`
# behind it. FLAGS are those of vitest, for example `-t "logging in"`.
# CAPRI_CHROMIUM names another browser.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
if [ -z "${CAPRI_CHROMIUM:-}" ]; then
  sh "$here/package.sh" chromium "chromium fonts-noto-cjk" "chromium google-noto-sans-cjk-fonts" "chromium font-noto-cjk"
  CAPRI_CHROMIUM=$(command -v chromium)
  export CAPRI_CHROMIUM
fi
sh "$here/console.sh" check
sh "$here/console.sh" build
CGO_ENABLED=0 go build -o bin/capri-browser .
CAPRI_BIN=$PWD/bin/capri-browser
export CAPRI_BIN
cd master/console/web
exec npx vitest run "$@"
