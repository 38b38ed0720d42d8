"""Taking back what was drawn: the state is found by trying, and comes back whole."""

import threading
from typing import Any

import numpy as np
import pytest
from numpy.random import MT19937, PCG64, BitGenerator, Generator, RandomState

from graphlet.runtime import _streams, streams


@pytest.mark.parametrize("kind", streams.BIT_GENERATORS)
@pytest.mark.parametrize("wrapper", streams.GENERATORS)
def test_taken_back(kind: Any, wrapper: Any) -> None:
    generator, same = wrapper(kind(3)), wrapper(kind(3))
    for _ in range(3):
        _streams.taken_back(draw_all, generator)
        assert streams.same_stream(generator, same)
        assert np.array_equal(generator.normal(size=3), same.normal(size=3))


def draw_all(generator: Any) -> None:
    for name, args in (("normal", (0.0, 1.0, 3)), ("random", (700,)), ("standard_normal", (1,)), ("normal", (0, 1, 2))):
        streams.draw(name, generator, *args)


def test_without_a_run_nothing_is_kept() -> None:
    generator = np.random.default_rng(1)
    streams.draw("random", generator, 3)
    assert _streams.current() is None
    assert not streams.same_stream(generator, np.random.default_rng(1))


def test_what_raises_is_taken_back() -> None:
    def work(generator: Any) -> None:
        streams.draw("random", generator, 3)
        raise KeyError

    generator = np.random.default_rng(1)
    with pytest.raises(KeyError):
        _streams.taken_back(work, generator)
    assert streams.same_stream(generator, np.random.default_rng(1))
    assert _streams.current() is None


def test_runs_in_runs() -> None:
    inner, outer = np.random.default_rng(1), np.random.default_rng(2)

    def work() -> None:
        streams.draw("random", outer, 3)
        _streams.taken_back(streams.draw, "random", inner, 3)
        streams.draw("random", outer, 3)

    _streams.taken_back(work)
    assert streams.same_stream(inner, np.random.default_rng(1)) and streams.same_stream(outer, np.random.default_rng(2))


def test_a_stream_in_use_elsewhere_is_not_waited_for() -> None:
    generator = np.random.default_rng(1)
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with generator.bit_generator.lock:
            taken.set()
            done.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait()
    try:
        with pytest.raises(_streams.BusyError):
            _streams.taken_back(streams.draw, "random", generator, 3)
    finally:
        done.set()
        thread.join()
    assert streams.same_stream(generator, np.random.default_rng(1))


def test_kinds_that_are_not_known() -> None:
    class Own(PCG64):
        pass

    assert streams.why_not(Generator(Own(1))) is not None
    assert streams.why_not(RandomState(MT19937(1))) is None
    assert streams.state_of(BitGenerator) is None
    with pytest.raises(TypeError):
        _streams.taken_back(streams.draw, "random", Generator(Own(1)), 3)


def test_shuffled() -> None:
    array, wanted = np.arange(9.0), np.arange(9.0)
    np.random.default_rng(4).shuffle(wanted)
    assert np.array_equal(streams.shuffled(np.random.default_rng(4), array), wanted)
    assert np.array_equal(array, np.arange(9.0))
