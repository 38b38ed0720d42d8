"""Random numbers drawn in regions: the same streams, and what a region that declines has drawn was never drawn."""

import threading
import time
import warnings
from typing import Any

import numpy as np
import pytest
from numpy.random import MT19937, PCG64, PCG64DXSM, SFC64, Generator, Philox, RandomState

import graphlet
from tests.oracle.runner import differential

V, M = np.array([3.0, -1.5, 2.0, 0.5]), np.arange(12.0).reshape(3, 4)
I = np.array([2, 5, 1, 3])  # noqa: E741

GENERATOR = [
    "rng.random(4)", "rng.random()", "rng.random(V.shape)", "rng.random(M.shape, dtype=np.float32)",
    "rng.random((k, 2))",
    "rng.normal()", "rng.normal(size=4)", "rng.normal(0.0, 2.0, 4)", "rng.normal(V, 2.0)", "rng.normal(loc=V, scale=I)",
    "rng.normal(size=M.shape)", "rng.normal(size=k)", "rng.normal(V, 1.0, (k, 4))", "rng.standard_normal(4)",
    "rng.standard_normal(M.shape) * M", "rng.uniform(-1, 1, V.size)", "rng.uniform(size=(2, k))",
    "rng.uniform(a, a + 1)",
    "rng.integers(10, size=4)", "rng.integers(0, k, 4)", "rng.integers(5)",
    "rng.integers(0, 2, M.shape, dtype=np.int8)",
    "rng.integers(1, 6, endpoint=True, size=k)", "rng.integers(0, I)", "V[rng.integers(0, len(V), 7)]",
    "rng.choice(V, 3)", "rng.choice(V)", "rng.choice(4, size=3, replace=False)", "rng.choice(k, 2)",
    "rng.choice(M, 2)", "rng.choice(M, 2, axis=1)", "rng.choice(2, 5, p=[0.25, 0.75])", "rng.choice([1, 2, 5], 3)",
    "rng.permutation(V)", "rng.permutation(5)", "rng.permutation(k)", "rng.permutation(M)",
    "rng.permutation(M, axis=1)",
    "rng.permuted(M, axis=1)", "V[rng.permutation(len(V))]", "rng.exponential(2.0, 4)", "rng.poisson(3.0, 4)",
    "rng.poisson(I)", "rng.gamma(2.0, 1.0, 4)", "rng.beta(2.0, V * V, 4)", "rng.binomial(10, 0.5, 4)",
    "rng.lognormal(size=4)", "rng.chisquare(3, 4)", "rng.standard_t(3, 4)", "rng.triangular(0, 1, 2, 4)",
    "rng.laplace(size=4)", "rng.multivariate_normal(V[:2], np.eye(2), 3)", "rng.dirichlet([1.0, 2.0], 3)",
    "rng.multinomial(10, [0.5, 0.5], 3)", "rng.geometric(0.5, 4)", "rng.weibull(2.0, 4)", "rng.zipf(2.0, 4)",
    "rng.hypergeometric(5, 6, 7, 4)", "rng.standard_gamma(V * V)", "rng.vonmises(0.0, 1.0, 4)", "rng.rayleigh(1.0, k)",
    "rng.normal(size=(3, 1)) + rng.normal(size=4)", "rng.normal(size=0)", "rng.normal(size=(2, 0)) * 2",
    "rng.normal(size=1) * V", "rng.random(np.int64(3))", "rng.normal(size=None) * V",
]  # fmt: skip

LEGACY = [
    "{}rand(4)", "{}rand()", "{}rand(3, k)", "{}rand(*M.shape)", "{}randn(4)", "{}randn(*V.shape) * V", "{}randn()",
    "{}randint(10, size=4)", "{}randint(0, k, (2, 3))", "{}randint(5)", "{}randint(0, 2, M.shape, dtype=np.int8)",
    "{}random(4)", "{}random_sample(V.shape)", "{}normal(0.0, 1.0, 4)", "{}normal(V, 1.0)", "{}normal(size=k)",
    "{}normal(size=3) * {}normal(size=1)", "{}uniform(-1, 1, 4)", "{}uniform(size=M.shape)", "{}choice(V, 3)",
    "{}choice(4, 3, replace=False)", "{}choice(V)", "{}permutation(V)", "{}permutation(k)", "{}permutation(M)",
    "{}exponential(1.0, 4)", "{}poisson(3.0, 4)", "{}beta(1.0, 2.0, 4)", "{}binomial(5, 0.5, 4)",
    "{}standard_normal(3) + {}standard_normal(3)", "{}multivariate_normal(V[:2], np.eye(2), 3)", "{}gamma(2.0, size=4)",
]  # fmt: skip


