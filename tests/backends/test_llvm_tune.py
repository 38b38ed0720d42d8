"""Mode ``max-autotune``: searches once, says so, remembers, and changes no bit."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet.backends import llvm_cache, llvm_tune
from graphlet.backends.block_groups import BLOCKS
from graphlet.backends.llvm_host import can_compile
from graphlet.backends.llvm_tune import Choice, can_repeat, key_of, made, recall

pytestmark = pytest.mark.skipif(not can_compile(), reason="no code can be generated here")
X, Y = np.random.default_rng(7).random((2, 20_000))


@pytest.fixture(autouse=True)
def short_search(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(llvm_tune, "SECONDS", 0.0)
    with graphlet.config.patch(compile="at once", num_threads=2):
        yield


def work(x: Any, y: Any) -> Any:
    d = np.exp(x) * y - x
    return d, (d * d).sum()


def test_it_searches_once_and_remembers(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    expected = work(X, Y)
    with graphlet.config.patch(cache_dir=str(tmp_path)):
        for turn in range(2):
            graphlet.reset()
            fast = graphlet.optimize(work, mode="max-autotune")
            for _ in range(3):
                assert all(np.array_equal(a, b) for a, b in zip(fast(X, Y), expected, strict=True))
            said = capfd.readouterr().err.splitlines()
            assert all(line.startswith("[graphlet] max-autotune: graph of ") for line in said)
            assert len(said) > len(BLOCKS) if turn == 0 else said == []


@pytest.mark.parametrize("choice", [Choice(), Choice(256, 16, 2), Choice(8192, 0, 0), Choice(512, 32, 1)])
def test_no_bit_depends_on_a_choice(choice: Choice) -> None:
    graph = graphlet.capture(work)(X, Y)
    prepared = made(graph, choice)
    assert prepared.kernel.most_threads == choice.threads
    for _ in range(3):
        results = prepared.kernel(X, Y)
        prepared.compile_now()
    assert prepared.kernel.n_compiled > 0
    assert all(np.array_equal(a, b) for a, b in zip(results, work(X, Y), strict=True))


def test_what_was_kept_must_make_sense(tmp_path: Path) -> None:
    with graphlet.config.patch(cache_dir=str(tmp_path)):
        assert recall("key") is None
        for data in (b"no json", b"[]", b'{"block": 7}', b'{"block": 256, "tile": 3}', b'{"threads": -1}'):
            llvm_cache.save("key", data)
            assert recall("key") is None
        llvm_cache.save("key", b'{"block": 256, "vector": 32, "threads": 2}')
        assert recall("key") == Choice(256, 32, 2)


def test_sizes_count_to_a_factor_of_two() -> None:
    graph = graphlet.capture(work)(X, Y)
    assert key_of(graph, (X, Y)) == key_of(graph, (X[:-1], Y[:-1]))
    assert key_of(graph, (X, Y)) != key_of(graph, (X[:100], Y[:100]))
    assert key_of(graph, (X, Y)) != key_of(graphlet.capture(lambda x, y: x + y)(X, Y), (X, Y))


def test_what_may_not_run_twice_is_not_searched(capfd: pytest.CaptureFixture[str]) -> None:
    rng, plain = np.random.default_rng(1), np.random.default_rng(1)

    def draw(x: Any, rng: Any) -> Any:
        return x * 2 + rng.random(3) - 1

    fast = graphlet.optimize(draw, mode="max-autotune")
    for _ in range(4):
        assert np.array_equal(fast(X[:3], rng), draw(X[:3], plain))
    assert capfd.readouterr().err == ""

    def fill(x: Any) -> Any:
        y = np.zeros(3)
        y[1:] = x[:2] * 2 + 1
        return y

    assert not can_repeat(graphlet.capture(fill)(X))
    assert can_repeat(graphlet.capture(work)(X, Y))


def test_a_search_on_data_that_warns_finds_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    fast = graphlet.optimize(lambda x, y: x / y + 1, mode="max-autotune")
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        for _ in range(3):
            fast(X, Y * 0)
    assert capfd.readouterr().err == ""
