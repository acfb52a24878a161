-- +goose Up
ALTER TABLE capri_user ADD COLUMN /*M! IF NOT EXISTS */ lang VARCHAR(10) COLLATE utf8mb4_bin NOT NULL DEFAULT '';

CREATE TABLE IF NOT EXISTS capri_task_grant (
  taskId BIGINT NOT NULL,
  userId BIGINT NOT NULL,
  sms TINYINT NOT NULL,
  mail TINYINT NOT NULL,
  grantedBy VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  grantedAt BIGINT NOT NULL,
  PRIMARY KEY (taskId, userId),
  KEY ix_task_grant_user (userId, taskId)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

-- A day on duty, as yyyyMMdd in the cluster's zone; user 0 is nobody.
CREATE TABLE IF NOT EXISTS capri_duty (
  departmentId BIGINT NOT NULL,
  day INT NOT NULL,
  primaryId BIGINT NOT NULL,
  secondaryId BIGINT NOT NULL,
  source VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  note VARCHAR(400) COLLATE utf8mb4_bin NOT NULL,
  changedBy VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  changedAt BIGINT NOT NULL,
  PRIMARY KEY (departmentId, day),
  KEY ix_duty_day (day, departmentId)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_duty_rotation (
  departmentId BIGINT NOT NULL,
  startDay INT NOT NULL,
  everyDays INT NOT NULL,
  members TEXT COLLATE utf8mb4_bin NOT NULL,
  changedBy VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  changedAt BIGINT NOT NULL,
  PRIMARY KEY (departmentId)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_report (
  kind VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  at BIGINT NOT NULL,
  quiet TINYINT NOT NULL,
  body MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
  madeAt BIGINT NOT NULL,
  sentAt BIGINT NOT NULL,
  PRIMARY KEY (kind, at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_report_reader (
  kind VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  userId BIGINT NOT NULL,
  always TINYINT NOT NULL,
  changedAt BIGINT NOT NULL,
  PRIMARY KEY (kind, userId)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

-- reopenedAt is when what the silence had kept from people was looked at again, after its end.
CREATE TABLE IF NOT EXISTS capri_silence (
  id BIGINT NOT NULL,
  kind VARCHAR(40) COLLATE utf8mb4_bin NOT NULL,
  object VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
  taskId BIGINT NOT NULL,
  projectId BIGINT NOT NULL,
  reason VARCHAR(400) COLLATE utf8mb4_bin NOT NULL,
  author VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  createdAt BIGINT NOT NULL,
  endsAt BIGINT NOT NULL,
  endedBy VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  reopenedAt BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_silence_end (endsAt, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

-- openKey is 1 while the incident is open and NULL after, so that a cause has one at a time.
CREATE TABLE IF NOT EXISTS capri_incident (
  id BIGINT NOT NULL,
  code VARCHAR(12) COLLATE utf8mb4_bin NOT NULL,
  rootKind VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  root VARCHAR(300) COLLATE utf8mb4_bin NOT NULL,
  kind VARCHAR(40) COLLATE utf8mb4_bin NOT NULL,
  openKey TINYINT NULL,
  cause VARCHAR(400) COLLATE utf8mb4_bin NOT NULL,
  level VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  affected INT NOT NULL,
  openedAt BIGINT NOT NULL,
  lastAlertAt BIGINT NOT NULL,
  toldAt BIGINT NOT NULL,
  resolvedAt BIGINT NOT NULL,
  ackBy VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  ackAt BIGINT NOT NULL,
  ackNote VARCHAR(400) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uk_incident_code (code),
  UNIQUE KEY uk_incident_open (rootKind, root, openKey),
  KEY ix_incident_open (openKey, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

ALTER TABLE capri_alert
  ADD COLUMN /*M! IF NOT EXISTS */ workId BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN /*M! IF NOT EXISTS */ incidentId BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN /*M! IF NOT EXISTS */ silenceId BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN /*M! IF NOT EXISTS */ dealtAt BIGINT NOT NULL DEFAULT 0,
  ADD KEY /*M! IF NOT EXISTS */ ix_alert_dealt (dealtAt, id),
  ADD KEY /*M! IF NOT EXISTS */ ix_alert_task (taskId, createdAt, id),
  ADD KEY /*M! IF NOT EXISTS */ ix_alert_kind (kind, createdAt, id),
  ADD KEY /*M! IF NOT EXISTS */ ix_alert_incident (incidentId, id),
  ADD KEY /*M! IF NOT EXISTS */ ix_alert_silence (silenceId, id);

-- What a person is told of an alert, on which channel and by which rule, with the
-- message that told it: one message may tell of many.
CREATE TABLE IF NOT EXISTS capri_alert_delivery (
  alertId BIGINT NOT NULL,
  recipient VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
  channel VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  rule VARCHAR(60) COLLATE utf8mb4_bin NOT NULL,
  messageId BIGINT NOT NULL,
  PRIMARY KEY (alertId, recipient, channel),
  KEY ix_delivery_message (messageId)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

-- state: 0 gathers or waits, 1 sent, 2 failed for good.
CREATE TABLE IF NOT EXISTS capri_message (
  id BIGINT NOT NULL,
  purpose VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  incidentId BIGINT NOT NULL,
  recipient VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
  channel VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  address VARCHAR(300) COLLATE utf8mb4_bin NOT NULL,
  lang VARCHAR(10) COLLATE utf8mb4_bin NOT NULL,
  level VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  alerts INT NOT NULL,
  affected INT NOT NULL,
  state TINYINT NOT NULL,
  tries INT NOT NULL,
  dueAt BIGINT NOT NULL,
  answer VARCHAR(400) COLLATE utf8mb4_bin NOT NULL,
  subject VARCHAR(400) COLLATE utf8mb4_bin NOT NULL,
  ref VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  createdAt BIGINT NOT NULL,
  endedAt BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_message_due (state, channel, dueAt, id),
  KEY ix_message_person (recipient, channel, createdAt),
  KEY ix_message_incident (incidentId, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

-- What was recorded before anybody was told is not told now.
UPDATE capri_alert SET dealtAt = createdAt WHERE dealtAt = 0;
