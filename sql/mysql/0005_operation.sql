-- +goose Up
CREATE TABLE IF NOT EXISTS capri_plan (
  id BIGINT NOT NULL,
  kind VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  request TEXT COLLATE utf8mb4_bin NOT NULL,
  fingerprint VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
  author VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  createdAt BIGINT NOT NULL,
  expiresAt BIGINT NOT NULL,
  operationId BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_plan_expiry (expiresAt)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_operation (
  id BIGINT NOT NULL,
  kind VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  state VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  author VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  reason VARCHAR(400) COLLATE utf8mb4_bin NOT NULL,
  request TEXT COLLATE utf8mb4_bin NOT NULL,
  total INT NOT NULL,
  created INT NOT NULL,
  createdAt BIGINT NOT NULL,
  endedAt BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_operation_state (state, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_operation_item (
  operationId BIGINT NOT NULL,
  n INT NOT NULL,
  taskId BIGINT NOT NULL,
  taskVersion INT NOT NULL,
  workNo VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  decision VARCHAR(10) COLLATE utf8mb4_bin NOT NULL,
  code VARCHAR(40) COLLATE utf8mb4_bin NOT NULL,
  existingId BIGINT NOT NULL,
  batchId BIGINT NOT NULL,
  PRIMARY KEY (operationId, n)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_hold (
  id BIGINT NOT NULL,
  kind VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  objectId BIGINT NOT NULL,
  actor VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  reason VARCHAR(400) COLLATE utf8mb4_bin NOT NULL,
  source VARCHAR(40) COLLATE utf8mb4_bin NOT NULL,
  since BIGINT NOT NULL,
  until BIGINT NOT NULL,
  releasedAt BIGINT NOT NULL,
  releasedBy VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (id),
  KEY ix_hold_active (releasedAt, kind, objectId)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_alert (
  id BIGINT NOT NULL,
  kind VARCHAR(40) COLLATE utf8mb4_bin NOT NULL,
  object VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
  occurrence VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  level VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  taskId BIGINT NOT NULL,
  text TEXT COLLATE utf8mb4_bin NOT NULL,
  createdAt BIGINT NOT NULL,
  deliveredAt BIGINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uk_alert_once (kind, object, occurrence)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;
