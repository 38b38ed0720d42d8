"""Options and fixtures of all tests."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import graphlet


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="write what the tests got as what they expect")


@pytest.fixture(autouse=True)
def no_trials() -> Iterator[None]:
    """Whether a region is slower than NumPy depends on the machine's mood, and many tests count exactly."""
    with graphlet.config.patch(cost_model=0):
        yield


@pytest.fixture(autouse=True, scope="session")
def no_code_of_before() -> Iterator[None]:
    """Tests leave nothing in the user's folders, and find nothing there."""
    with graphlet.config.patch(cache_dir="off"):
        yield


@pytest.fixture(autouse=True)
def no_failures_of_our_own(request: pytest.FixtureRequest) -> Iterator[None]:
    """A capture that fails leaves the function as it was; that must not hide in tests that only look at results."""
    before = graphlet.counters()["failures"]
    yield
    after = graphlet.counters()["failures"]
    assert after <= before or request.node.get_closest_marker("provokes_failures"), "see GL901 in the warnings"


@pytest.fixture
def hurried() -> Iterator[None]:
    """Threads change places as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """``golden(name, text)``: the text must equal ``goldens/<name>.txt`` beside the test."""
    folder = Path(request.path).parent / "goldens"
    update = request.config.getoption("--update-goldens")

    def check(name: str, text: str) -> None:
        path = folder / f"{name}.txt"
        if update:
            folder.mkdir(exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        assert path.exists(), f"no golden {path.name}; run with --update-goldens to write it"
        assert text + "\n" == path.read_text(encoding="utf-8")

    return check
