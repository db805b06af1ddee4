# Two commands matter on a fresh machine: `make run` and `make test`. `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/bash

BIN := .venv/bin
# Byte code halves every start; Ploomber's usage statistics need a network and a user's consent.
export PYTHONDONTWRITEBYTECODE :=
export PLOOMBER_STATS_ENABLED := false
# Threads that wait give the core to others; spinning costs minutes where the machine is busy.
export OMP_WAIT_POLICY := passive
# Kernels that run side by side get a thread each, and sums keep their last digit.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: environment
environment: ## make the virtual environment .venv, unless it is made
	@python3 tools/make_environment.py

.PHONY: run
run: environment ## build the flights pipeline, and refine the notebook that it began as
	@$(BIN)/python tools/run_pipeline.py

.PHONY: test
test: environment ## run every check and every test
	@$(MAKE) --no-print-directory --jobs=2 lint sample
	@echo "[test] every test, in parallel and in random order"
	@$(ONE_THREAD) $(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder --nbval

.PHONY: faults
faults: environment ## inject a thousand faults into builds (half an hour)
	@FAULTS=all $(ONE_THREAD) $(BIN)/pytest -n 2 -q tests/faults

.PHONY: sample
sample: environment ## build the pipeline on the small sample that tests use
	@echo "[sample] ploomber build on the small sample"
	@$(ONE_THREAD) PLOOMBER_ENV_FILENAME=env.ci.yaml $(BIN)/ploomber build

.PHONY: lab
lab: environment ## open the project in JupyterLab
	@$(BIN)/jupyter lab

.PHONY: lint
lint: environment ## check style, types, floors and spelling
	@echo "[lint] style, types, floors, spelling"
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy --no-error-summary
	@said=$$($(BIN)/lint-imports --no-cache) || { echo "$$said"; exit 1; }
	@$(BIN)/codespell

.PHONY: format
format: environment ## format the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: baselines
baselines: environment ## record the notebook baselines in tests/notebooks anew
	@$(ONE_THREAD) $(BIN)/nbrefine baseline record

.PHONY: bench
bench: environment ## measure, as in: make bench NAME=refine
	@test -d "benchmarks/$(NAME)" -a -n "$(NAME)" || { echo "Say which: make bench NAME=refine"; exit 2; }
	@$(BIN)/python -m benchmarks.$(NAME)

.PHONY: docs
docs: environment ## write the pages of the findings anew
	@$(BIN)/python tools/write_findings_docs.py

.PHONY: lock
lock: environment ## resolve requirements.lock anew
	@$(BIN)/python tools/lock.py

.PHONY: clean
clean: ## remove everything that was built, and the environment
	rm -rf build dist .venv .scratch .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
