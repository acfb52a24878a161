-- +goose Up
ALTER TABLE capri_user ADD COLUMN passwordHash TEXT NOT NULL DEFAULT '';
ALTER TABLE capri_user ADD COLUMN passwordAt INTEGER NOT NULL DEFAULT 0;
ALTER TABLE capri_user ADD COLUMN mustChange INTEGER NOT NULL DEFAULT 0;
ALTER TABLE capri_user ADD COLUMN failedLogins INTEGER NOT NULL DEFAULT 0;
ALTER TABLE capri_user ADD COLUMN lockedUntil INTEGER NOT NULL DEFAULT 0;
ALTER TABLE capri_user ADD COLUMN lastLoginAt INTEGER NOT NULL DEFAULT 0;
ALTER TABLE capri_user ADD COLUMN subject TEXT NOT NULL DEFAULT '';
CREATE INDEX IF NOT EXISTS ix_user_subject ON capri_user (subject);
ALTER TABLE capri_account ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE capri_token ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
ALTER TABLE capri_token ADD COLUMN host TEXT NOT NULL DEFAULT '';
ALTER TABLE capri_token ADD COLUMN createdBy TEXT NOT NULL DEFAULT '';
ALTER TABLE capri_token ADD COLUMN revokedBy TEXT NOT NULL DEFAULT '';
ALTER TABLE capri_token ADD COLUMN lastUsedAt INTEGER NOT NULL DEFAULT 0;
CREATE INDEX IF NOT EXISTS ix_token_user ON capri_token (userId, id);

CREATE TABLE IF NOT EXISTS capri_project_member (
  projectId INTEGER NOT NULL,
  userId INTEGER NOT NULL,
  addedBy TEXT NOT NULL,
  addedAt INTEGER NOT NULL,
  PRIMARY KEY (projectId, userId)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ix_member_user ON capri_project_member (userId, projectId);

CREATE TABLE IF NOT EXISTS capri_session (
  id INTEGER NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL,
  userId INTEGER NOT NULL,
  createdAt INTEGER NOT NULL,
  seenAt INTEGER NOT NULL,
  expiresAt INTEGER NOT NULL,
  source TEXT NOT NULL,
  agent TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS uk_session_hash ON capri_session (hash);
CREATE INDEX IF NOT EXISTS ix_session_user ON capri_session (userId);
CREATE INDEX IF NOT EXISTS ix_session_expiry ON capri_session (expiresAt);

CREATE TABLE IF NOT EXISTS capri_idempotency (
  keyHash TEXT NOT NULL PRIMARY KEY,
  requestHash TEXT NOT NULL,
  actor TEXT NOT NULL,
  createdAt INTEGER NOT NULL,
  expiresAt INTEGER NOT NULL,
  status INTEGER NOT NULL,
  contentType TEXT NOT NULL,
  body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ix_idempotency_expiry ON capri_idempotency (expiresAt);

CREATE TABLE IF NOT EXISTS capri_job (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  expr TEXT NOT NULL,
  command TEXT NOT NULL,
  create_time TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  takenHash TEXT NOT NULL DEFAULT '',
  takenAt INTEGER NOT NULL DEFAULT 0,
  error TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX IF NOT EXISTS uk_job_name ON capri_job (name);

ALTER TABLE capri_task_work ADD COLUMN requestId TEXT NOT NULL DEFAULT '';
ALTER TABLE capri_task_work ADD COLUMN lateAt INTEGER GENERATED ALWAYS AS (CASE WHEN dependTimeoutAt > 0 OR outputTimeoutAt > 0 THEN scheduleTime END) VIRTUAL;
CREATE INDEX IF NOT EXISTS ix_work_late ON capri_task_work (lateAt, id);
CREATE INDEX IF NOT EXISTS ix_work_project ON capri_task_work (projectId, scheduleTime, id);
CREATE INDEX IF NOT EXISTS ix_work_place ON capri_task_work (host, scheduleTime, id);
ALTER TABLE capri_operation ADD COLUMN requestId TEXT NOT NULL DEFAULT '';
CREATE INDEX IF NOT EXISTS ix_event_at ON capri_batch_event (at, workId, seq);
ALTER TABLE capri_alert ADD COLUMN raisedBy TEXT NOT NULL DEFAULT '';
CREATE INDEX IF NOT EXISTS ix_alert_created ON capri_alert (createdAt, id);
ALTER TABLE capri_audit_log ADD COLUMN requestId TEXT NOT NULL DEFAULT '';
CREATE INDEX IF NOT EXISTS ix_audit_actor ON capri_audit_log (actor, id);
CREATE INDEX IF NOT EXISTS ix_audit_object ON capri_audit_log (object, id);
