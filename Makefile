# make app | make test: each works alone in a fresh clone. See README.md.
# TORCH_INDEX_URL=...  index with the CPU build of torch, in place of PyTorch's own
# TORCH_CUDA=1         the CUDA build, also where no NVIDIA card is found

PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo $$p && break; done)
VENV_PYTHON := .venv/bin/python
HOST ?= 127.0.0.1
PORT ?= 7860
SETUP = $(if $(PYTHON),$(PYTHON),$(error No Python 3.11 to 3.13 was found; install one or say PYTHON=/path/to/python3.11)) \
	tools/setup_env.py $(if $(TORCH_INDEX_URL),--torch-index-url "$(TORCH_INDEX_URL)") $(if $(TORCH_CUDA),--cuda)
SOURCES = musclepose tools $(wildcard app.py)
# No telemetry of the libraries, and no look-up at their servers during a run.
export GRADIO_ANALYTICS_ENABLED = False
export HF_HUB_DISABLE_TELEMETRY = 1
export YOLO_OFFLINE = true

.PHONY: setup setup-dev assets example app test test-slow lint train browser constraints slips

setup:
	@$(SETUP) app

setup-dev:
	@$(SETUP) dev

assets: setup
	@$(VENV_PYTHON) -m musclepose.assets

# The finished result that a first visit shows; made again only where the code changed.
example: assets
	@$(VENV_PYTHON) -m musclepose.web.example

app: assets
	$(VENV_PYTHON) app.py --host $(HOST) --port $(PORT)

lint: setup-dev
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m mypy $(SOURCES)

# Debian's chromium drives the browser tests; without it (and without root to install it) they skip and say so.
browser:
	@if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			(apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium) \
			>/dev/null 2>&1 || echo "chromium could not be installed; the browser tests will skip."; \
		else echo "chromium is not installed; the browser tests will skip."; fi; fi

# Two processes, one thread each; tests of one file stay together, because they share what is dear to make. Then the page
# in a browser, which needs the machine for itself.
test: setup-dev assets browser lint
	OMP_NUM_THREADS=1 $(VENV_PYTHON) -m pytest -m "not slow and not browser" -n 2 --dist loadfile
	OMP_NUM_THREADS=2 $(VENV_PYTHON) -m pytest -m "not slow and browser"

test-slow: setup-dev assets browser
	$(VENV_PYTHON) -m pytest

# Small mistakes on purpose, one at a time in a copy: which of them does no test notice? ARGS="--only WORD" or "--list".
slips: setup-dev
	OMP_NUM_THREADS=1 nice $(VENV_PYTHON) tools/slips.py $(ARGS)

train: setup
	$(VENV_PYTHON) -m musclepose.train $(ARGS)

# After a deliberate upgrade: write the exact versions of the environment down again.
constraints:
	@{ echo "# Exact versions of the whole set, resolved together on Python 3.11; made by: make constraints"; \
	$(VENV_PYTHON) -m pip freeze --all --exclude-editable \
	| grep -v -iE '^(pip|wheel|musclepose|opencv-python-headless)==| @ |^-e' | sed -E 's/\+(cpu|cu[0-9]+)$$//'; } \
	> constraints.txt.new && mv constraints.txt.new constraints.txt
