#!/bin/sh
# browser.sh [FLAGS]: the tests of the web console: what it computes, and what people
# do in it, in a headless Chromium (installed when missing) with a real `capri dev`
# behind it. FLAGS are those of vitest, for example `-t "logging in"`.
# CAPRI_CHROMIUM names another browser.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
sh scripts/console.sh check
# shellcheck source=scripts/browser-lib.sh
. "$here/browser-lib.sh"
cd master/console/web
exec npx vitest run "$@"
