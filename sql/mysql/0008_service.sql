-- +goose Up
ALTER TABLE capri_service_run ADD COLUMN /*M! IF NOT EXISTS */ succeededAt BIGINT NOT NULL DEFAULT 0;
UPDATE capri_service_run SET succeededAt = endedAt WHERE error = '' AND succeededAt = 0;
