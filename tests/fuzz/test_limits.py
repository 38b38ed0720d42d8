"""Too much time or memory ends a block; outside of it nothing has changed."""

import time

import numpy as np
import pytest

from tests.fuzz.limits import TooLong, memory_limit, quiet, time_limit


def work() -> None:
    """Thirty seconds of processor time."""
    end = time.process_time() + 30
    while time.process_time() < end:
        pass


def test_time() -> None:
    with pytest.raises(TooLong), time_limit(0.05):
        work()


def test_waiting_is_not_counted() -> None:
    with time_limit(0.05):
        time.sleep(0.2)


def test_time_is_up_again_for_code_that_swallows_it() -> None:
    with pytest.raises(TooLong), time_limit(0.05):
        try:
            work()
        except TooLong:
            work()


def test_memory() -> None:
    with memory_limit(64 << 20):
        assert np.ones(1000).sum() == 1000
        with pytest.raises(MemoryError):
            np.empty(256 << 20, np.uint8)
    np.empty(256 << 20, np.uint8)


def test_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with quiet():
        print("nobody hears this")
        np.ones(1) / np.zeros(1)
    assert capsys.readouterr().out == ""
