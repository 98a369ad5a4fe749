# The front door. Stamps are files, so whatever is done already is not done again.
PYTHON ?= python3
PORT ?= 8888

VENV := .venv/.installed
NODE := js/node_modules/.package-lock.json
HOSTS := .venv-hosts/.installed
TORCH := .venv-torch/.installed
BUNDLE := src/autograd_widget/static/widget.js
# What is compiled where a C compiler is found.
ENGINE := $(foreach pxd,$(shell find src -name '*.pxd'),$(pxd) $(pxd:.pxd=.py))
# Folders too: only they tell that a file was removed.
SOURCES := $(shell find js/src) $(addprefix js/,build.mjs package.json package-lock.json tsconfig.json)
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: setup build demo dev test test-js test-python test-torch test-hosts fuzz soak lint format bench sbom
.DELETE_ON_ERROR:

setup: $(VENV) $(BUNDLE)

build: $(BUNDLE)

demo: setup  ## JupyterLab on the first notebook; where no browser opens, its address is printed
	.venv/bin/jupyter lab --ip=127.0.0.1 --port=$(PORT) $(AS_ROOT) --ServerApp.root_dir=notebooks \
	  --LabApp.default_url=/lab/tree/bptt.ipynb

dev: setup  ## the same, building the page again when js/src changes: open notebooks load it, and keep their kernels
	.venv/bin/watchfiles 'npm run build --prefix js' js/src & trap "kill $$!" EXIT; \
	  ANYWIDGET_HMR=1 $(MAKE) demo

# PyTorch is large: its tests run here once `make test-torch` has installed it.
test: lint test-js test-python
	$(if $(wildcard $(TORCH)),$(MAKE) test-torch,@echo "PyTorch is not installed, its tests were skipped: make test-torch")

test-js: $(BUNDLE)
	npm test --prefix js

# In the order of files: by number of tests, the hosts would come last, and one process wait for the other.
test-python: setup
	.venv/bin/python tests/chromium.py
	.venv/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder

test-torch: $(TORCH) $(BUNDLE)  ## recording PyTorch code, and its notebook
	.venv-torch/bin/pytest -k torch tests/adapters/test_pytorch*.py tests/test_notebooks.py

test-hosts: setup $(HOSTS)  ## the hosts of `make test`, and those that take longer to install
	.venv/bin/python tests/chromium.py
	.venv/bin/pytest -m '' tests/hosts

fuzz: setup  ## acts on a page, documents through both readers, messages, labels, interrupts: for minutes, with other cases than `make test`
	FUZZ=1 .venv/bin/pytest -n 2 tests/fuzz tests/widget/test_interrupts.py

soak: setup  ## ten minutes in a real JupyterLab, or as long as MINUTES says
	MINUTES=$(or $(MINUTES),10) .venv/bin/pytest -s tests/hosts/soak.py

lint: setup
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy
	npm run check --prefix js

format: setup
	.venv/bin/ruff check --fix . && .venv/bin/ruff format .
	npm run format --prefix js

bench: setup
	.venv/bin/python benchmarks/run.py

sbom: setup
	.venv/bin/python docs/sbom.py

$(VENV): pyproject.toml constraints.txt hatch_build.py compile.py $(ENGINE) | $(BUNDLE)
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --constraint constraints.txt hatchling cython setuptools
	.venv/bin/pip install --quiet --constraint constraints.txt --no-build-isolation --editable '.[dev]'
	@.venv/bin/python -c 'from autograd_widget.engine.core import IS_COMPILED as it; print("The engine is", \
	  "compiled." if it else "plain Python, at less than half its speed: a C compiler is missing, or not wanted.")'
	touch $@

$(HOSTS): $(addprefix tests/hosts/,requirements.txt constraints.txt fetch.py)
	$(PYTHON) -m venv .venv-hosts
	.venv-hosts/bin/pip install --quiet --constraint tests/hosts/constraints.txt --requirement tests/hosts/requirements.txt
	.venv-hosts/bin/python tests/hosts/fetch.py .venv-hosts/fetched && touch $@

$(TORCH): pyproject.toml constraints.txt tests/adapters/torch-requirements.txt | $(BUNDLE)
	$(PYTHON) -m venv .venv-torch
	.venv-torch/bin/pip install --quiet --constraint constraints.txt --editable . --requirement tests/adapters/torch-requirements.txt
	touch $@

$(BUNDLE): $(SOURCES) $(NODE)
	npm run build --prefix js
	touch $@

$(NODE): js/package.json js/package-lock.json
	npm ci --ignore-scripts --prefix js
	touch $@
