-- +goose Up
ALTER TABLE capri_user
  ADD COLUMN /*M! IF NOT EXISTS */ passwordHash VARCHAR(200) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  ADD COLUMN /*M! IF NOT EXISTS */ passwordAt BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN /*M! IF NOT EXISTS */ mustChange TINYINT NOT NULL DEFAULT 0,
  ADD COLUMN /*M! IF NOT EXISTS */ failedLogins INT NOT NULL DEFAULT 0,
  ADD COLUMN /*M! IF NOT EXISTS */ lockedUntil BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN /*M! IF NOT EXISTS */ lastLoginAt BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN /*M! IF NOT EXISTS */ subject VARCHAR(400) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  ADD KEY /*M! IF NOT EXISTS */ ix_user_subject (subject);
ALTER TABLE capri_account ADD COLUMN /*M! IF NOT EXISTS */ description VARCHAR(400) COLLATE utf8mb4_bin NOT NULL DEFAULT '';
ALTER TABLE capri_token
  ADD COLUMN /*M! IF NOT EXISTS */ scopes VARCHAR(400) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  ADD COLUMN /*M! IF NOT EXISTS */ host VARCHAR(100) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  ADD COLUMN /*M! IF NOT EXISTS */ createdBy VARCHAR(100) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  ADD COLUMN /*M! IF NOT EXISTS */ revokedBy VARCHAR(100) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  ADD COLUMN /*M! IF NOT EXISTS */ lastUsedAt BIGINT NOT NULL DEFAULT 0,
  ADD KEY /*M! IF NOT EXISTS */ ix_token_user (userId, id);

CREATE TABLE IF NOT EXISTS capri_project_member (
  projectId BIGINT NOT NULL,
  userId BIGINT NOT NULL,
  addedBy VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  addedAt BIGINT NOT NULL,
  PRIMARY KEY (projectId, userId),
  KEY ix_member_user (userId, projectId)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_session (
  id BIGINT NOT NULL,
  hash VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  userId BIGINT NOT NULL,
  createdAt BIGINT NOT NULL,
  seenAt BIGINT NOT NULL,
  expiresAt BIGINT NOT NULL,
  source VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  agent VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uk_session_hash (hash),
  KEY ix_session_user (userId),
  KEY ix_session_expiry (expiresAt)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_idempotency (
  keyHash VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  requestHash VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  actor VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  createdAt BIGINT NOT NULL,
  expiresAt BIGINT NOT NULL,
  status INT NOT NULL,
  contentType VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  body MEDIUMBLOB NOT NULL,
  PRIMARY KEY (keyHash),
  KEY ix_idempotency_expiry (expiresAt)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_job (
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  expr VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
  command TEXT COLLATE utf8mb4_bin NOT NULL,
  create_time TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  takenHash VARCHAR(64) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  takenAt BIGINT NOT NULL DEFAULT 0,
  error VARCHAR(400) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  PRIMARY KEY (id),
  UNIQUE KEY uk_job_name (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

-- lateAt is stored, as dueAt is: the index of a virtual column finds rows that have left the range.
ALTER TABLE capri_task_work
  ADD COLUMN /*M! IF NOT EXISTS */ requestId VARCHAR(64) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  ADD COLUMN /*M! IF NOT EXISTS */ lateAt BIGINT GENERATED ALWAYS AS (CASE WHEN dependTimeoutAt > 0 OR outputTimeoutAt > 0 THEN scheduleTime END) STORED,
  ADD KEY /*M! IF NOT EXISTS */ ix_work_late (lateAt, id),
  ADD KEY /*M! IF NOT EXISTS */ ix_work_project (projectId, scheduleTime, id),
  ADD KEY /*M! IF NOT EXISTS */ ix_work_place (host, scheduleTime, id);
ALTER TABLE capri_operation ADD COLUMN /*M! IF NOT EXISTS */ requestId VARCHAR(64) COLLATE utf8mb4_bin NOT NULL DEFAULT '';
ALTER TABLE capri_batch_event ADD KEY /*M! IF NOT EXISTS */ ix_event_at (at, workId, seq);
ALTER TABLE capri_alert
  ADD COLUMN /*M! IF NOT EXISTS */ raisedBy VARCHAR(100) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  ADD KEY /*M! IF NOT EXISTS */ ix_alert_created (createdAt, id);
ALTER TABLE capri_audit_log
  ADD COLUMN /*M! IF NOT EXISTS */ requestId VARCHAR(64) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  ADD KEY /*M! IF NOT EXISTS */ ix_audit_actor (actor, id),
  ADD KEY /*M! IF NOT EXISTS */ ix_audit_object (object, id);
