# Two commands do everything on a fresh machine: `make lab` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
APP := $(VENV)/.app-installed
DEV := $(VENV)/.dev-installed
# Hundreds of short processes start in the tests; without their bytecode each compiles the app anew.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest
CLUSTER := slurm or ray or shared_folder
WORKERS := $(shell echo $$(( $$(nproc 2>/dev/null || sysctl -n hw.ncpu) + 2 )))

.PHONY: lab demo cluster test test-all check format bench recipes recipes-sample reliability clean

lab: $(APP)  ## install, open the app
	@$(BIN)/rnnlab

demo: $(APP)  ## the same without a screen: train the default task, print its plots, replay it
	@$(BIN)/rnnlab train surnames --epochs 5 --session make-demo
	@$(BIN)/rnnlab replay make-demo/latest --instant

test: SELECTED := -m "not slow and not ($(CLUSTER))"
test-all: SELECTED := -m "not ($(CLUSTER))"
test test-all: $(DEV)  ## install, run the tests, test-all: the slow ones too; five or fewer that fail are run again, alone
	@$(PYTEST) $(SELECTED) -n $(WORKERS) --dist worksteal || { test $$? = 1 && \
		echo "the tests that failed, once more, alone (a busy machine can make a process or a terminal late):" && \
		env -u RNNLAB_TEST_UNTIL $(PYTEST) $(SELECTED) --last-failed --last-failed-no-failures none --at-most 5; }

cluster: $(DEV)  ## several machines on this one: Slurm (root, Debian's slurm-wlm, munge), Ray (the extra ray), folders (sshfs)
	@$(PYTEST) -m "$(CLUSTER)"

check: $(DEV)  ## format, lint, types, import contracts, docstrings
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python scripts/docstrings.py

format: $(DEV)
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: $(DEV)  ## this machine's figures
	@$(BIN)/rnnlab bench

recipes: $(APP)  ## every recipe in full (hours; resumes; QUICK=1: minutes), then docs/recipes.md: published beside measured
	@$(BIN)/python scripts/recipes_page.py $(if $(QUICK),--quick)

reliability: $(DEV)  ## the promises of docs/reliability.md, each tried in full (resumes; HOURS=8: ends after so many; JOBS=2: two parts at once)
	@$(BIN)/python -m benchmarks.reliability.all $(if $(HOURS),--hours $(HOURS)) $(if $(JOBS),--jobs $(JOBS))

recipes-sample: $(APP)  ## three recipes in quick form that need no data, on the terminal: about a minute
	@$(BIN)/python scripts/recipes_page.py --quick --sample overfit-duel binary-table counting

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "rnnlab needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.12 …")'
	@$(PYTHON) -m venv $(VENV)

$(APP): pyproject.toml setup.py $(wildcard rnnlab/models/kernels/c/*) | $(BIN)/python
	@echo "installing rnnlab into $(VENV) (a few minutes the first time: torch is large) …"
	@rm -f rnnlab/models/kernels/_recurrent*.so
	@$(PIP) install -e ".[report]" $$($(BIN)/python scripts/torch_index.py)
	@ls rnnlab/models/kernels/_recurrent* > /dev/null 2>&1 || \
		echo "there is no C compiler, so recurrent layers on the CPU are NumPy's: half as quick. With one: make clean lab"
	@touch $@

$(DEV): pyproject.toml | $(APP)
	@$(PIP) install -e ".[dev]" $$($(BIN)/python scripts/torch_index.py)
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info rnnlab/models/kernels/*.so .mypy_cache .ruff_cache .pytest_cache .hypothesis
