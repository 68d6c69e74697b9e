# Thin: every command is a function in dev.py. Arguments go through ARGS, for example `make test ARGS="-k calendar"`.
PYTHON ?= python3

.PHONY: help run test simulate demo-reset lint format ci bench lock

help:
	@$(PYTHON) dev.py || true

run test simulate demo-reset lint format ci bench lock:
	@exec $(PYTHON) dev.py $@ $(ARGS)
