-- +goose Up
CREATE TABLE IF NOT EXISTS capri_task_work (
  id BIGINT NOT NULL,
  taskId BIGINT NOT NULL,
  taskVersion INT NOT NULL,
  projectId BIGINT NOT NULL,
  outputPeriod INT NOT NULL,
  workNo VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  type INT NOT NULL,
  latest TINYINT NOT NULL,
  origin VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  operationId BIGINT NOT NULL,
  priority INT NOT NULL,
  memory BIGINT NOT NULL,
  scheduleTime BIGINT NOT NULL,
  bizStart BIGINT NOT NULL,
  bizEnd BIGINT NOT NULL,
  createdAt BIGINT NOT NULL,
  earliestAt BIGINT NOT NULL,
  dependDeadline BIGINT NOT NULL,
  outputDeadline BIGINT NOT NULL,
  state INT NOT NULL,
  finishState INT NOT NULL,
  unmet INT NOT NULL,
  attempt INT NOT NULL,
  host VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  incarnation VARCHAR(40) COLLATE utf8mb4_bin NOT NULL,
  assignTime BIGINT NOT NULL,
  startTime BIGINT NOT NULL,
  endTime BIGINT NOT NULL,
  message VARCHAR(1000) COLLATE utf8mb4_bin NOT NULL,
  gate VARCHAR(40) COLLATE utf8mb4_bin NOT NULL,
  gateSince BIGINT NOT NULL,
  qualityState INT NOT NULL,
  retryAt BIGINT NOT NULL,
  userFailures INT NOT NULL,
  infraFailures INT NOT NULL,
  refusedAt BIGINT NOT NULL,
  refusedReason VARCHAR(400) COLLATE utf8mb4_bin NOT NULL,
  killBy VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  killAt BIGINT NOT NULL,
  killReason VARCHAR(400) COLLATE utf8mb4_bin NOT NULL,
  markedBy VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  resultCode INT NOT NULL,
  dependTimeoutAt BIGINT NOT NULL,
  outputTimeoutAt BIGINT NOT NULL,
  peakMemory BIGINT NOT NULL,
  peakProcesses INT NOT NULL,
  cpuSeconds BIGINT NOT NULL,
  epoch BIGINT NOT NULL,
  seq INT NOT NULL,
  openKey VARCHAR(20) COLLATE utf8mb4_bin GENERATED ALWAYS AS (CASE WHEN state < 3 THEN workNo END) STORED,
  PRIMARY KEY (id),
  UNIQUE KEY uk_work_run (taskId, workNo, type),
  UNIQUE KEY uk_work_open (taskId, openKey),
  KEY ix_work_ready (state, unmet, priority, scheduleTime, id),
  KEY ix_work_host (state, host, taskId),
  KEY ix_work_time (scheduleTime, id),
  KEY ix_work_task (taskId, scheduleTime, id),
  KEY ix_work_finish (finishState, scheduleTime, id),
  KEY ix_work_operation (operationId, state, finishState)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_task_data (
  taskWorkId BIGINT NOT NULL,
  n INT NOT NULL,
  type INT NOT NULL,
  path VARCHAR(1500) COLLATE utf8mb4_bin NOT NULL,
  pathHash BIGINT NOT NULL,
  ready VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  state INT NOT NULL,
  unmetSince BIGINT NOT NULL,
  lastCheckedAt BIGINT NOT NULL,
  lastError VARCHAR(400) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (taskWorkId, n),
  KEY ix_data_path (type, state, pathHash)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_tthird_data (
  taskWorkId BIGINT NOT NULL,
  n INT NOT NULL,
  code VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  dataNo VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
  state INT NOT NULL,
  unmetSince BIGINT NOT NULL,
  lastCheckedAt BIGINT NOT NULL,
  lastError VARCHAR(400) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (taskWorkId, n),
  KEY ix_third_need (state, code, dataNo)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_tparent_data (
  taskWorkId BIGINT NOT NULL,
  n INT NOT NULL,
  parentTaskId BIGINT NOT NULL,
  parentTaskWorkNo VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  lastRule TINYINT NOT NULL,
  state INT NOT NULL,
  unmetSince BIGINT NOT NULL,
  lastCheckedAt BIGINT NOT NULL,
  lastError VARCHAR(400) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (taskWorkId, n),
  KEY ix_parent_need (state, lastRule, parentTaskId, parentTaskWorkNo, taskWorkId)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_third_depend_data (
  code VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  dataNo VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
  announcedAt BIGINT NOT NULL,
  announcedBy VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (code, dataNo)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_task_instance (
  taskWorkId BIGINT NOT NULL,
  attempt INT NOT NULL,
  task_instance_code VARCHAR(400) COLLATE utf8mb4_bin NOT NULL,
  host VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  incarnation VARCHAR(40) COLLATE utf8mb4_bin NOT NULL,
  pid INT NOT NULL,
  startTime BIGINT NOT NULL,
  endTime BIGINT NOT NULL,
  hasExit TINYINT NOT NULL,
  exitCode INT NOT NULL,
  resultCode INT NOT NULL,
  outcome VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  reason VARCHAR(400) COLLATE utf8mb4_bin NOT NULL,
  tail TEXT COLLATE utf8mb4_bin NOT NULL,
  logBytes BIGINT NOT NULL,
  failedCount INT NOT NULL,
  nextRetryAt BIGINT NOT NULL,
  peakMemory BIGINT NOT NULL,
  peakProcesses INT NOT NULL,
  cpuMillis BIGINT NOT NULL,
  PRIMARY KEY (taskWorkId, attempt)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_batch_event (
  workId BIGINT NOT NULL,
  seq INT NOT NULL,
  move VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  fromState INT NOT NULL,
  toState INT NOT NULL,
  finishState INT NOT NULL,
  attempt INT NOT NULL,
  actor VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  actorId VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  epoch BIGINT NOT NULL,
  at BIGINT NOT NULL,
  detail VARCHAR(1000) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (workId, seq)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_reschedule_log (
  taskWorkId BIGINT NOT NULL,
  attempt INT NOT NULL,
  oldHost VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  oldAssignTime BIGINT NOT NULL,
  newHost VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
  reason VARCHAR(400) COLLATE utf8mb4_bin NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (taskWorkId, attempt),
  KEY ix_reschedule_host (oldHost, at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS capri_user_code_log (
  id BIGINT NOT NULL AUTO_INCREMENT,
  task_instance_code VARCHAR(400) COLLATE utf8mb4_bin NOT NULL,
  user_code BIGINT NOT NULL,
  execute_state BIGINT NOT NULL,
  create_time TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  successKey VARCHAR(400) COLLATE utf8mb4_bin GENERATED ALWAYS AS (CASE WHEN user_code = 0 THEN task_instance_code END) STORED,
  PRIMARY KEY (id),
  UNIQUE KEY uk_user_code_success (successKey),
  KEY ix_user_code_instance (task_instance_code)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC;
