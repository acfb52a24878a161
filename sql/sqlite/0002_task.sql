-- +goose Up
CREATE TABLE IF NOT EXISTS capri_project (
  id INTEGER NOT NULL,
  name TEXT NOT NULL,
  title TEXT NOT NULL,
  departmentId INTEGER NOT NULL,
  owner TEXT NOT NULL,
  definition TEXT NOT NULL,
  isDeleted INTEGER NOT NULL,
  createdAt INTEGER NOT NULL,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS uk_project_name ON capri_project (name);

CREATE TABLE IF NOT EXISTS capri_task (
  id INTEGER NOT NULL,
  name TEXT NOT NULL,
  title TEXT NOT NULL,
  projectId INTEGER NOT NULL,
  ownerId INTEGER NOT NULL,
  outputPeriod INTEGER NOT NULL,
  cronExpr TEXT NOT NULL,
  priority INTEGER NOT NULL,
  isEnabled INTEGER NOT NULL,
  isDeleted INTEGER NOT NULL,
  execAccount TEXT NOT NULL,
  check_type INTEGER NOT NULL,
  taskBeginTime INTEGER NOT NULL,
  dependTimeout INTEGER NOT NULL,
  outputTimeout INTEGER NOT NULL,
  runTimeout INTEGER NOT NULL,
  maxRunning INTEGER NOT NULL,
  memory INTEGER NOT NULL,
  expectSeconds INTEGER NOT NULL,
  retryTimes INTEGER NOT NULL,
  version INTEGER NOT NULL,
  definition TEXT NOT NULL,
  createdAt INTEGER NOT NULL,
  savedAt INTEGER NOT NULL,
  savedBy TEXT NOT NULL,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS uk_task_name ON capri_task (name);
CREATE INDEX IF NOT EXISTS ix_task_project ON capri_task (projectId);
CREATE INDEX IF NOT EXISTS ix_task_due ON capri_task (isDeleted, outputPeriod, id);

CREATE TABLE IF NOT EXISTS capri_task_version (
  taskId INTEGER NOT NULL,
  version INTEGER NOT NULL,
  definition TEXT NOT NULL,
  isEnabled INTEGER NOT NULL,
  isDeleted INTEGER NOT NULL,
  savedAt INTEGER NOT NULL,
  savedBy TEXT NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (taskId, version)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS capri_task_depend (
  childTaskId INTEGER NOT NULL,
  parentTaskId INTEGER NOT NULL,
  kind TEXT NOT NULL,
  dependWindow TEXT NOT NULL,
  PRIMARY KEY (childTaskId, parentTaskId, kind, dependWindow)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ix_depend_parent ON capri_task_depend (parentTaskId);
