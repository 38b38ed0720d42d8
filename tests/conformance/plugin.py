"""A pytest plugin: writes the outcome of each test as JSON, with graphlet switched on or not.

CONFORMANCE_WAY is "plain" or "enable", CONFORMANCE_RESULT the file to write.
"""

import json
import os
from pathlib import Path

import pytest

import graphlet
from graphlet import discover

outcomes: dict[str, str] = {}


def pytest_configure(config: pytest.Config) -> None:
    """Give stubs to every function of a test file that is called, not only to likely ones."""
    if os.environ["CONFORMANCE_WAY"] == "enable":
        discover.is_candidate = lambda *_: True
        graphlet.enable(include=["*/tests/*.py", "*/test_*.py"], exclude=[os.path.join(os.path.dirname(__file__), "*")])


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A phase of a test is over; the worst of its phases is its outcome."""
    if report.when == "call" or report.outcome != "passed":
        outcomes[report.nodeid] = report.outcome


def pytest_sessionfinish() -> None:
    """Write what happened."""
    result = {"outcomes": outcomes, "counters": graphlet.counters()}
    Path(os.environ["CONFORMANCE_RESULT"]).write_text(json.dumps(result), encoding="utf-8")
