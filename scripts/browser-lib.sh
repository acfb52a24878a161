# Sourced by scripts that look at the web console in a browser, in the project's root:
# finds or installs Chromium, and builds a capri with the console of the sources.
# shellcheck shell=sh
if [ -z "${CAPRI_CHROMIUM:-}" ]; then
  sh scripts/package.sh chromium "chromium fonts-noto-cjk" "chromium google-noto-sans-cjk-fonts" "chromium font-noto-cjk"
  CAPRI_CHROMIUM=$(command -v chromium)
fi
sh scripts/console.sh build
CGO_ENABLED=0 go build -o bin/capri-browser .
CAPRI_BIN=$PWD/bin/capri-browser
export CAPRI_CHROMIUM CAPRI_BIN
