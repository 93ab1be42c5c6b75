# make run     set everything up and start Seed with a demo, on this machine
# make test    install what the tests need and run them; one file: make test ARGS=tests/domain
# make lint    ruff and mypy
# make bench   measure Seed side by side with its peers, about 15 minutes (make bench-long: what takes longer)
# make lock    work out the pinned packages anew (needs uv)

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
PIP = .venv/bin/python -m pip --disable-pip-version-check --quiet
ARGS ?=
SIDE_BY_SIDE = $(if $(ARGS),,-n logical --maxprocesses 4 --dist loadfile)

.PHONY: run test install lint lock bench bench-long python chromium

run: install
	@.venv/bin/seed run

test: .venv/installed-for-tests chromium
	.venv/bin/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

lint: .venv/installed-for-tests
	.venv/bin/ruff check
	.venv/bin/mypy

bench: .venv/installed-for-tests
	@.venv/bin/python -m benchmarks $(ARGS)

bench-long: .venv/installed-for-tests
	@.venv/bin/python -m benchmarks --long $(ARGS)

install: .venv/installed

.venv/installed: requirements.lock setup.cfg pyproject.toml
	@$(MAKE) --no-print-directory python
	@echo "Installing Seed into .venv …"
	@$(PYTHON) -m venv --clear .venv
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/installed-for-tests: .venv/installed requirements-test.lock
	@echo "Installing what the tests need …"
	@$(PIP) install --require-hashes -r requirements-test.lock
	@touch $@

python:
	@[ -n "$(PYTHON)" ] || { echo "Seed needs Python 3.11 or later, and there is none: apt-get install python3 python3-venv, or set PYTHON"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Seed needs Python 3.11 or later: $(PYTHON) is none, set PYTHON"; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing: apt-get install python3-venv"; exit 1; }

# The browser tests drive Chromium. Where it cannot be installed this says so, and so do the tests, one by one.
chromium:
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do command -v $$name >/dev/null && exit 0; done; \
	  echo "Installing Chromium for the browser tests …"; \
	  if [ "$$(id -u)" = 0 ]; then as=; else as="sudo -n"; fi; \
	  why=$$({ $$as apt-get update -qq; $$as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } 2>&1 >/dev/null); \
	  command -v chromium >/dev/null || { \
	    echo "NOT TRIED: every test in a browser. Chromium is not here, and apt-get did not install it:"; echo "$$why"; }

lock:
	@for lock in requirements requirements-test; do \
	  case $$lock in requirements) what="Everything Seed runs on";; *) what="Everything the tests need";; esac; \
	  case $$lock in requirements-test) extra="--extra test";; esac; \
	  { echo "# $$what, with hashes. Made of setup.cfg by \`make lock\`."; \
	    echo 'setuptools>=77' | uv pip compile setup.cfg - $$extra --universal --python-version 3.11 --upgrade \
	      --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet; } > $$lock.lock.new && mv $$lock.lock.new $$lock.lock; \
	done
