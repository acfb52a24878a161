"""Checks of fuzz-api.sh beside schemathesis' own: a call that is refused has
changed nothing, and no answer shows anything of the inside."""

import atexit
import hashlib
import os
import re
import sqlite3

import schemathesis

# What only calls change. The rest the scheduler writes by itself all the time.
TABLES = """capri_project capri_project_member capri_task capri_task_version capri_task_depend capri_dic_data
capri_department capri_user capri_account capri_account_grant capri_plan capri_third_depend_data capri_job
capri_hold capri_worker_group capri_audit_log""".split()

# A failed login is counted and written down.
COUNTED = {"login", "change-password", "begin-oidc-login", "end-oidc-login"}

INSIDE = re.compile(r"capri_[a-z]+_|sqlite|mysql|SELECT .* FROM|goroutine|runtime error|\.go:\d|constraint failed|no such column", re.IGNORECASE)

database = sqlite3.connect(f"file:{os.environ['FUZZ_DATABASE']}?mode=ro", uri=True, check_same_thread=False)
there = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
before = {}
compared = []
# Calls of a super administrator must not end the credentials that others use after it.
in_use = {str(number) for (number,) in database.execute("SELECT id FROM capri_token")}


def digest():
    total = hashlib.sha256()
    for table in TABLES:
        if table in there:
            for row in database.execute(f"SELECT * FROM {table}"):
                total.update(repr(row).encode())
    return total.hexdigest()


atexit.register(lambda: print(f"{len(compared)} refused calls had changed nothing, or are named above"))


@schemathesis.hook
def map_query(ctx, query):
    """Streams and long polls would only wait."""
    for name in ("follow", "wait"):
        if query and name in query:
            del query[name]
    return query


@schemathesis.hook
def map_path_parameters(ctx, path_parameters):
    if ctx.operation.definition.raw.get("operationId") == "revoke-token" and str(path_parameters.get("id")) in in_use:
        path_parameters["id"] = 1_000_000_000
    return path_parameters


@schemathesis.hook
def before_call(ctx, case, kwargs):
    if case.method.upper() == "POST":
        before[case.id] = digest()


@schemathesis.check
def refused_changes_nothing(ctx, response, case):
    was = before.pop(case.id, None)
    if was is None or not 400 <= response.status_code < 500:
        return
    if case.operation.definition.raw.get("operationId") in COUNTED:
        return
    compared.append(case.id)
    assert digest() == was, f"{response.status_code} was answered, and the database changed"


@schemathesis.check
def shows_no_inside(ctx, response, case):
    if response.status_code < 400:
        return
    sent = f"{case.path_parameters} {case.query} {case.body}"
    for found in INSIDE.findall(response.text):
        assert found in sent, f"the answer shows {found!r}"
