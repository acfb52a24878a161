-- +goose Up
CREATE TABLE IF NOT EXISTS capri_task_work (
  id INTEGER NOT NULL,
  taskId INTEGER NOT NULL,
  taskVersion INTEGER NOT NULL,
  projectId INTEGER NOT NULL,
  outputPeriod INTEGER NOT NULL,
  workNo TEXT NOT NULL,
  type INTEGER NOT NULL,
  latest INTEGER NOT NULL,
  origin TEXT NOT NULL,
  operationId INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  memory INTEGER NOT NULL,
  scheduleTime INTEGER NOT NULL,
  bizStart INTEGER NOT NULL,
  bizEnd INTEGER NOT NULL,
  createdAt INTEGER NOT NULL,
  earliestAt INTEGER NOT NULL,
  dependDeadline INTEGER NOT NULL,
  outputDeadline INTEGER NOT NULL,
  state INTEGER NOT NULL,
  finishState INTEGER NOT NULL,
  unmet INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  host TEXT NOT NULL,
  incarnation TEXT NOT NULL,
  assignTime INTEGER NOT NULL,
  startTime INTEGER NOT NULL,
  endTime INTEGER NOT NULL,
  message TEXT NOT NULL,
  gate TEXT NOT NULL,
  gateSince INTEGER NOT NULL,
  qualityState INTEGER NOT NULL,
  retryAt INTEGER NOT NULL,
  userFailures INTEGER NOT NULL,
  infraFailures INTEGER NOT NULL,
  refusedAt INTEGER NOT NULL,
  refusedReason TEXT NOT NULL,
  killBy TEXT NOT NULL,
  killAt INTEGER NOT NULL,
  killReason TEXT NOT NULL,
  markedBy TEXT NOT NULL,
  resultCode INTEGER NOT NULL,
  dependTimeoutAt INTEGER NOT NULL,
  outputTimeoutAt INTEGER NOT NULL,
  peakMemory INTEGER NOT NULL,
  peakProcesses INTEGER NOT NULL,
  cpuSeconds INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  openKey TEXT GENERATED ALWAYS AS (CASE WHEN state < 3 THEN workNo END) STORED,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS uk_work_run ON capri_task_work (taskId, workNo, type);
CREATE UNIQUE INDEX IF NOT EXISTS uk_work_open ON capri_task_work (taskId, openKey);
CREATE INDEX IF NOT EXISTS ix_work_ready ON capri_task_work (state, unmet, priority, scheduleTime, id);
CREATE INDEX IF NOT EXISTS ix_work_host ON capri_task_work (state, host, taskId);
CREATE INDEX IF NOT EXISTS ix_work_time ON capri_task_work (scheduleTime, id);
CREATE INDEX IF NOT EXISTS ix_work_task ON capri_task_work (taskId, scheduleTime, id);
CREATE INDEX IF NOT EXISTS ix_work_finish ON capri_task_work (finishState, scheduleTime, id);
CREATE INDEX IF NOT EXISTS ix_work_operation ON capri_task_work (operationId, state, finishState);

CREATE TABLE IF NOT EXISTS capri_task_data (
  taskWorkId INTEGER NOT NULL,
  n INTEGER NOT NULL,
  type INTEGER NOT NULL,
  path TEXT NOT NULL,
  pathHash INTEGER NOT NULL,
  ready TEXT NOT NULL,
  state INTEGER NOT NULL,
  unmetSince INTEGER NOT NULL,
  lastCheckedAt INTEGER NOT NULL,
  lastError TEXT NOT NULL,
  PRIMARY KEY (taskWorkId, n)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ix_data_path ON capri_task_data (type, state, pathHash);

CREATE TABLE IF NOT EXISTS capri_tthird_data (
  taskWorkId INTEGER NOT NULL,
  n INTEGER NOT NULL,
  code TEXT NOT NULL,
  dataNo TEXT NOT NULL,
  state INTEGER NOT NULL,
  unmetSince INTEGER NOT NULL,
  lastCheckedAt INTEGER NOT NULL,
  lastError TEXT NOT NULL,
  PRIMARY KEY (taskWorkId, n)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ix_third_need ON capri_tthird_data (state, code, dataNo);

CREATE TABLE IF NOT EXISTS capri_tparent_data (
  taskWorkId INTEGER NOT NULL,
  n INTEGER NOT NULL,
  parentTaskId INTEGER NOT NULL,
  parentTaskWorkNo TEXT NOT NULL,
  lastRule INTEGER NOT NULL,
  state INTEGER NOT NULL,
  unmetSince INTEGER NOT NULL,
  lastCheckedAt INTEGER NOT NULL,
  lastError TEXT NOT NULL,
  PRIMARY KEY (taskWorkId, n)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ix_parent_need ON capri_tparent_data (state, lastRule, parentTaskId, parentTaskWorkNo, taskWorkId);

CREATE TABLE IF NOT EXISTS capri_third_depend_data (
  code TEXT NOT NULL,
  dataNo TEXT NOT NULL,
  announcedAt INTEGER NOT NULL,
  announcedBy TEXT NOT NULL,
  PRIMARY KEY (code, dataNo)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS capri_task_instance (
  taskWorkId INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  task_instance_code TEXT NOT NULL,
  host TEXT NOT NULL,
  incarnation TEXT NOT NULL,
  pid INTEGER NOT NULL,
  startTime INTEGER NOT NULL,
  endTime INTEGER NOT NULL,
  hasExit INTEGER NOT NULL,
  exitCode INTEGER NOT NULL,
  resultCode INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL,
  tail TEXT NOT NULL,
  logBytes INTEGER NOT NULL,
  failedCount INTEGER NOT NULL,
  nextRetryAt INTEGER NOT NULL,
  peakMemory INTEGER NOT NULL,
  peakProcesses INTEGER NOT NULL,
  cpuMillis INTEGER NOT NULL,
  PRIMARY KEY (taskWorkId, attempt)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS capri_batch_event (
  workId INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  move TEXT NOT NULL,
  fromState INTEGER NOT NULL,
  toState INTEGER NOT NULL,
  finishState INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  actor TEXT NOT NULL,
  actorId TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  at INTEGER NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (workId, seq)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS capri_reschedule_log (
  taskWorkId INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  oldHost TEXT NOT NULL,
  oldAssignTime INTEGER NOT NULL,
  newHost TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (taskWorkId, attempt)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ix_reschedule_host ON capri_reschedule_log (oldHost, at);

CREATE TABLE IF NOT EXISTS capri_user_code_log (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  task_instance_code TEXT NOT NULL,
  user_code INTEGER NOT NULL,
  execute_state INTEGER NOT NULL,
  create_time TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  successKey TEXT GENERATED ALWAYS AS (CASE WHEN user_code = 0 THEN task_instance_code END) STORED
);
CREATE UNIQUE INDEX IF NOT EXISTS uk_user_code_success ON capri_user_code_log (successKey);
CREATE INDEX IF NOT EXISTS ix_user_code_instance ON capri_user_code_log (task_instance_code);
