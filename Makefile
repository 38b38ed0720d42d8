PYTHON ?= python3
.DEFAULT_GOAL := help
.PHONY: help demo test smoke lint bench fuzz conformance tools sanitize setup clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup:  ## virtual environment and build, nothing else
	$(PYTHON) tools/dev.py setup

demo:  ## real NumPy programs beside plain NumPy: times, graphs, breaks, identical results
	$(PYTHON) tools/dev.py demo $(ARGS)

test:  ## all tests of the default run
	$(PYTHON) tools/dev.py test $(ARGS)

smoke:  ## a few seconds of tests
	$(PYTHON) tools/dev.py smoke $(ARGS)

lint:  ## ruff, mypy --strict on the pure layers, cython-lint
	$(PYTHON) tools/dev.py lint

bench:  ## guards, loops, learning, first calls, memory, programs and the comparison with peers; exit 1 if a goal is missed
	$(PYTHON) tools/dev.py bench $(ARGS)

fuzz:  ## random NumPy programs against plain NumPy; ARGS="--seeds 0:2000"
	$(PYTHON) tools/dev.py fuzz $(ARGS)

conformance:  ## tests of CPython, NumPy, SciPy, pandas ... with graphlet switched on; ARGS="cpython --mode stubs", ARGS="scipy"
	$(PYTHON) tools/dev.py conformance $(ARGS)

tools:  ## the tests with other people's tools: coverage.py, pdb, pytest, cloudpickle, joblib, Dask
	$(PYTHON) tools/dev.py tools $(ARGS)

sanitize:  ## tests of the native parts with AddressSanitizer and UBSan
	$(PYTHON) tools/dev.py sanitize $(ARGS)

clean:  ## remove what builds and tests leave behind
	rm -rf build .venv .pytest_cache .mypy_cache .ruff_cache
	find graphlet -name '*.so' -delete
