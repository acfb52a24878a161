-- +goose Up
CREATE TABLE IF NOT EXISTS capri_schedul_cluster (
  host TEXT NOT NULL,
  lastCheckTime INTEGER NOT NULL,
  checkInterval INTEGER NOT NULL,
  isStop INTEGER NOT NULL,
  stopTime INTEGER NOT NULL,
  stopReason TEXT NOT NULL,
  stopUntil INTEGER NOT NULL,
  startTime INTEGER NOT NULL,
  memory INTEGER NOT NULL,
  address TEXT NOT NULL,
  incarnation TEXT NOT NULL,
  workerGroup TEXT NOT NULL,
  labels TEXT NOT NULL,
  version TEXT NOT NULL,
  slots INTEGER NOT NULL,
  loadPerCore REAL NOT NULL,
  loadLimit REAL NOT NULL,
  freeMemory INTEGER NOT NULL,
  freeDisk INTEGER NOT NULL,
  features TEXT NOT NULL,
  PRIMARY KEY (host)
);

CREATE TABLE IF NOT EXISTS capri_worker_group (
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  isEnabled INTEGER NOT NULL,
  PRIMARY KEY (name)
);

CREATE TABLE IF NOT EXISTS capri_master_node (
  id TEXT NOT NULL,
  address TEXT NOT NULL,
  version TEXT NOT NULL,
  lastSeen INTEGER NOT NULL,
  isLeader INTEGER NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE IF NOT EXISTS capri_master_epoch (
  id INTEGER NOT NULL,
  clusterId TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  raftIndex INTEGER NOT NULL,
  holder TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE IF NOT EXISTS capri_generate_mark (
  mark TEXT NOT NULL,
  doneUntil INTEGER NOT NULL,
  PRIMARY KEY (mark)
);

CREATE TABLE IF NOT EXISTS capri_generate_failure (
  taskId INTEGER NOT NULL,
  workNo TEXT NOT NULL,
  slotBase INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  firstAt INTEGER NOT NULL,
  lastAt INTEGER NOT NULL,
  lastError TEXT NOT NULL,
  PRIMARY KEY (taskId, workNo)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS capri_service_run (
  name TEXT NOT NULL,
  startedAt INTEGER NOT NULL,
  endedAt INTEGER NOT NULL,
  rowCount INTEGER NOT NULL,
  error TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  PRIMARY KEY (name)
);

INSERT INTO capri_master_epoch (id, clusterId, epoch, raftIndex, holder, since) SELECT 1, '', 0, 0, '', 0 FROM (SELECT 1 AS x) AS one WHERE NOT EXISTS (SELECT 1 FROM capri_master_epoch WHERE id = 1);

INSERT INTO capri_worker_group (name, description, isEnabled) SELECT 'default', 'every worker that names no group', 1 FROM (SELECT 1 AS x) AS one WHERE NOT EXISTS (SELECT 1 FROM capri_worker_group WHERE name = 'default');
