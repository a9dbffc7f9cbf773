# The two commands for a fresh machine: 'make demo' and 'make test'.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Each stamp says what is installed: ltictl alone, or with everything that the tests and checks need.
RUN := $(VENV)/.installed-run
STAMP := $(VENV)/.installed
TESTS ?= tests
# Or sample:SEED, as CI does with its commit (tests/support/scale.py).
LTICTL_CRASH ?= full
# A module's tests stay in one process: some count together, and what is set up is set up once.
WORKERS ?= auto
SIDE_BY_SIDE := -n $(WORKERS) --maxprocesses 4 --dist loadfile

.PHONY: demo test test-crash constraints lint types format coverage docs mutation fuzz bench pictures peers \
        catalogues build clean

demo: $(RUN)  ## Install what ltictl needs to run, then play the main job against the embedded LMS.
	$(BIN)/python -m ltictl demo

test: $(STAMP)  ## Install, then run the tests; what needs a missing part is skipped and says so.
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(COVERAGE) $(TESTS)

test-crash: $(STAMP)  ## All crashes, lost answers and full disks (make test runs a sample); nothing is skipped.
	LTICTL_CRASH=$(LTICTL_CRASH) LTICTL_TEST_REQUIRE_ALL=1 $(BIN)/python -m pytest $(SIDE_BY_SIDE) tests/crash

# The pip that is there installs the pinned libraries, and ltictl runs from this checkout. No second
# pip, nothing to resolve, nothing to build or compile: 6 seconds of a processor instead of 16.
$(RUN): constraints.txt
	if $(PYTHON) -m pip --version >/dev/null 2>&1; \
	then $(PYTHON) -m venv --without-pip $(VENV) && pip='$(PYTHON) -m pip --python $(BIN)/python'; \
	else $(PYTHON) -m venv $(VENV) && pip='$(BIN)/python -m pip'; fi && \
	$$pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes \
	  --requirement constraints.txt
	touch $@

$(STAMP): pyproject.toml ltictl/__init__.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25'
	$(BIN)/python -m pip install --quiet --editable '.[test,lint,docs]'
	touch $@ $(RUN)

peers: tests/support/oidc_provider/node_modules tests/support/ltijs_tool/node_modules \
       tests/support/lti_tool/node_modules tests/support/axe/node_modules tests/support/strings/node_modules \
       tests/support/azurite/node_modules $(VENV)/peers/stores $(VENV)/peers/kubernetes \
       $(VENV)/peers/pylti1p3 $(VENV)/peers/django-lti $(VENV)/peers/openedx  ## What nobody here wrote, for the tests.

tests/support/%/node_modules: tests/support/%/package.json
	cd $(@D) && npm install --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

$(VENV)/peers/%: tests/support/python_peers/%.txt $(STAMP)
	$(PYTHON) -m venv $@
	$@/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

coverage:  ## Tests with branch coverage.
	$(MAKE) --no-print-directory test COVERAGE="--cov --cov-report=term:skip-covered"

docs: $(STAMP)
	$(BIN)/zensical build --strict

mutation: $(STAMP)  ## Change the code that keeps strangers out, and see whether a test notices.
	$(BIN)/python -m pip install --quiet 'cosmic-ray>=8.3'
	$(BIN)/python -m tests.mutation

fuzz: $(STAMP)  ## Every reader of foreign bytes for an hour in all, two at a time; keeps what it learns in .fuzz.
	$(BIN)/python -m tests.fuzz --seconds 800 --keep .fuzz

bench: $(STAMP)  ## Ratios against baselines in the same run.
	$(BIN)/python -m tests.bench

pictures: $(STAMP)  ## Make the pictures of README.md and docs/ from the real thing.
	$(BIN)/python -m tests.pictures

build: $(STAMP)
	$(BIN)/python -m pip install --quiet build
	$(BIN)/python -m build --outdir dist

constraints: $(STAMP)  ## Write down what ltictl is tested with, with the digest of each file.
	$(BIN)/python -m pip install --quiet uv
	printf '%s\n' '# The libraries that ltictl is tested with, with the digest of each file.' \
	  "# Made by 'make constraints'; a test holds it against pyproject.toml." > constraints.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate pyproject.toml >> constraints.txt
	printf '%s\n' '# The libraries of constraints.txt with those of the extra cloud, as the image has them.' \
	  "# Made by 'make constraints'; a test holds it against pyproject.toml." > constraints-cloud.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --extra cloud \
	  --constraint constraints.txt pyproject.toml >> constraints-cloud.txt

catalogues: $(STAMP)  ## Take new sentences of the page into the catalogues, and compile them.
	$(BIN)/python -m tests.languages

clean:
	rm -rf $(VENV) dist site .coverage* .pytest_cache .mypy_cache .ruff_cache
