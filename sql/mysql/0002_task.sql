-- +goose Up
CREATE TABLE IF NOT EXISTS capri_project (
  id BIGINT NOT NULL,
  name VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  title VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
  departmentId BIGINT NOT NULL,
  owner VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  definition TEXT COLLATE utf8mb4_bin NOT NULL,
  isDeleted TINYINT NOT NULL,
  createdAt BIGINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uk_project_name (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_task (
  id BIGINT NOT NULL,
  name VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  title VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
  projectId BIGINT NOT NULL,
  ownerId BIGINT NOT NULL,
  outputPeriod INT NOT NULL,
  cronExpr VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
  priority INT NOT NULL,
  isEnabled TINYINT NOT NULL,
  isDeleted TINYINT NOT NULL,
  execAccount VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  check_type INT NOT NULL,
  taskBeginTime INT NOT NULL,
  dependTimeout INT NOT NULL,
  outputTimeout INT NOT NULL,
  runTimeout BIGINT NOT NULL,
  maxRunning INT NOT NULL,
  memory BIGINT NOT NULL,
  expectSeconds INT NOT NULL,
  retryTimes INT NOT NULL,
  version INT NOT NULL,
  definition MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
  createdAt BIGINT NOT NULL,
  savedAt BIGINT NOT NULL,
  savedBy VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uk_task_name (name),
  KEY ix_task_project (projectId),
  KEY ix_task_due (isDeleted, outputPeriod, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_task_version (
  taskId BIGINT NOT NULL,
  version INT NOT NULL,
  definition MEDIUMTEXT COLLATE utf8mb4_bin NOT NULL,
  isEnabled TINYINT NOT NULL,
  isDeleted TINYINT NOT NULL,
  savedAt BIGINT NOT NULL,
  savedBy VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  note VARCHAR(400) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (taskId, version)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_task_depend (
  childTaskId BIGINT NOT NULL,
  parentTaskId BIGINT NOT NULL,
  kind VARCHAR(10) COLLATE utf8mb4_bin NOT NULL,
  dependWindow VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (childTaskId, parentTaskId, kind, dependWindow),
  KEY ix_depend_parent (parentTaskId)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;
