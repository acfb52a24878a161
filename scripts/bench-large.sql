-- History for bench-large.sh and the bench of the console, which set @rows and @stop (the base
-- time after the last hour, in ms, UTC midnight) before. Tasks large_h_*, large_d_* and large_m_* are there.
-- They may set @days, of which daily and monthly tasks have batches at least, and of how many of the newest
-- batches there is a journal (@lives) and what they depend on (@needs).
-- A batch's id is 1,000,000,000 + @wide × its hour since the begin + its task's number:
-- as with a real cluster, ids grow with time and have gaps.
SET time_zone = '+00:00', tx_isolation = 'READ-COMMITTED';
SET @hour := 3600000;

CREATE OR REPLACE TABLE large_task (
  kind INT NOT NULL, k INT NOT NULL, id BIGINT NOT NULL, projectId BIGINT NOT NULL, priority INT NOT NULL, PRIMARY KEY (kind, k), UNIQUE KEY (id)
) ENGINE = InnoDB AS
SELECT outputPeriod AS kind, CAST(SUBSTR(name, 9) AS UNSIGNED) AS k, id, projectId, priority FROM capri_task WHERE name LIKE 'large\_%';

SELECT COUNT(*) INTO @hourly FROM large_task WHERE kind = 2;
SELECT COUNT(*) INTO @daily FROM large_task WHERE kind = 3;
SELECT COUNT(*) INTO @monthly FROM large_task WHERE kind = 4;
SET @full := CEIL(@rows / (@hourly + @daily / 24) / 24) * 24;
SET @hours := GREATEST(@full, IFNULL(@days, 0) * 24);
SET @start := @stop - @hours * @hour;
SET @dailyAbove := @hourly + 80, @monthlyAbove := @hourly + @daily + 180, @wide := @hourly + @daily + @monthly + 400;

DELIMITER //
-- large_hour makes the batches of one hour: of the hourly tasks, at midnight of the daily
-- ones, on the first of a month of the monthly ones. All are done, one in twenty failed.
CREATE OR REPLACE PROCEDURE large_hour(h INT)
BEGIN
  DECLARE base BIGINT DEFAULT @start + h * @hour;
  INSERT INTO capri_task_work (id, taskId, taskVersion, projectId, outputPeriod, workNo, type, latest, origin, operationId, priority, memory,
    scheduleTime, bizStart, bizEnd, createdAt, earliestAt, dependDeadline, outputDeadline, state, finishState, unmet, attempt, host, incarnation,
    assignTime, startTime, endTime, message, gate, gateSince, qualityState, retryAt, userFailures, infraFailures, refusedAt, refusedReason,
    killBy, killAt, killReason, markedBy, resultCode, dependTimeoutAt, outputTimeoutAt, peakMemory, peakProcesses, cpuSeconds, epoch, seq)
  SELECT 1000000000 + h * @wide + x.above + t.k, t.id, 1, t.projectId, t.kind, DATE_FORMAT(FROM_UNIXTIME(base DIV 1000), x.form), 0, 1, 'timer', 0, t.priority, 0,
    base + 60000, base - x.span, base, base + 60000, base + 60000, 0, IF((t.k * 31 + h) MOD 100 = 7, base + 600000, 0),
    3, IF((t.k * 7 + h * 13) MOD 20 = 3, 2, 1), 0, 1, CONCAT('old', (t.k + h) MOD 20), 'i1',
    base + 60100, base + 60200, base + 61000 + (t.k * 7919 + h * 104729) MOD 900000, IF((t.k * 7 + h * 13) MOD 20 = 3, 'exit code 3', 'exit code 0'), '', 0, 0, 0, IF((t.k * 7 + h * 13) MOD 20 = 3, 1, 0), 0, 0, '',
    '', 0, '', '', IF((t.k * 7 + h * 13) MOD 20 = 3, 3, 0), 0, IF((t.k * 31 + h) MOD 100 = 7, base + 600000, 0), 50000000, 3, 1, 1, 4
  FROM (SELECT 2 AS kind, 0 AS above, '%Y%m%d%H' AS form, 3600000 AS span FROM DUAL WHERE h >= @hours - @full
        UNION ALL SELECT 3, @dailyAbove, '%Y%m%d', 86400000 FROM DUAL WHERE h MOD 24 = 0
        UNION ALL SELECT 4, @monthlyAbove, '%Y%m', 2592000000 FROM DUAL WHERE h MOD 24 = 0 AND DAY(FROM_UNIXTIME(base DIV 1000)) = 1) x
  STRAIGHT_JOIN large_task t ON t.kind = x.kind ORDER BY x.above, t.k;
