-- +goose Up
ALTER TABLE capri_user ADD COLUMN lang TEXT NOT NULL DEFAULT '';

CREATE TABLE IF NOT EXISTS capri_task_grant (
  taskId INTEGER NOT NULL,
  userId INTEGER NOT NULL,
  sms INTEGER NOT NULL,
  mail INTEGER NOT NULL,
  grantedBy TEXT NOT NULL,
  grantedAt INTEGER NOT NULL,
  PRIMARY KEY (taskId, userId)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ix_task_grant_user ON capri_task_grant (userId, taskId);

-- A day on duty, as yyyyMMdd in the cluster's zone; user 0 is nobody.
CREATE TABLE IF NOT EXISTS capri_duty (
  departmentId INTEGER NOT NULL,
  day INTEGER NOT NULL,
  primaryId INTEGER NOT NULL,
  secondaryId INTEGER NOT NULL,
  source TEXT NOT NULL,
  note TEXT NOT NULL,
  changedBy TEXT NOT NULL,
  changedAt INTEGER NOT NULL,
  PRIMARY KEY (departmentId, day)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ix_duty_day ON capri_duty (day, departmentId);

CREATE TABLE IF NOT EXISTS capri_duty_rotation (
  departmentId INTEGER NOT NULL,
  startDay INTEGER NOT NULL,
  everyDays INTEGER NOT NULL,
  members TEXT NOT NULL,
  changedBy TEXT NOT NULL,
  changedAt INTEGER NOT NULL,
  PRIMARY KEY (departmentId)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS capri_report (
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  quiet INTEGER NOT NULL,
  body TEXT NOT NULL,
  madeAt INTEGER NOT NULL,
  sentAt INTEGER NOT NULL,
  PRIMARY KEY (kind, at)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS capri_report_reader (
  kind TEXT NOT NULL,
  userId INTEGER NOT NULL,
  always INTEGER NOT NULL,
  changedAt INTEGER NOT NULL,
  PRIMARY KEY (kind, userId)
) WITHOUT ROWID;

-- reopenedAt is when what the silence had kept from people was looked at again, after its end.
CREATE TABLE IF NOT EXISTS capri_silence (
  id INTEGER NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  object TEXT NOT NULL,
  taskId INTEGER NOT NULL,
  projectId INTEGER NOT NULL,
  reason TEXT NOT NULL,
  author TEXT NOT NULL,
  createdAt INTEGER NOT NULL,
  endsAt INTEGER NOT NULL,
  endedBy TEXT NOT NULL,
  reopenedAt INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS ix_silence_end ON capri_silence (endsAt, id);

-- openKey is 1 while the incident is open and NULL after, so that a cause has one at a time.
CREATE TABLE IF NOT EXISTS capri_incident (
  id INTEGER NOT NULL PRIMARY KEY,
  code TEXT NOT NULL,
  rootKind TEXT NOT NULL,
  root TEXT NOT NULL,
  kind TEXT NOT NULL,
  openKey INTEGER NULL,
  cause TEXT NOT NULL,
  level TEXT NOT NULL,
  affected INTEGER NOT NULL,
  openedAt INTEGER NOT NULL,
  lastAlertAt INTEGER NOT NULL,
  toldAt INTEGER NOT NULL,
  resolvedAt INTEGER NOT NULL,
  ackBy TEXT NOT NULL,
  ackAt INTEGER NOT NULL,
  ackNote TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS uk_incident_code ON capri_incident (code);
CREATE UNIQUE INDEX IF NOT EXISTS uk_incident_open ON capri_incident (rootKind, root, openKey);
CREATE INDEX IF NOT EXISTS ix_incident_open ON capri_incident (openKey, id);

ALTER TABLE capri_alert ADD COLUMN workId INTEGER NOT NULL DEFAULT 0;
ALTER TABLE capri_alert ADD COLUMN incidentId INTEGER NOT NULL DEFAULT 0;
ALTER TABLE capri_alert ADD COLUMN silenceId INTEGER NOT NULL DEFAULT 0;
ALTER TABLE capri_alert ADD COLUMN dealtAt INTEGER NOT NULL DEFAULT 0;
CREATE INDEX IF NOT EXISTS ix_alert_dealt ON capri_alert (dealtAt, id);
CREATE INDEX IF NOT EXISTS ix_alert_task ON capri_alert (taskId, createdAt, id);
CREATE INDEX IF NOT EXISTS ix_alert_kind ON capri_alert (kind, createdAt, id);
CREATE INDEX IF NOT EXISTS ix_alert_incident ON capri_alert (incidentId, id);
CREATE INDEX IF NOT EXISTS ix_alert_silence ON capri_alert (silenceId, id);

-- What a person is told of an alert, on which channel and by which rule, with the
-- message that told it: one message may tell of many.
CREATE TABLE IF NOT EXISTS capri_alert_delivery (
  alertId INTEGER NOT NULL,
  recipient TEXT NOT NULL,
  channel TEXT NOT NULL,
  rule TEXT NOT NULL,
  messageId INTEGER NOT NULL,
  PRIMARY KEY (alertId, recipient, channel)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ix_delivery_message ON capri_alert_delivery (messageId);

-- state: 0 gathers or waits, 1 sent, 2 failed for good.
CREATE TABLE IF NOT EXISTS capri_message (
  id INTEGER NOT NULL PRIMARY KEY,
  purpose TEXT NOT NULL,
  incidentId INTEGER NOT NULL,
  recipient TEXT NOT NULL,
  channel TEXT NOT NULL,
  address TEXT NOT NULL,
  lang TEXT NOT NULL,
  level TEXT NOT NULL,
  alerts INTEGER NOT NULL,
  affected INTEGER NOT NULL,
  state INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  dueAt INTEGER NOT NULL,
  answer TEXT NOT NULL,
  subject TEXT NOT NULL,
  ref TEXT NOT NULL,
  createdAt INTEGER NOT NULL,
  endedAt INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS ix_message_due ON capri_message (state, channel, dueAt, id);
CREATE INDEX IF NOT EXISTS ix_message_person ON capri_message (recipient, channel, createdAt);
CREATE INDEX IF NOT EXISTS ix_message_incident ON capri_message (incidentId, id);

-- What was recorded before anybody was told is not told now.
UPDATE capri_alert SET dealtAt = createdAt WHERE dealtAt = 0;
