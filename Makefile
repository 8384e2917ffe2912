# What people and CI type. The work itself is in .ci/, cargo and web-map.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

# Tools that .ci/setup fetched for this project alone come first.
export PATH := $(CURDIR)/.onemap/bin:$(or $(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)

# SQL checked at compile time is checked against the committed description, never against whatever DATABASE_URL names.
export SQLX_OFFLINE := true

STEP := .ci/step
# More arguments for the program, e.g. make demo ARGS='--vehicles 500'
ARGS ?=

CLIENT_SOURCES := $(shell find web-map -type d \( -name node_modules -o -name dist -o -name e2e -o -name test-results \) -prune \
	-o -type f -print 2>/dev/null)

.PHONY: help demo test check audit bench-tiles bench-rights bench-modules bench-vehicles fuzz bless client setup-demo setup-test setup-bench setup-build

help: ## say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup-demo client ## install what is missing, build, and serve the demo city on http://127.0.0.1:8080
	@$(STEP) 'building the server (release)' -- cargo build --release --locked --bin onemap
	@printf '\n==> starting the demo; Ctrl-C stops all of it\n'
	@exec .ci/cluster run .onemap/demo -- target/release/onemap demo $(ARGS)

test: setup-test client ## install what is missing, build, and run every test on a private database
	@.ci/suites forget
	@$(STEP) 'building the server and its tests (debug)' -- cargo test --locked --workspace --no-run
	@.ci/cluster drop .onemap/test
	@export ONEMAP_CHROMIUM="$$(.ci/chromium)"; .ci/cluster run .onemap/test -- .ci/suites
	@.ci/cluster drop .onemap/test

check: setup-build web-map/node_modules/.package-lock.json ## formatting, clippy, TypeScript types, Biome
	@$(STEP) 'rustfmt' -- cargo fmt --all --check
	@$(STEP) 'clippy' -- cargo clippy --workspace --all-targets --locked -- -D warnings
	@$(STEP) 'cargo deny: licences, sources, wildcards' -- cargo deny --offline --config .ci/deny.toml check bans licenses sources
	@$(STEP) 'web-map: types and Biome' -- npm --prefix web-map run check

audit: setup-build ## known faults of dependencies; asks the advisory databases, so not for an isolated machine
	@cargo deny --config .ci/deny.toml check advisories
	@npm --prefix web-map audit

bench-tiles: setup-bench ## tiles of a million buildings against martin's and a bare server's; needs ../shared/data
	@ONEMAP_MARTIN="$$(command -v martin)" .ci/cluster run .onemap/bench -- cargo bench --locked -p server --bench tiles $(if $(PROFILE),--profile $(PROFILE))

bench-rights: setup-test ## what rights cost: a county against the whole city, and 10,000 terminals coming back
	@.ci/cluster run .onemap/bench -- cargo bench --locked -p server --bench rights $(if $(PROFILE),--profile $(PROFILE))

bench-modules: setup-test ## what a million documents cost: lists, the records of a place, actions at 200 a second
	@.ci/cluster run .onemap/bench -- cargo bench --locked -p server --bench modules $(if $(PROFILE),--profile $(PROFILE))

bench-vehicles: setup-bench ## positions by MQTT: nothing lost under kill -9, throughput, time to a browser, memory; half an hour
	@ulimit -n "$$(ulimit -Hn)"; .ci/cluster run .onemap/bench-vehicles -- cargo bench --locked -p server --bench vehicles $(if $(PROFILE),--profile $(PROFILE))

fuzz: setup-test ## throw a hundred times more random input at every parser than `make test` does
	@PROPTEST_CASES=25600 cargo test --locked --workspace random_

bless: setup-test client ## accept new snapshots, then look at the diff before you commit it
	@INSTA_UPDATE=always .ci/cluster run .onemap/test -- cargo test --workspace --locked
	@npm --prefix web-map test -- --update
	@git diff --stat

client: web-map/dist/index.html

setup-build setup-demo setup-test setup-bench: setup-%:
	@.ci/setup $*

web-map/node_modules/.package-lock.json: web-map/package.json web-map/package-lock.json
	@# Not `npm ci`: it refuses the lock file where a mirror lacks optional packages of other platforms.
	@$(STEP) 'web-map: installing packages' -- npm --prefix web-map install --no-save --no-audit --no-fund
	@touch $@

web-map/dist/index.html: web-map/node_modules/.package-lock.json $(CLIENT_SOURCES)
	@$(STEP) 'web-map: building the client' -- npm --prefix web-map run build
	@touch $@
