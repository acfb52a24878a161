#!/bin/sh
#: restore.sh --config FILE BACKUP [OPTION...]
#: Puts a backup that backup.sh has made into the database of a cluster whose masters are
#: stopped. docs/operations.md says what happens to what was done after the backup.
#:
#:   --config FILE   a master's configuration, which names the database
#:   --force         also when the database is not empty, which is deleted, or when it is not known
#:                   whether masters run
#:   -n, --dry-run   say what would be done, and do nothing
#:   -h, --help      this
#:
#: The account of the data source must be allowed to make tables here:
#: CAPRI_MASTER_DATABASE_DSN_FILE=FILE names another data source. A master counts as
#: running until half a minute after its last word; one that runs is refused even with
#: --force. The binary is $CAPRI_BIN, ../bin/capri beside this script, or that of PATH.
#: Exit codes: 0 done, 2 usage, 5 masters run, or the database is not empty; 7 no database.
set -eu
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
# shellcheck source=scripts/backup-lib.sh
. "$here/backup-lib.sh"

config='' backup='' force=no dry_run=no
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      sed -n 's/^#: \{0,1\}//p' "$(readlink -f "$0")"
      exit 0
      ;;
    -n | --dry-run) dry_run=yes ;;
    --force) force=yes ;;
    --config)
      [ $# -gt 1 ] || refuse "$1 wants a value"
      config=$2
      shift
      ;;
    -*) refuse "$1 is no option" ;;
    *)
      [ -z "$backup" ] || refuse "one backup at a time: got $backup and $1"
      backup=$1
      ;;
  esac
  shift
done
[ -n "$config" ] || refuse "--config is wanted: a master's configuration"
[ -n "$backup" ] || refuse "which backup?"
[ -f "$backup" ] || refuse "there is no file $backup"

conflict() {
  complain "$*"
  exit 5
}

look
case $engine:$backup in
  mysql:*.sql.gz) gzip -t "$backup" || fail "$backup is damaged" ;;
  sqlite:*.db) ;;
  *) refuse "$backup is no backup of a database of $engine" ;;
esac
[ -z "$masters" ] || conflict "masters run on $database: $masters; stop all of them and wait half a minute"
if [ "$schema" -gt 0 ] && [ "$force" = no ]; then
  conflict "$database is not empty: with --force everything in it is deleted first"
fi

# empty: deletes all tables.
empty() {
  "$client" --defaults-file="$work/client.cnf" --batch --skip-column-names -e \
    "SELECT CONCAT('DROP TABLE \`', table_name, '\`;') FROM information_schema.tables WHERE table_schema = DATABASE()" "$database" >"$work/drop"
  {
    echo 'SET foreign_key_checks = 0;'
    cat "$work/drop"
  } | "$client" --defaults-file="$work/client.cnf" "$database"
}

if [ "$engine" = mysql ]; then
  client=$(program mariadb mysql)
fi
if [ "$dry_run" = yes ]; then
  [ "$schema" -eq 0 ] || echo "would delete everything in $database"
  echo "would put $backup into $database"
  exit 0
fi
if [ "$engine" = mysql ]; then
  options
  [ "$schema" -eq 0 ] || empty
  gzip -dc "$backup" >"$work/dump.sql"
  "$client" --defaults-file="$work/client.cnf" --default-character-set=utf8mb4 "$database" <"$work/dump.sql" || fail "the backup was not put in whole: run this again with --force"
else
  cp "$backup" "$database.part"
  rm -f "$database-wal" "$database-shm"
  mv "$database.part" "$database"
fi
# Ids that were given away after the backup are known to workers: they must not be given away again.
"$capri" database restored --config "$config"
echo "$backup is in $database; capri migrate status says whether it needs a migration"
