-- +goose Up
CREATE TABLE IF NOT EXISTS capri_plan (
  id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  request TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  author TEXT NOT NULL,
  createdAt INTEGER NOT NULL,
  expiresAt INTEGER NOT NULL,
  operationId INTEGER NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS ix_plan_expiry ON capri_plan (expiresAt);

CREATE TABLE IF NOT EXISTS capri_operation (
  id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  author TEXT NOT NULL,
  reason TEXT NOT NULL,
  request TEXT NOT NULL,
  total INTEGER NOT NULL,
  created INTEGER NOT NULL,
  createdAt INTEGER NOT NULL,
  endedAt INTEGER NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS ix_operation_state ON capri_operation (state, id);

CREATE TABLE IF NOT EXISTS capri_operation_item (
  operationId INTEGER NOT NULL,
  n INTEGER NOT NULL,
  taskId INTEGER NOT NULL,
  taskVersion INTEGER NOT NULL,
  workNo TEXT NOT NULL,
  decision TEXT NOT NULL,
  code TEXT NOT NULL,
  existingId INTEGER NOT NULL,
  batchId INTEGER NOT NULL,
  PRIMARY KEY (operationId, n)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS capri_hold (
  id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  objectId INTEGER NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  source TEXT NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  releasedAt INTEGER NOT NULL,
  releasedBy TEXT NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS ix_hold_active ON capri_hold (releasedAt, kind, objectId);

CREATE TABLE IF NOT EXISTS capri_alert (
  id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  object TEXT NOT NULL,
  occurrence TEXT NOT NULL,
  level TEXT NOT NULL,
  taskId INTEGER NOT NULL,
  text TEXT NOT NULL,
  createdAt INTEGER NOT NULL,
  deliveredAt INTEGER NOT NULL,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS uk_alert_once ON capri_alert (kind, object, occurrence);