END //

-- large_past makes all hours, a day to a transaction.
CREATE OR REPLACE PROCEDURE large_past()
BEGIN
  DECLARE h INT DEFAULT 0;
  START TRANSACTION;
  WHILE h < @hours DO
    CALL large_hour(h);
    SET h = h + 1;
    IF h MOD 24 = 0 THEN COMMIT; START TRANSACTION; END IF;
  END WHILE;
  COMMIT;
END //

-- large_lives gives the newest batches, a million of them, their journals and attempts, and the
-- newest 200,000 what they depend on, in slices of 20,000 ids.
CREATE OR REPLACE PROCEDURE large_lives()
BEGIN
  DECLARE lo BIGINT;
  DECLARE lives INT DEFAULT IFNULL(@lives, 1000000);
  DECLARE needs INT DEFAULT IFNULL(@needs, 200000);
  SELECT MIN(id) INTO @lived FROM (SELECT id FROM capri_task_work ORDER BY id DESC LIMIT lives) x;
  SELECT MIN(id) INTO @needed FROM (SELECT id FROM capri_task_work ORDER BY id DESC LIMIT needs) x;
  SELECT MAX(id) INTO @top FROM capri_task_work;
  SET lo = @lived;
  WHILE lo <= @top DO
    INSERT INTO capri_batch_event (workId, seq, move, fromState, toState, finishState, attempt, actor, actorId, epoch, at, detail)
    SELECT w.id, s.seq, ELT(s.seq, 'create', 'assign', 'start', 'finish'), ELT(s.seq, -1, 0, 1, 2), s.seq - 1, IF(s.seq = 4, w.finishState, 0), IF(s.seq = 1, 0, 1),
      ELT(s.seq, 'timer', 'assign', 'worker', 'worker'), ELT(s.seq, 'm1', 'm1', w.host, w.host), 1, ELT(s.seq, w.createdAt, w.assignTime, w.startTime, w.endTime), IF(s.seq = 4, w.message, '')
    FROM capri_task_work w JOIN seq_1_to_4 s WHERE w.id BETWEEN lo AND lo + 19999 ORDER BY w.id, s.seq;
    INSERT INTO capri_task_instance (taskWorkId, attempt, task_instance_code, host, incarnation, pid, startTime, endTime, hasExit, exitCode, resultCode,
      outcome, reason, tail, logBytes, failedCount, nextRetryAt, peakMemory, peakProcesses, cpuMillis, outputsBefore, result)
    SELECT w.id, 1, CONCAT(t.name, '/', w.workNo, '.0#1'), w.host, w.incarnation, 4711, w.startTime, w.endTime, 1, w.resultCode, w.resultCode,
      IF(w.finishState = 1, 'success', 'failed'), w.message, 'read 10000 rows\nwrote 10000 rows\n', 33, w.userFailures, 0, w.peakMemory, 3, 700, '', ''
    FROM capri_task_work w JOIN capri_task t ON t.id = w.taskId WHERE w.id BETWEEN lo AND lo + 19999 ORDER BY w.id;
    COMMIT;
    SET lo = lo + 20000;
  END WHILE;
  SET lo = @needed;
  WHILE lo <= @top DO
    INSERT INTO capri_task_data (taskWorkId, n, type, path, pathHash, ready, state, unmetSince, lastCheckedAt, lastError)
    SELECT w.id, s.seq, s.seq, CONCAT('file:///data/', IF(s.seq = 1, 'ods/', 'dwd/'), t.name, '/', w.workNo), CRC32(CONCAT(t.name, w.workNo)) * 2 + s.seq, '_SUCCESS', IF(s.seq = 1, 1, 2), w.createdAt, w.assignTime, ''
    FROM capri_task_work w JOIN capri_task t ON t.id = w.taskId JOIN seq_1_to_2 s WHERE w.id BETWEEN lo AND lo + 19999 ORDER BY w.id, s.seq;
    INSERT INTO capri_tthird_data (taskWorkId, n, code, dataNo, state, unmetSince, lastCheckedAt, lastError)
    SELECT w.id, 3, 'pay-settle', w.workNo, 1, w.createdAt, w.assignTime, '' FROM capri_task_work w WHERE w.id BETWEEN lo AND lo + 19999 ORDER BY w.id;
    INSERT INTO capri_tparent_data (taskWorkId, n, parentTaskId, parentTaskWorkNo, lastRule, state, unmetSince, lastCheckedAt, lastError)
    SELECT w.id, 4 + s.seq, p.id, DATE_FORMAT(FROM_UNIXTIME(w.bizEnd DIV 1000 - s.seq * 3600), '%Y%m%d%H'), 0, 1, w.createdAt, w.assignTime, ''
    FROM capri_task_work w JOIN large_task t ON t.id = w.taskId AND t.kind IN (2, 3) JOIN large_task p ON p.kind = 2 AND p.k = (t.k MOD @hourly) + 1
    JOIN seq_0_to_23 s ON t.kind = 3 OR s.seq = 0 WHERE w.id BETWEEN lo AND lo + 19999 ORDER BY w.id, s.seq;
    COMMIT;
    SET lo = lo + 20000;
  END WHILE;
