#!/bin/sh
# console.sh [WHAT]: builds the web console into master/console/dist/app, which Go embeds.
#   build      with the Node.js there is (20 or newer); fails without it (the default)
#   maybe      the same, but without Node.js it only says that there will be no console
#   types      writes the types of the interface anew from the OpenAPI document
#   check      fails when these types are not those of the document
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../master/console/web"

has_node() {
  command -v npm >/dev/null 2>&1 && node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' 2>/dev/null
}

# install: the packages of the lock file, once.
install() {
  cmp -s package-lock.json node_modules/.installed && return
  npm ci --no-audit --no-fund --loglevel=error >&2
  cp package-lock.json node_modules/.installed
}

what=${1:-build}
if ! has_node; then
  echo "the web console needs Node.js 20 or newer to be built, and npm" >&2
  [ "$what" = maybe ] || exit 1
  echo "going on without it: / shows a plain page" >&2
  exit 0
fi
install
case $what in
  build | maybe)
    npm run --silent build >&2
    ;;
  types)
    npm run --silent types >&2
    ;;
  check)
    fresh=$(mktemp)
    trap 'rm -f "$fresh"' EXIT
    npx openapi-typescript ../../api/testdata/openapi.json --alphabetize --output "$fresh" >/dev/null
    cmp -s "$fresh" src/api/schema.d.ts || {
      echo "master/console/web/src/api/schema.d.ts is not that of master/api/testdata/openapi.json: scripts/console.sh types" >&2
      exit 1
    }
    ;;
  *)
    sed -n '2,7s/^# *//p' "$here/console.sh" >&2
    exit 2
    ;;
esac
