#!/bin/sh
# package.sh COMMAND APT DNF APK: sees to it that COMMAND can be run, by the
# system's package manager when it is not there. APT, DNF and APK are the packages
# that hold it (several in one argument, separated by blanks). Talks to stderr.
# With CAPRI_INSTALL=no it installs nothing and only says what to install.
set -eu
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/libexec"
command=$1

if command -v "$command" >/dev/null 2>&1; then
  exit 0
fi

if [ "${CAPRI_INSTALL:-}" = no ]; then
  echo "$command is not installed: install it first, for example by 'apt-get install $2' or 'dnf install $3'" >&2
  exit 1
fi

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@" >&2
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@" >&2
  else
    echo "$command is not installed and neither root nor sudo is there to install it: install ${2:-it} by hand" >&2
    exit 1
  fi
}

# shellcheck disable=SC2086 # the packages are words on purpose
if command -v apt-get >/dev/null 2>&1; then
  echo "installing $2 for $command" >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends $2
elif command -v dnf >/dev/null 2>&1; then
  echo "installing $3 for $command" >&2
  as_root dnf -q -y install $3
elif command -v apk >/dev/null 2>&1; then
  echo "installing $4 for $command" >&2
  as_root apk add --quiet $4
else
  echo "$command is not installed and no apt-get, dnf or apk is there to install it" >&2
  exit 1
fi

if ! command -v "$command" >/dev/null 2>&1; then
  echo "$command is still not there after its installation" >&2
  exit 1
fi
