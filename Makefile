# Development of Capricornus. Whatever takes more than two lines is in scripts/.

.DEFAULT_GOAL := help
.PHONY: build dev test lint test-unit test-mysql test-hdfs test-e2e test-browser test-sim test-chaos bench bench-large bench-console bench-failover fuzz fuzz-api console pictures clean help

build: ## bin/capri, one static file, with the console where Node.js is; its version is the commit's
	scripts/console.sh maybe
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bin/capri .

dev: build ## Build and run everything on http://127.0.0.1:8080 with the web-log demo; Ctrl-C stops
	bin/capri dev --demo weblog

test: ## Every test, on SQLite, MariaDB and HDFS (installed and started when there are none)
	scripts/test.sh all

lint: ## golangci-lint and shellcheck (both installed when missing)
	scripts/lint.sh

test-unit: ## Tests that need neither MariaDB, nor HDFS, nor real processes
	scripts/test.sh unit

test-mysql: ## The store's tests on MariaDB
	scripts/test.sh mysql

test-hdfs: ## The tests on a real HDFS
	scripts/test.sh hdfs

test-e2e: ## Tests with the real binary, on both engines
	scripts/test.sh e2e

test-browser: ## What people do in the web console, in a headless Chromium (installed when missing)
	scripts/test.sh browser

test-sim: ## 1,000 seeds of the simulated cluster
	scripts/test.sh sim

test-chaos: ## ROUNDS (500) of broken clusters of real processes, and long outages; SEED=… replays
	scripts/chaos.sh $(or $(ROUNDS),500) $(if $(SEED),-chaos.seed=$(SEED)) $(CHAOS)

bench: ## Speed as ratios against the raw parts of the same run, on both engines
	scripts/bench.sh $(BENCH)

bench-large: ## How a master answers over ROWS (10000000) batches, and schedules meanwhile; they stay for the next run
	ROWS=$(or $(ROWS),10000000) scripts/bench-large.sh $(BENCH)

bench-console: ## The web console against its budgets, over 3,000,000 batches; ends with 1 when one is over
	scripts/bench-console.sh $(BENCH)

bench-failover: ## The leader killed KILLS (200) times under load: how long until the next one decides and runs
	go test -count=1 -timeout 6h -v ./e2e/chaos -run 'TestFailover$$' -failover.kills=$(or $(KILLS),200)

fuzz: ## Every fuzz test, FUZZTIME (30s) each
	scripts/fuzz.sh

fuzz-api: ## Calls made from the OpenAPI document, for FUZZ_SECONDS (120), against a real master
	scripts/fuzz-api.sh $(FUZZ)

pictures: ## The pictures of the web console in docs/pictures, anew
	scripts/pictures.sh

console: ## The web console alone, which the next build of bin/capri embeds
	scripts/console.sh build

clean: ## Remove what was built and the servers of tests; data of `make dev` stays
	scripts/mariadb.sh stop .cache/mariadb
	scripts/mariadb.sh stop .cache/mariadb-large
	scripts/mariadb.sh stop .cache/console-bench/mariadb
	scripts/dev-hdfs.sh stop .cache/hdfs
	rm -rf bin .cache

help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
