"""A pytest plugin: writes the outcome of each test as a line of JSON, with graphlet switched on or not.

CONFORMANCE_WAY is "plain", "enable" or "learn", CONFORMANCE_RESULT the file to write. The package whose tests run is
the folder pytest was given as its root. A line is written as soon as a test is over, so that a crash shows its place.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.ways import Enabled, Plain

LONGEST = 3000  # characters of what a failing test says


class Recorder:
    """Starts the way, and writes what comes of each test."""

    def __init__(self, folder: Path, way: str, target: Path) -> None:
        wanted = (folder.name, f"{folder}{os.sep}*")
        self.way = Plain() if way == "plain" else Enabled(everywhere=way == "learn", include=wanted)
        self.file = target.open("w", encoding="utf-8", buffering=1)
        self.outcome, self.said = "", ""
        self.started = time.process_time()
        self.way.start()

    def write(self, **item: Any) -> None:
        self.file.write(json.dumps(item) + "\n")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A phase of a test is over; the worst of its phases is its outcome."""
        if report.when == "setup":
            self.outcome = self.said = ""
        if report.when == "call" or report.outcome != "passed":
            self.outcome = "xfailed" if report.skipped and hasattr(report, "wasxfail") else report.outcome
        if report.failed:
            self.said = report.longreprtext[-LONGEST:]
        if report.when == "teardown":
            self.write(test=report.nodeid, outcome=self.outcome, said=self.said)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module that cannot be loaded has an outcome too."""
        if report.failed:
            self.write(test=report.nodeid, outcome="not loaded", said=report.longreprtext[-LONGEST:])

    def pytest_sessionfinish(self) -> None:
        """The last line says that this was all."""
        self.write(seconds=time.process_time() - self.started, counts=self.way.counts())


def pytest_configure(config: pytest.Config) -> None:
    """Consider every function of the package and of its tests that is called, not only likely ones."""
    target = Path(os.environ["CONFORMANCE_RESULT"])
    config.pluginmanager.register(Recorder(config.rootpath, os.environ["CONFORMANCE_WAY"], target))
