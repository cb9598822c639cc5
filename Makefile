# The plain commands behind these, for systems without make, are in README.md.
PYTHON ?= python3
VENV := .venv/bin

.PHONY: demo run test test-fast coverage lint format requirements picture findings policies package package-test benchmarks

demo:
	@$(PYTHON) requirements/set_up.py
	@$(VENV)/python -m ibconsole --demo

run:
	@$(PYTHON) requirements/set_up.py
	@$(VENV)/python -m ibconsole

# Without compiled modules, pytest and hypothesis would be rewritten and compiled at each start.
test test-fast coverage: export PYTHONDONTWRITEBYTECODE =

# Every test, on all processors.
test:
	@$(PYTHON) requirements/set_up.py --dev
	@$(VENV)/python -m pytest -n auto --dist worksteal

# The same with branch coverage, which takes half as long again; fails below `fail_under` in pyproject.toml.
coverage:
	@$(PYTHON) requirements/set_up.py --dev
	@$(VENV)/python -m pytest -n auto --dist worksteal --cov --cov-report=term:skip-covered

# The unit tests but those that start processes or servers, or wait.
test-fast:
	@$(PYTHON) requirements/set_up.py --dev
	@$(VENV)/python -m pytest tests/unit -q -n auto -m "not slow and not team"

lint:
	@$(PYTHON) requirements/set_up.py --dev
	@$(VENV)/ruff format --check .
	@$(VENV)/ruff check .
	@$(VENV)/mypy
	@$(VENV)/lint-imports

format:
	@$(PYTHON) requirements/set_up.py --dev
	@$(VENV)/ruff format .
	@$(VENV)/ruff check --fix .

# Locks the newest versions that pyproject.toml allows; needs uv. No download address is recorded.
requirements:
	uv pip compile pyproject.toml --universal --upgrade --generate-hashes --no-header -q -o requirements/run.txt
	uv pip compile pyproject.toml --universal --extra dev --extra team --extra mcp --no-strip-extras --generate-hashes --no-header -q -c requirements/run.txt -o requirements/dev.txt
	uv pip compile pyproject.toml --universal --extra package --extra team --generate-hashes --no-header -q -c requirements/run.txt -o requirements/package.txt

# The README's picture.
picture:
	@$(PYTHON) requirements/set_up.py
	@QT_QPA_PLATFORM=offscreen $(VENV)/python -m ibconsole --screenshot docs/window.png

# The pages of docs/findings, from the catalogue of findings.
findings:
	@$(PYTHON) requirements/set_up.py
	@$(VENV)/python packaging/finding_pages.py

# The samples of an administrator's policy, from the table of its keys.
policies:
	@$(PYTHON) requirements/set_up.py
	@$(VENV)/python packaging/policies.py

# What users install, into dist/ (packaging/README.md). Says first what it needs on this machine.
package:
	@$(PYTHON) requirements/set_up.py --package
	@.venv-package/bin/python packaging/build.py

# Installs and uses those packages in a bare Debian; needs root, and takes some minutes.
package-test:
	@$(PYTHON) requirements/set_up.py --package
	@.venv-package/bin/python packaging/trial.py

# All benchmarks, and one table of them in build/benchmarks.md. ARGS=--quick: about two minutes.
benchmarks:
	@$(PYTHON) requirements/set_up.py --dev
	@$(VENV)/python benchmarks/run_all.py $(ARGS)
