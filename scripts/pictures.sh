#!/bin/sh
# pictures.sh [every DIR]: makes the pictures of the web console in docs/pictures, in a
# headless Chromium (installed when missing) with a real `capri dev` behind it; with
# `every`, one of each page into DIR, light and dark, for a desktop and for a phone.
# CAPRI_CHROMIUM names another browser.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PICTURES=docs
PICTURES_DIR=$here/../docs/pictures
case ${1:-} in
  "") ;;
  every)
    PICTURES=every
    PICTURES_DIR=${2:?every needs a folder to write to}
    ;;
  *)
    sed -n '2,5s/^# *//p' "$0" >&2
    exit 2
    ;;
esac
mkdir -p "$PICTURES_DIR"
PICTURES_DIR=$(cd "$PICTURES_DIR" && pwd)
export PICTURES PICTURES_DIR
cd "$here/.."
# shellcheck source=scripts/browser-lib.sh
. "$here/browser-lib.sh"
cd master/console/web
exec npx vitest run --config pictures/vitest.config.ts
