-- +goose Up
ALTER TABLE capri_task_instance ADD COLUMN /*M! IF NOT EXISTS */ result TEXT COLLATE utf8mb4_bin NOT NULL DEFAULT ('');
ALTER TABLE capri_schedul_cluster
  ADD COLUMN /*M! IF NOT EXISTS */ isDrain TINYINT NOT NULL DEFAULT 0,
  ADD COLUMN /*M! IF NOT EXISTS */ stopBy VARCHAR(100) COLLATE utf8mb4_bin NOT NULL DEFAULT '';

CREATE TABLE IF NOT EXISTS capri_attempt_log (
  taskWorkId BIGINT NOT NULL,
  attempt INT NOT NULL,
  fromByte BIGINT NOT NULL,
  text MEDIUMBLOB NOT NULL,
  keptAt BIGINT NOT NULL,
  PRIMARY KEY (taskWorkId, attempt),
  KEY ix_log_kept (keptAt)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;
