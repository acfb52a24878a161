-- +goose Up
ALTER TABLE capri_task_instance ADD COLUMN result TEXT NOT NULL DEFAULT '';
ALTER TABLE capri_schedul_cluster ADD COLUMN isDrain INTEGER NOT NULL DEFAULT 0;
ALTER TABLE capri_schedul_cluster ADD COLUMN stopBy TEXT NOT NULL DEFAULT '';

CREATE TABLE IF NOT EXISTS capri_attempt_log (
  taskWorkId INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  fromByte INTEGER NOT NULL,
  text BLOB NOT NULL,
  keptAt INTEGER NOT NULL,
  PRIMARY KEY (taskWorkId, attempt)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ix_log_kept ON capri_attempt_log (keptAt);
