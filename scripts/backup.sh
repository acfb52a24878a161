#!/bin/sh
#: backup.sh --config FILE --to DIR [OPTION...]
#: Writes a consistent backup of a cluster's database while masters and workers run:
#: DIR/capri-20261122T011500Z.sql.gz, or .db of SQLite. The raft directories need none.
#:
#:   --config FILE   a master's configuration, which names the database
#:   --to DIR        where backups are kept; made when it is not there
#:   --keep N        afterwards delete all but the newest N
#:   -n, --dry-run   say what would be done, and do nothing
#:   -h, --help      this
#:
#: MariaDB and MySQL are dumped by mariadb-dump or mysqldump, which must be installed. The
#: account of the data source is enough. The binary is $CAPRI_BIN, ../bin/capri beside this
#: script, or that of PATH. A cron entry for every hour, of the user who may read the
#: configuration:
#:
#:   15 * * * * capri /usr/share/capri/scripts/backup.sh --config /etc/capri/master.yaml --to /var/backups/capri --keep 72
#:
#: Exit codes: 0 done, 2 usage, 7 no database, 1 anything else. What is not whole has another name.
set -eu
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
# shellcheck source=scripts/backup-lib.sh
. "$here/backup-lib.sh"

config='' to='' keep='' dry_run=no
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      sed -n 's/^#: \{0,1\}//p' "$(readlink -f "$0")"
      exit 0
      ;;
    -n | --dry-run) dry_run=yes ;;
    --config | --to | --keep)
      [ $# -gt 1 ] || refuse "$1 wants a value"
      case $1 in
        --config) config=$2 ;;
        --to) to=$2 ;;
        --keep) keep=$2 ;;
      esac
      shift
      ;;
    *) refuse "$1 is no option" ;;
  esac
  shift
done
[ -n "$config" ] || refuse "--config is wanted: a master's configuration"
[ -n "$to" ] || refuse "--to is wanted: a directory"
case $keep in
  '') ;;
  0 | *[!0-9]*) refuse "--keep $keep is no number of backups" ;;
esac

look
[ "$schema" -gt 0 ] || fail "the database $database is empty"
stamp=$(date -u +%Y%m%dT%H%M%SZ)
case $engine in
  mysql) file=$to/capri-$stamp.sql.gz ;;
  *) file=$to/capri-$stamp.db ;;
esac

dump() {
  options
  tool=$(program mariadb-dump mysqldump)
  # A pipe would hide that the dump has failed.
  "$tool" --defaults-file="$work/client.cnf" --single-transaction --quick --no-tablespaces --skip-lock-tables --skip-add-locks \
    --hex-blob --default-character-set=utf8mb4 -- "$database" >"$work/dump.sql" || fail "$tool has failed"
  tail -n 5 "$work/dump.sql" | grep -q '^-- Dump completed' || fail "$tool ended before the dump did"
  gzip -c "$work/dump.sql" >"$file.part"
}

if [ "$dry_run" = yes ]; then
  [ "$engine" != mysql ] || would "$(program mariadb-dump mysqldump)" --single-transaction "$database"
  echo "would write $file"
  exit 0
fi
mkdir -p "$to"
# The dump lies beside the backups until it is packed: /tmp may be small.
rm -rf "$work/dump.sql"
if [ "$engine" = mysql ]; then
  spare=$(mktemp -d "$to/.dump-XXXXXX")
  mv "$work"/* "$spare"/
  rmdir "$work"
  work=$spare
  dump
else
  rm -f "$file.part"
  "$capri" database copy --config "$config" --to "$file.part" || exit $?
fi
sync "$file.part" 2>/dev/null || sync
mv "$file.part" "$file"
echo "$file"

if [ -n "$keep" ]; then
  # Names sort by time.
  find "$to" -maxdepth 1 -type f \( -name 'capri-*Z.sql.gz' -o -name 'capri-*Z.db' \) | sort -r | tail -n "+$((keep + 1))" |
    while IFS= read -r old; do rm -f "$old"; done
fi
