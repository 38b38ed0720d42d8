"""Known differences: one file for each way and CPython version, one line for each test or pattern, with a reason.

Those of CPython's own tests are in ``enable-3.13.txt`` and so on, those of a package's in ``numpy-enable-3.13.txt``.
``stubs`` and ``hook`` differ so from the plain run, the hook differs from ``thunk`` as that file says.

A line is ``test id or pattern  # reason``. The lists may only shrink: a line about tests that ran, none of which
differs any more, is an error, so that it is taken out.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

FOLDER = Path(__file__).parent / "known"


@dataclass(frozen=True, slots=True)
class Known:
    """One line: which tests, and why they differ."""

    pattern: str
    reason: str

    def matches(self, test: str) -> bool:
        """Whether the line is about this test."""
        return fnmatchcase(test, self.pattern)


def read(way: str, version: str | None = None) -> tuple[Known, ...]:
    """The lines for a way on a version (this one); raises ValueError for a line without a reason."""
    path = FOLDER / f"{way}-{version or this_version()}.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return tuple(_line(line) for line in lines if line.strip() and not line.startswith("#"))


def this_version() -> str:
    """"3.11" and so on."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _line(text: str) -> Known:
    pattern, mark, reason = text.partition("#")
    if not mark or not reason.strip() or not pattern.strip():
        raise ValueError(f"expected 'test id  # reason', got {text!r}")
    return Known(pattern.strip().replace("[", "[[]"), reason.strip())


def unexplained(differences: list[str], known: tuple[Known, ...]) -> list[str]:
    """The tests that differ and that no line is about."""
    return [test for test in differences if not any(line.matches(test) for line in known)]


def stale(differences: list[str], known: tuple[Known, ...], ran: Iterable[str]) -> list[str]:
    """The patterns of lines about tests that ran of which none differs any more."""
    tests = tuple(ran)
    about = [line for line in known if any(map(line.matches, tests))]
    return [line.pattern for line in about if not any(map(line.matches, differences))]
