"""The outcome of each test. A module of its own: tests hold their result, and neither graphlet nor NumPy is near it."""

import sys
import unittest
from collections import Counter
from typing import Any

N_TOOLS = 6


class Outcomes(unittest.TestResult):
    """The outcome of each test by its id; a test that is run again gets a number behind its id."""

    def __init__(self) -> None:
        super().__init__()
        self.by_id: dict[str, str] = {}
        self.details: dict[str, str] = {}
        self._seen: Counter[str] = Counter()
        self._now = ""
        self._tools: set[int] = set()

    def startTest(self, test: unittest.TestCase) -> None:
        """A test begins."""
        super().startTest(test)
        name = test.id()
        self._seen[name] += 1
        self._now = name if self._seen[name] == 1 else f"{name} #{self._seen[name]}"
        self._tools = _tools()

    def stopTest(self, test: unittest.TestCase) -> None:
        """It is over: if it failed, what it left switched on must not fail all that come behind it."""
        super().stopTest(test)
        if self.by_id.get(self._now) in ("fail", "error"):
            _free_tools(self._tools)

    def _note(self, test: Any, outcome: str, error: Any = None) -> None:
        name = self._now if isinstance(test, unittest.TestCase) else f"{test.id() if hasattr(test, 'id') else test}"
        if self.by_id.get(name) not in ("fail", "error"):
            self.by_id[name] = outcome
            if error is not None:
                self.details[name] = self._exc_info_to_string(error, test)[-2000:]  # type: ignore[attr-defined]

    def addSuccess(self, test: Any) -> None:
        """It passed."""
        self._note(test, "pass")

    def addError(self, test: Any, err: Any) -> None:
        """It raised; ``test`` may be a stand-in for the set-up of a class or module."""
        super().addError(test, err)
        self._note(test, "error", err)

    def addFailure(self, test: Any, err: Any) -> None:
        """It failed."""
        super().addFailure(test, err)
        self._note(test, "fail", err)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        """A part of it ended; only a failing one counts."""
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._note(test, "fail", err)

    def addSkip(self, test: Any, reason: str) -> None:
        """It was skipped."""
        super().addSkip(test, reason)
        self._note(test, "skip")

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        """It failed as it should."""
        self._note(test, "xfail")

    def addUnexpectedSuccess(self, test: Any) -> None:
        """It passed though it should not."""
        self._note(test, "unexpected success")


def _tools() -> set[int]:
    """The tools of ``sys.monitoring`` (3.12 on) that are in use."""
    monitoring = getattr(sys, "monitoring", None)
    return set() if monitoring is None else {tool for tool in range(N_TOOLS) if monitoring.get_tool(tool) is not None}


def _free_tools(keep: set[int]) -> None:
    for tool in _tools() - keep:
        sys.monitoring.set_events(tool, 0)  # type: ignore[attr-defined]
        sys.monitoring.free_tool_id(tool)  # type: ignore[attr-defined]
