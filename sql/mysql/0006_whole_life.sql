-- +goose Up
-- MariaDB repeats what a crash has left halfway: its statements commit one by one. MySQL does not know IF NOT EXISTS here and passes it over.
-- dueAt is stored: by the index of a virtual column, MariaDB 10.11 finds rows that have long left the range.
ALTER TABLE capri_task_work
  ADD COLUMN /*M! IF NOT EXISTS */ qualitySentAt BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN /*M! IF NOT EXISTS */ qualityTries INT NOT NULL DEFAULT 0,
  ADD COLUMN /*M! IF NOT EXISTS */ dueAt BIGINT GENERATED ALWAYS AS (CASE
    WHEN dependDeadline > 0 AND dependTimeoutAt = 0 AND state = 0 AND unmet > 0
      AND NOT (outputDeadline > 0 AND outputTimeoutAt = 0 AND latest = 1 AND finishState NOT IN (1, 6) AND outputDeadline < dependDeadline) THEN dependDeadline
    WHEN outputDeadline > 0 AND outputTimeoutAt = 0 AND latest = 1 AND finishState NOT IN (1, 6) THEN outputDeadline END) STORED,
  ADD KEY /*M! IF NOT EXISTS */ ix_work_due (dueAt),
  ADD KEY /*M! IF NOT EXISTS */ ix_work_end (endTime);

CREATE TABLE IF NOT EXISTS capri_gate_spent (
  workId BIGINT NOT NULL,
  gate VARCHAR(40) COLLATE utf8mb4_bin NOT NULL,
  millis BIGINT NOT NULL,
  PRIMARY KEY (workId, gate)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

ALTER TABLE capri_schedul_cluster
  ADD COLUMN /*M! IF NOT EXISTS */ leaseMillis BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN /*M! IF NOT EXISTS */ incarnationAt BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN /*M! IF NOT EXISTS */ formerLease BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN /*M! IF NOT EXISTS */ deadAt BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN /*M! IF NOT EXISTS */ deadBy VARCHAR(100) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  ADD COLUMN /*M! IF NOT EXISTS */ deadReason VARCHAR(400) COLLATE utf8mb4_bin NOT NULL DEFAULT '';

CREATE TABLE IF NOT EXISTS capri_task_stat (
  taskId BIGINT NOT NULL,
  runs INT NOT NULL,
  p50Millis BIGINT NOT NULL,
  p95Millis BIGINT NOT NULL,
  peakMemory BIGINT NOT NULL,
  learnedAt BIGINT NOT NULL,
  PRIMARY KEY (taskId)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

ALTER TABLE capri_plan ADD COLUMN /*M! IF NOT EXISTS */ seen MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL DEFAULT ('');
ALTER TABLE capri_operation_item
  ADD COLUMN /*M! IF NOT EXISTS */ result VARCHAR(400) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  ADD KEY /*M! IF NOT EXISTS */ ix_item_slot (taskId, workNo),
  ADD KEY /*M! IF NOT EXISTS */ ix_item_open (operationId, decision, batchId, n);
ALTER TABLE capri_task_instance ADD COLUMN /*M! IF NOT EXISTS */ outputsBefore TEXT COLLATE utf8mb4_bin NOT NULL DEFAULT ('');
ALTER TABLE capri_plan MODIFY COLUMN request MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL;
ALTER TABLE capri_operation
  MODIFY COLUMN request MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
  ADD COLUMN /*M! IF NOT EXISTS */ cancelledBy VARCHAR(100) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  ADD COLUMN /*M! IF NOT EXISTS */ cancelReason VARCHAR(400) COLLATE utf8mb4_bin NOT NULL DEFAULT '';

CREATE TABLE IF NOT EXISTS capri_monitor_state (
  kind VARCHAR(40) COLLATE utf8mb4_bin NOT NULL,
  object VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
  level VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (kind, object)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;
