"""Functions with stubs go through cloudpickle, joblib and Dask, and run in graphs again on the other side."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet.cache import original_code
from graphlet.rewrite.pickled import own_code

WHERE = "pip install -e .[tools]"
cloudpickle = pytest.importorskip("cloudpickle", reason=f"needs cloudpickle: {WHERE}")

X = np.arange(6.0) + 1
SCALE = 3.0


def made(k: float) -> Any:
    """Functions that no module can be asked for, which are pickled by what they are."""

    def scaled(x: Any, more: float = 1.0) -> Any:
        y = x * k * SCALE
        for i in range(2):
            y = np.sqrt(np.abs(y)) + i
        return y + more

    return scaled


def learnt(fn: Any) -> Any:
    for _ in range(4):
        fn(X)
    return fn


def fast(k: float = 2.0) -> Any:
    return learnt(graphlet.optimize(made(k)))


def through(value: Any) -> Any:
    return cloudpickle.loads(cloudpickle.dumps(value))


def hits_of(fn: Any) -> int:
    before = graphlet.counters()["hits"]
    learnt(fn)
    return int(graphlet.counters()["hits"] - before)


def test_an_optimised_function_stays_one() -> None:
    one = fast()
    other = through(one)
    assert other is not one and other.graphlet is not one.graphlet
    assert other(X).tolist() == one(X).tolist() == made(2.0)(X).tolist()
    assert other.graphlet.belongs_to(other) and other.__wrapped__(X).tolist() == one(X).tolist()
    assert hits_of(other) > 0
    assert other.graphlet.stats()["hits"] > 0
    assert other.graphlet.original is other.__wrapped__


def test_options_go_along() -> None:
    other = through(graphlet.optimize(made(2.0), fullgraph=True, backend="eager"))
    assert (other.graphlet.cache.options.fullgraph, other.graphlet.cache.options.backend) == (True, "eager")


def test_the_handle_beside_its_function() -> None:
    one = fast()
    handle, other = through((one.graphlet, one))
    assert handle is other.graphlet
    assert handle.stats()["graphs"] == 0
    handle.warmup(X)
    assert handle.stats()["graphs"] == 1


def test_methods_and_containers() -> None:
    class Model:
        k = 2.0

        @graphlet.optimize
        def run(self, x: Any) -> Any:
            return x * self.k + 1

    learnt(Model().run)
    again = through({"model": Model(), "bound": Model().run, "twice": [fast(), fast()]})
    assert again["model"].run(X).tolist() == again["bound"](X).tolist() == (X * 2 + 1).tolist()
    assert hits_of(again["bound"]) > 0
    one = fast()
    both = through((one, one, one.__wrapped__))
    assert both[0] is both[1] and both[0].__wrapped__ is both[2]


def test_a_found_function_sheds_its_stubs() -> None:
    with graphlet.enable(include=__name__):
        found = made(5.0)
        for _ in range(4):
            found(X)
        assert original_code(found.__code__) is not found.__code__
        data = cloudpickle.dumps(found)
    other = cloudpickle.loads(data)
    assert own_code(other.__code__) is not other.__code__
    assert other(X).tolist() == found(X).tolist()
    assert own_code(other.__code__) is other.__code__
    assert other.__code__.co_consts == found.__code__.co_consts
    before = graphlet.counters()["hits"]
    with graphlet.enable(include=__name__):
        for _ in range(4):
            other(X)
    assert graphlet.counters()["hits"] > before


def test_where_graphlet_was_not_imported(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(cloudpickle.dumps((fast(), X)))
    program = (
        "import pickle, sys; f, x = pickle.load(open(sys.argv[1], 'rb'));"
        "print([round(float(v), 12) for v in f(x)], [f(x) is None for _ in range(3)], f.graphlet.stats()['graphs'])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "data")], capture_output=True, text=True, cwd=root, check=False
    )
    expected = [round(float(v), 12) for v in made(2.0)(X)]
    assert done.stdout == f"{expected} [False, False, False] 1\n", done.stderr


# ---- joblib


def joblib_results(fn: Callable[[Any], Any], backend: str) -> list[list[float]]:
    joblib = pytest.importorskip("joblib", reason=f"needs joblib: {WHERE}")
    with joblib.parallel_config(backend=backend, n_jobs=2):
        results = joblib.Parallel()(joblib.delayed(fn)(X + i) for i in range(4))
    return [result.tolist() for result in results]


@pytest.mark.parametrize("backend", ["loky", "threading", "sequential"])
def test_joblib(backend: str) -> None:
    expected = [made(2.0)(X + i).tolist() for i in range(4)]
    assert joblib_results(fast(), backend) == expected
    with graphlet.enable(include=__name__):
        assert joblib_results(learnt(made(2.0)), backend) == expected


def test_joblib_remembers_results_of_an_optimised_function(tmp_path: Path) -> None:
    joblib = pytest.importorskip("joblib", reason=f"needs joblib: {WHERE}")
    calls = []

    def counted(x: Any) -> Any:
        calls.append(1)
        return x * 2 + 1

    for fn in (counted, graphlet.optimize(counted)):
        calls.clear()
        cached = joblib.Memory(tmp_path / str(fn is counted), verbose=0).cache(fn)
        for _ in range(3):
            assert cached(X).tolist() == (X * 2 + 1).tolist()
        assert len(calls) == 1


# ---- Dask


def test_dask() -> None:
    dask = pytest.importorskip("dask", reason=f"needs dask: {WHERE}")
    array = pytest.importorskip("dask.array", reason=f"needs dask: {WHERE}")
    plain, one = made(2.0), fast()
    whole = array.from_array(X, chunks=2)
    for scheduler in ("threads", "processes", "sync"):
        with dask.config.set(scheduler=scheduler):
            assert whole.map_blocks(one).compute().tolist() == plain(X).tolist()
            assert dask.delayed(sum)([dask.delayed(one)(X + i) for i in range(3)]).compute().tolist() == sum(
                plain(X + i) for i in range(3)
            ).tolist()


def test_dask_knows_a_function_again_after_it_has_learnt() -> None:
    base = pytest.importorskip("dask.base", reason=f"needs dask: {WHERE}")
    one = graphlet.optimize(made(2.0))
    learnt(one)
    token = base.tokenize(one)
    one(X)
    assert base.tokenize(one) == token == base.tokenize(one)
    assert base.tokenize(graphlet.optimize(made(3.0))) != token


def test_functions_of_a_module_are_pickled_by_name() -> None:
    assert through(on_module_level) is on_module_level
    assert isinstance(on_module_level, FunctionType)


@graphlet.optimize
def on_module_level(x: Any) -> Any:
    return x * 2