def program(text: str, body: str = "r = {}") -> Any:
    space: dict[str, Any] = {"np": np}
    lines = ["V = V * 2 + 1", body.format(text), "return r, V - 1"]
    exec("def function(rng, V, M, I, k, a):\n    " + "\n    ".join(lines), space)
    return space["function"]


def calls(make: Any) -> list[tuple[Any, ...]]:
    return [(make(1), V, M, I, 3, 0.5), (make(2), V[::-1], M.T.copy().T, I[::-1], 4, 1.5)]


@pytest.mark.parametrize("text", GENERATOR)
def test_generator(text: str) -> None:
    report = differential(program(text), *calls(np.random.default_rng))
    assert report.last_share.native == 1.0, report.last_share


@pytest.mark.parametrize("text", LEGACY)
def test_legacy(text: str) -> None:
    report = differential(program(text.replace("{}", "rng.")), *calls(RandomState))
    assert report.last_share.native == 1.0, report.last_share


@pytest.mark.parametrize("text", LEGACY)
def test_of_the_module(text: str) -> None:
    report = differential(program(text.replace("{}", "np.random.")), *calls(lambda seed: None))
    assert report.last_share.native == 1.0, report.last_share


@pytest.mark.parametrize("kind", [MT19937, PCG64, PCG64DXSM, Philox, SFC64])
def test_every_bit_generator(kind: Any) -> None:
    def function(rng, x):
        r = rng.random(700) + rng.integers(0, 9, 700, dtype=np.uint32)
        return r * x, rng.normal(size=3)

    for x in (2.0, 3.0):
        report = differential(function, (Generator(kind(5)), x), (Generator(kind(6)), x))
    assert report.last_share.native == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "np.random.default_rng(3).normal(size=4) * V", "np.random.RandomState(3).rand(4) * V",
        "np.random.Generator(np.random.PCG64(k)).random(4) * V", "np.random.default_rng(k).random(4) * V",
        "np.random.default_rng([1, k]).random(4)", "np.random.default_rng(rng).random(4)",
        "np.random.RandomState(seed=k).randn(3)", "np.random.Generator(np.random.Philox(seed=3)).random(4)",
    ],
)  # fmt: skip
def test_made_in_the_region(text: str) -> None:
    report = differential(program(text), *calls(np.random.default_rng))
    assert report.last_share.native == 1.0, report.last_share


def test_generators_made_in_the_region_leave_it() -> None:
    def function(x):
        rng = np.random.default_rng(0)
        other = np.random.default_rng(0)
        x = x + rng.normal(size=x.shape)
        return rng, other, rng is other, isinstance(rng, np.random.Generator), x * 2

    assert differential(function, (V,), (V,)).last_share.native == 1.0


def test_seeds() -> None:
    def function(x, seed):
        np.random.seed(seed)
        x = x + np.random.rand(4)
        np.random.seed(3)
        return x * np.random.randn(4)

    assert differential(function, (V, 1), (V, 7)).last_share.native == 1.0


@pytest.mark.parametrize("where", ["V", "W", "W[1:]", "M.T"])
@pytest.mark.parametrize("owner", ["rng", "np.random"])
def test_shuffle(where: str, owner: str) -> None:
    space: dict[str, Any] = {"np": np}
    exec(f"def function(rng, V, M):\n W = V * 2\n {owner}.shuffle({where})\n return W, V + 0, M + 0", space)
    report = differential(space["function"], (np.random.default_rng(1), V, M), (np.random.default_rng(2), V[::2], M))
    assert report.last_share.native > 0.5, report.last_share


def test_declined_draws_were_never_drawn() -> None:
    """The division warns behind the draws: the original instructions draw the same numbers again."""

    def function(rng, other, x):
        y = x + rng.normal(size=4) + np.random.randn(3)[:1] + other.rand(4)
        y = y + rng.integers(0, 5, 1, dtype=np.uint32)
        return y / (x - x), rng.random(3)

    inputs = (np.random.default_rng(1), RandomState(3), V)
    differential(function, inputs, inputs, inputs)


