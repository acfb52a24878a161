-- +goose Up
CREATE TABLE IF NOT EXISTS capri_sequence (
  id INTEGER NOT NULL,
  nextId INTEGER NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE IF NOT EXISTS capri_dic_data (
  dicKey TEXT NOT NULL,
  dicValue TEXT NOT NULL,
  meaning TEXT NOT NULL,
  changedBy TEXT NOT NULL,
  changedAt INTEGER NOT NULL,
  PRIMARY KEY (dicKey)
);

CREATE TABLE IF NOT EXISTS capri_department (
  id INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS uk_department_name ON capri_department (name);

CREATE TABLE IF NOT EXISTS capri_user (
  id INTEGER NOT NULL,
  name TEXT NOT NULL,
  title TEXT NOT NULL,
  departmentId INTEGER NOT NULL,
  role TEXT NOT NULL,
  phone TEXT NOT NULL,
  mail TEXT NOT NULL,
  isEnabled INTEGER NOT NULL,
  createdAt INTEGER NOT NULL,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS uk_user_name ON capri_user (name);

CREATE TABLE IF NOT EXISTS capri_account (
  name TEXT NOT NULL,
  createdAt INTEGER NOT NULL,
  PRIMARY KEY (name)
);

CREATE TABLE IF NOT EXISTS capri_account_grant (
  userId INTEGER NOT NULL,
  account TEXT NOT NULL,
  grantedBy TEXT NOT NULL,
  grantedAt INTEGER NOT NULL,
  PRIMARY KEY (userId, account)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS capri_token (
  id INTEGER NOT NULL,
  hash TEXT NOT NULL,
  name TEXT NOT NULL,
  userId INTEGER NOT NULL,
  role TEXT NOT NULL,
  createdAt INTEGER NOT NULL,
  expiresAt INTEGER NOT NULL,
  revokedAt INTEGER NOT NULL,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS uk_token_hash ON capri_token (hash);

CREATE TABLE IF NOT EXISTS capri_audit_log (
  id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  source TEXT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS ix_audit_at ON capri_audit_log (at);

INSERT INTO capri_sequence (id, nextId) SELECT 1, 1000 FROM (SELECT 1 AS x) AS one WHERE NOT EXISTS (SELECT 1 FROM capri_sequence WHERE id = 1);
