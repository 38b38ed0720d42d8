"""Code objects to try things on: the standard library's, a sample by default, all with GRAPHLET_TEST_CORPUS=all."""

import os
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import CodeType

from graphlet.report.real_code import codes

ALL = os.environ.get("GRAPHLET_TEST_CORPUS") == "all"
SAMPLE = 43  # files: some distributions have a third of the library only
SKIPPED_FOLDERS = {"site-packages", "idlelib", "lib2to3", "turtledemo"}

CONSTRUCTS = Path(__file__).with_name("constructs.py")


def files() -> list[Path]:
    root = Path(sysconfig.get_path("stdlib"))
    found = (path for path in sorted(root.rglob("*.py")) if not SKIPPED_FOLDERS & set(path.relative_to(root).parts))
    every = [CONSTRUCTS, *found]
    return every if ALL else every[:: max(len(every) // SAMPLE, 1)]


def stream() -> Iterator[CodeType]:
    """One code object after the other, for runs over everything."""
    for path in files():
        yield from codes(path)


@cache
def sample() -> tuple[CodeType, ...]:
    """The code objects of the chosen files."""
    return tuple(stream())