@pytest.mark.parametrize("bad", [0.0, 1.0])
def test_some_calls_decline(bad: float) -> None:
    fast = graphlet.optimize(later_fails)
    rng, same = np.random.default_rng(4), np.random.default_rng(4)
    for x in (1.0, 2.0, bad, 3.0, bad, 1.0):
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            result = fast(rng, V, x)
        with warnings.catch_warnings(record=True) as wanted:
            warnings.simplefilter("always")
            assert np.array_equal(result, later_fails(same, V, x))
        assert len(seen) == len(wanted)
        assert rng.bit_generator.state == same.bit_generator.state


def later_fails(rng, x, scale):
    noise = rng.normal(size=x.shape) * rng.random()
    return (x + noise) / np.full(4, scale)


def test_a_draw_that_raises() -> None:
    def function(rng, x, scale):
        a = rng.random(3)
        b = rng.normal(0.0, scale, 3)
        return a + b + x

    differential(function, (np.random.default_rng(1), 1.0, 2.0), (np.random.default_rng(1), 1.0, -2.0))


def test_drawn_in_a_function_that_is_called_and_in_a_loop() -> None:
    def noisy(rng, x):
        return x * 2 + rng.normal(size=x.shape)

    def function(rng, x):
        for _ in range(3):
            x = noisy(rng, x) + noisy(rng, -x)
        return x

    assert differential(function, (np.random.default_rng(1), V), (np.random.default_rng(2), M)).last_share.native == 1.0


def test_two_names_of_one_generator() -> None:
    def function(one, other, x):
        return one.random(3) - other.random(3) + x

    rng = np.random.default_rng(1)
    differential(function, (rng, rng, 1.0), (rng, np.random.default_rng(1), 1.0))


def test_an_unused_draw_is_drawn() -> None:
    def function(rng, x):
        rng.random(3)
        np.random.rand(2)
        return x * 2 + 1

    differential(function, (np.random.default_rng(1), V), (np.random.default_rng(1), V))


class Own(PCG64):
    pass


def test_a_bit_generator_of_a_class_of_its_own_is_left_alone() -> None:
    def function(rng, x):
        return x * 2 + rng.random(4)

    differential(function, (Generator(Own(1)), V), (Generator(Own(1)), V))
    differential(function, (Generator(PCG64(1)), V), (Generator(Own(1)), V), (Generator(PCG64(1)), V))


def test_threads_that_share_a_stream_draw_no_number_twice() -> None:
    """Every second region declines behind its draws."""

    def function(rng, x, scale):
        drawn = rng.random(50)
        return drawn, x / scale

    fast = graphlet.optimize(function)
    rng, drawn = np.random.default_rng(9), []
    with np.errstate(all="ignore"):
        fast(rng, V, 1.0)

    def work() -> None:
        for i in range(200):
            drawn.append(fast(rng, V, np.float64(i % 2))[0])

    rng = np.random.default_rng(9)
    threads = [threading.Thread(target=work) for _ in range(4)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    together = np.sort(np.concatenate(drawn))
    assert np.array_equal(together, np.sort(np.random.default_rng(9).random(together.size)))


def test_a_stream_whose_lock_is_taken_is_not_waited_for_with_anything_held() -> None:
    def function(one, other, x):
        return one.random(3) + other.random(3) + x

    fast = graphlet.optimize(function)
    pair = np.random.default_rng(1), np.random.default_rng(2)
    for _ in range(3):
        fast(*pair, 1.0)
    holder = threading.Thread(target=lambda: hold(pair[1].bit_generator.lock))
    holder.start()
    fast(*pair, 1.0)
    holder.join()
    same = np.random.default_rng(1), np.random.default_rng(2)
    for _ in range(4):
        function(*same, 1.0)
    assert [rng.bit_generator.state for rng in pair] == [rng.bit_generator.state for rng in same]


def hold(lock: Any) -> None:
    with lock:
        time.sleep(0.2)


def test_checked_runs_draw_once() -> None:
    def function(rng, x):
        return x + rng.normal(size=4) * np.random.rand(4)

    with graphlet.set_stance("check"):
        differential(function, (np.random.default_rng(1), V), (np.random.default_rng(2), V))
