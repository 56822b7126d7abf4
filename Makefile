PY := .venv/bin/python
.PHONY: setup
setup: .venv/.installed
.venv/.installed: requirements.lock
	python3 -m venv .venv
	.venv/bin/pip install -q uv
	.venv/bin/uv pip install -q --require-hashes -r requirements.lock
	.venv/bin/uv pip install -q --no-deps -e .
	touch $@
