-- +goose Up
ALTER TABLE capri_task_work ADD COLUMN qualitySentAt INTEGER NOT NULL DEFAULT 0;
ALTER TABLE capri_task_work ADD COLUMN qualityTries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE capri_task_work ADD COLUMN dueAt INTEGER GENERATED ALWAYS AS (CASE
  WHEN dependDeadline > 0 AND dependTimeoutAt = 0 AND state = 0 AND unmet > 0
    AND NOT (outputDeadline > 0 AND outputTimeoutAt = 0 AND latest = 1 AND finishState NOT IN (1, 6) AND outputDeadline < dependDeadline) THEN dependDeadline
  WHEN outputDeadline > 0 AND outputTimeoutAt = 0 AND latest = 1 AND finishState NOT IN (1, 6) THEN outputDeadline END) VIRTUAL;
CREATE INDEX IF NOT EXISTS ix_work_due ON capri_task_work (dueAt);
CREATE INDEX IF NOT EXISTS ix_work_end ON capri_task_work (endTime);

CREATE TABLE IF NOT EXISTS capri_gate_spent (
  workId INTEGER NOT NULL,
  gate TEXT NOT NULL,
  millis INTEGER NOT NULL,
  PRIMARY KEY (workId, gate)
) WITHOUT ROWID;

ALTER TABLE capri_schedul_cluster ADD COLUMN leaseMillis INTEGER NOT NULL DEFAULT 0;
ALTER TABLE capri_schedul_cluster ADD COLUMN incarnationAt INTEGER NOT NULL DEFAULT 0;
ALTER TABLE capri_schedul_cluster ADD COLUMN formerLease INTEGER NOT NULL DEFAULT 0;
ALTER TABLE capri_schedul_cluster ADD COLUMN deadAt INTEGER NOT NULL DEFAULT 0;
ALTER TABLE capri_schedul_cluster ADD COLUMN deadBy TEXT NOT NULL DEFAULT '';
ALTER TABLE capri_schedul_cluster ADD COLUMN deadReason TEXT NOT NULL DEFAULT '';

CREATE TABLE IF NOT EXISTS capri_task_stat (
  taskId INTEGER NOT NULL,
  runs INTEGER NOT NULL,
  p50Millis INTEGER NOT NULL,
  p95Millis INTEGER NOT NULL,
  peakMemory INTEGER NOT NULL,
  learnedAt INTEGER NOT NULL,
  PRIMARY KEY (taskId)
);

ALTER TABLE capri_plan ADD COLUMN seen TEXT NOT NULL DEFAULT '';
ALTER TABLE capri_operation_item ADD COLUMN result TEXT NOT NULL DEFAULT '';
CREATE INDEX IF NOT EXISTS ix_item_slot ON capri_operation_item (taskId, workNo);
CREATE INDEX IF NOT EXISTS ix_item_open ON capri_operation_item (operationId, decision, batchId, n);
ALTER TABLE capri_task_instance ADD COLUMN outputsBefore TEXT NOT NULL DEFAULT '';
ALTER TABLE capri_operation ADD COLUMN cancelledBy TEXT NOT NULL DEFAULT '';
ALTER TABLE capri_operation ADD COLUMN cancelReason TEXT NOT NULL DEFAULT '';

CREATE TABLE IF NOT EXISTS capri_monitor_state (
  kind TEXT NOT NULL,
  object TEXT NOT NULL,
  level TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (kind, object)
) WITHOUT ROWID;