END //

-- large_today leaves some of the last day open: 50 batches run on workers that are not
-- heard of, 50 wait for them, and 500 for a third party.
CREATE OR REPLACE PROCEDURE large_today()
BEGIN
  SET @hourbase := 1000000000 + (@hours - 1) * @wide, @daybase := 1000000000 + (@hours - 24) * @wide + @dailyAbove;
  UPDATE capri_task_work SET state = 2, finishState = 0, endTime = 0, message = '', seq = 3, outputDeadline = 0, outputTimeoutAt = 0 WHERE id BETWEEN @hourbase + 1 AND @hourbase + 50;
  UPDATE capri_task_work SET state = 0, finishState = 0, unmet = 1, attempt = 0, host = '', incarnation = '', assignTime = 0, startTime = 0, endTime = 0, message = '', userFailures = 0, resultCode = 0, seq = 1, outputDeadline = 0, outputTimeoutAt = 0
  WHERE id BETWEEN @hourbase + 51 AND @hourbase + 100 OR id BETWEEN @daybase + 1 AND @daybase + 500;
  UPDATE capri_task_instance SET endTime = 0, hasExit = 0, exitCode = 0, outcome = '', reason = '', tail = '' WHERE taskWorkId BETWEEN @hourbase + 1 AND @hourbase + 50;
  DELETE FROM capri_task_instance WHERE taskWorkId BETWEEN @hourbase + 51 AND @hourbase + 100 OR taskWorkId BETWEEN @daybase + 1 AND @daybase + 500;
  DELETE FROM capri_batch_event WHERE workId BETWEEN @hourbase + 1 AND @hourbase + 50 AND seq > 3;
  DELETE FROM capri_batch_event WHERE (workId BETWEEN @hourbase + 51 AND @hourbase + 100 OR workId BETWEEN @daybase + 1 AND @daybase + 500) AND seq > 1;
  UPDATE capri_tthird_data SET state = 0 WHERE taskWorkId BETWEEN @daybase + 1 AND @daybase + 500;
  UPDATE capri_tparent_data d JOIN large_task p ON p.kind = 2 AND p.k = d.taskWorkId - @hourbase - 50
  SET d.state = 0, d.parentTaskId = p.id, d.parentTaskWorkNo = DATE_FORMAT(FROM_UNIXTIME(@stop DIV 1000 - 3600), '%Y%m%d%H')
  WHERE d.taskWorkId BETWEEN @hourbase + 51 AND @hourbase + 100 AND d.n = 4;
END //
DELIMITER ;

-- Indexes are made when the rows are there, by sorting: three times as fast.
SELECT GROUP_CONCAT('DROP KEY ', name), GROUP_CONCAT('ADD ', IF(loose, '', 'UNIQUE '), 'KEY ', name, ' (', columns, ')') INTO @drop, @add
FROM (SELECT index_name AS name, MAX(non_unique) AS loose, GROUP_CONCAT(column_name ORDER BY seq_in_index) AS columns FROM information_schema.statistics
  WHERE table_schema = DATABASE() AND table_name = 'capri_task_work' AND index_name <> 'PRIMARY' GROUP BY index_name) x;
EXECUTE IMMEDIATE CONCAT('ALTER TABLE capri_task_work ', @drop);
CALL large_past();
EXECUTE IMMEDIATE CONCAT('ALTER TABLE capri_task_work ', @add);
CALL large_lives();
CALL large_today();
-- The history is to stay: nothing sweeps what is measured.
UPDATE capri_dic_data SET dicValue = '4000' WHERE dicKey = 'keep_batch_days';
UPDATE capri_sequence SET nextId = GREATEST(nextId, (SELECT MAX(id) + 1000000 FROM capri_task_work)) WHERE id = 1;
ANALYZE TABLE capri_task_work, capri_batch_event, capri_task_instance, capri_task_data, capri_tthird_data, capri_tparent_data;
CREATE OR REPLACE TABLE large_loaded AS SELECT @rows AS wanted, @hours AS hours, @stop AS stopMillis, NOW() AS at;
