#!/bin/sh
# fuzz-api.sh [FLAGS]: runs `capri dev` with some batches and sends it calls that
# schemathesis makes from the OpenAPI document, as people of several roles and as a
# worker, for FUZZ_SECONDS (120) in all. There must be no 5xx, answers must be as
# documented, and what is refused must have changed nothing. FLAGS go to `schemathesis run`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
version=4.32.5
cache=$(pwd)/.cache/fuzz-api
seconds=${FUZZ_SECONDS:-120}
data=
server=

finish() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  if [ -n "$data" ]; then rm -rf "$data"; fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The tool, in an environment of its own.
tool=$cache/venv/bin/schemathesis
if ! "$tool" --version 2>/dev/null | grep -qF "$version"; then
  command -v python3 >/dev/null || { echo "fuzz-api: python3 is missing" >&2; exit 1; }
  mkdir -p "$cache"
  python3 -m venv "$cache/venv"
  "$cache/venv/bin/pip" install --quiet "schemathesis==$version"
fi

capri=${CAPRI:-bin/capri}
if [ -z "${CAPRI:-}" ]; then CGO_ENABLED=0 go build -trimpath -o bin/capri .; fi
data=$(mktemp -d)
"$capri" dev --data-dir "$data" --demo none --workers 1 --listen 127.0.0.1:0 >"$data/log" 2>&1 &
server=$!
for _ in $(seq 300); do
  if [ -s "$data/token" ] && "$capri" --data-dir "$data" cluster status >/dev/null 2>&1; then break; fi
  kill -0 "$server" || { cat "$data/log" >&2; exit 1; }
  sleep 0.1
done

# Something to ask about: tasks of each kind, batches that ended well and badly, one that waits.
cat >"$data/tasks.yaml" <<'TASKS'
apiVersion: capri/v1
kind: Project
metadata: {name: fuzz}
---
apiVersion: capri/v1
kind: Task
metadata: {name: good, project: fuzz, owner: admin}
spec: {period: manual, run: {type: shell, script: "echo done"}}
---
apiVersion: capri/v1
kind: Task
metadata: {name: bad, project: fuzz, owner: admin}
spec: {period: manual, retry: {times: 0}, run: {type: shell, script: "exit 3"}}
---
apiVersion: capri/v1
kind: Task
metadata: {name: waits, project: fuzz, owner: admin}
spec: {period: manual, inputs: [{path: "file:///nowhere/{{ biz_date }}"}], run: {type: shell, script: "true"}}
TASKS
"$capri" --data-dir "$data" task apply -f "$data/tasks.yaml" >/dev/null
for task in good bad waits; do "$capri" --data-dir "$data" task run "$task" >/dev/null; done

failed=
FUZZ_DATABASE=$data/capri.db
SCHEMATHESIS_HOOKS=hooks
PYTHONPATH=$here/fuzz-api
PYTHONDONTWRITEBYTECODE=1
export FUZZ_DATABASE SCHEMATHESIS_HOOKS PYTHONPATH PYTHONDONTWRITEBYTECODE
address=$(cat "$data/address")

# A stream that never ends; what would end the credential; YAML of several documents, of
# which the tool reads one only.
left_out="--exclude-operation-id follow-events --exclude-operation-id logout --exclude-operation-id export-tasks"

# as NAME SECONDS TOKENFILE FLAGS…: calls with one credential.
as() {
  name=$1
  share=$2
  token=$(cat "$3")
  shift 3
  echo "== as $name, $share s"
  # shellcheck disable=SC2086 # flags, a word each
  (cd "$data" && "$tool" run "$address/api/v1/openapi.json" --url "$address" --header "Authorization: Bearer $token" --no-color \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,refused_changes_nothing,shows_no_inside \
    $left_out --phases examples,coverage,fuzzing --max-time "$share" --request-timeout 20 --generation-database none \
    --continue-on-failure --suppress-health-check all --warnings off "$@") >"$data/$name.out" 2>&1 || failed="$failed $name"
  cat "$data/$name.out"
  if grep -q '^Exception in thread' "$data/$name.out"; then failed="$failed $name-was-cut-short"; fi
}

for role in viewer operator; do
  "$capri" --data-dir "$data" token add "fuzz-$role" --role "$role" --file "$data/$role.token" >/dev/null
done

as superadmin $((seconds / 2)) "$data/token" "$@"
"$capri" --data-dir "$data" task list >/dev/null || failed="$failed the-token-was-lost" # or most answers were 401
as viewer $((seconds / 6)) "$data/viewer.token" "$@"
as operator $((seconds / 6)) "$data/operator.token" "$@"
as worker $((seconds / 6)) "$data/worker.token" --include-path-regex '/worker/|/user-codes' "$@"
kill -0 "$server" || failed="$failed the-server-died"
if grep -F '"msg":"handler panicked"' "$data/log"; then failed="$failed panics"; fi
[ -z "$failed" ] || { echo "fuzz-api: found something:$failed" >&2; exit 1; }
