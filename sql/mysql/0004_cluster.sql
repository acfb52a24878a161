-- +goose Up
CREATE TABLE IF NOT EXISTS capri_schedul_cluster (
  host VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  lastCheckTime BIGINT NOT NULL,
  checkInterval BIGINT NOT NULL,
  isStop TINYINT NOT NULL,
  stopTime BIGINT NOT NULL,
  stopReason VARCHAR(400) COLLATE utf8mb4_bin NOT NULL,
  stopUntil BIGINT NOT NULL,
  startTime BIGINT NOT NULL,
  memory BIGINT NOT NULL,
  address VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
  incarnation VARCHAR(40) COLLATE utf8mb4_bin NOT NULL,
  workerGroup VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  labels VARCHAR(1000) COLLATE utf8mb4_bin NOT NULL,
  version VARCHAR(60) COLLATE utf8mb4_bin NOT NULL,
  slots INT NOT NULL,
  loadPerCore DOUBLE NOT NULL,
  loadLimit DOUBLE NOT NULL,
  freeMemory BIGINT NOT NULL,
  freeDisk BIGINT NOT NULL,
  features VARCHAR(1000) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (host)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_worker_group (
  name VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  description VARCHAR(400) COLLATE utf8mb4_bin NOT NULL,
  isEnabled TINYINT NOT NULL,
  PRIMARY KEY (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_master_node (
  id VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  address VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
  version VARCHAR(60) COLLATE utf8mb4_bin NOT NULL,
  lastSeen BIGINT NOT NULL,
  isLeader TINYINT NOT NULL,
  PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_master_epoch (
  id INT NOT NULL,
  clusterId VARCHAR(40) COLLATE utf8mb4_bin NOT NULL,
  epoch BIGINT NOT NULL,
  raftIndex BIGINT NOT NULL,
  holder VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_generate_mark (
  mark VARCHAR(120) COLLATE utf8mb4_bin NOT NULL,
  doneUntil BIGINT NOT NULL,
  PRIMARY KEY (mark)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_generate_failure (
  taskId BIGINT NOT NULL,
  workNo VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  slotBase BIGINT NOT NULL,
  tries INT NOT NULL,
  firstAt BIGINT NOT NULL,
  lastAt BIGINT NOT NULL,
  lastError VARCHAR(1000) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (taskId, workNo)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_service_run (
  name VARCHAR(60) COLLATE utf8mb4_bin NOT NULL,
  startedAt BIGINT NOT NULL,
  endedAt BIGINT NOT NULL,
  rowCount BIGINT NOT NULL,
  error VARCHAR(1000) COLLATE utf8mb4_bin NOT NULL,
  epoch BIGINT NOT NULL,
  PRIMARY KEY (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

INSERT INTO capri_master_epoch (id, clusterId, epoch, raftIndex, holder, since) SELECT 1, '', 0, 0, '', 0 FROM (SELECT 1 AS x) AS one WHERE NOT EXISTS (SELECT 1 FROM capri_master_epoch WHERE id = 1);

INSERT INTO capri_worker_group (name, description, isEnabled) SELECT 'default', 'every worker that names no group', 1 FROM (SELECT 1 AS x) AS one WHERE NOT EXISTS (SELECT 1 FROM capri_worker_group WHERE name = 'default');
