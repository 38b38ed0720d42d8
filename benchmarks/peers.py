"""Who is measured: NumPy itself, graphlet, and other ways to make NumPy fast, used as their documentation says."""

import functools
import importlib
import importlib.util
import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np

import graphlet
from benchmarks.cases import Args, Case

Prepared = tuple[Callable[..., Any], Args]
CACHES = ("GRAPHLET_CACHE_DIR", "NUMBA_CACHE_DIR", "JAX_COMPILATION_CACHE_DIR", "TORCHINDUCTOR_CACHE_DIR")


class NotForIt(Exception):
    """The peer cannot run this program."""


@dataclass(frozen=True, slots=True)
class Peer:
    """``prepare(case, args)`` gives what is called and with what; ``needs`` is the module it comes from."""

    name: str
    needs: str
    prepare: Callable[[Case, Args], Prepared]

    def is_here(self) -> bool:
        """Whether it is installed."""
        return importlib.util.find_spec(self.needs) is not None


def plain(case: Case, args: Args) -> Prepared:
    return case.run, args


def with_graphlet(case: Case, args: Args) -> Prepared:
    return graphlet.optimize(case.run), args


def with_numba(case: Case, args: Args, **options: Any) -> Prepared:
    return importlib.import_module("numba").njit(cache=True, **options)(case.run), args


def with_numexpr(case: Case, args: Args) -> Prepared:
    if not case.numexpr:
        raise NotForIt("is no single expression")
    numexpr = importlib.import_module("numexpr")
    names = inspect.signature(case.run).parameters
    return lambda *given: numexpr.evaluate(case.numexpr, dict(zip(names, given, strict=True))), args


def with_jax(case: Case, args: Args) -> Prepared:
    """The same function over ``jax.numpy``, on arrays that are on the device already, waiting for the result."""
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    names = {**case.run.__globals__, "np": jax.numpy}
    run = jax.jit(FunctionType(case.run.__code__, names, case.run.__name__, case.run.__defaults__))
    return lambda *given: jax.block_until_ready(run(*given)), tuple(map(jax.numpy.asarray, args))


def with_torch(case: Case, args: Args) -> Prepared:
    return importlib.import_module("torch").compile(case.run), args


PEERS = {
    peer.name: peer
    for peer in (
        Peer("numpy", "numpy", plain),
        Peer("graphlet", "graphlet", with_graphlet),
        Peer("numba", "numba", with_numba),
        Peer("numba parallel", "numba", functools.partial(with_numba, parallel=True, fastmath=True)),
        Peer("numexpr", "numexpr", with_numexpr),
        Peer("jax", "jax", with_jax),
        Peer("torch.compile", "torch", with_torch),
    )
}


def environment(folder: Path, threads: int | None) -> dict[str, str]:
    """The variables of a process that keeps compiled code in a folder; with one number of threads for all, if given."""
    found = {**os.environ, **{name: str(folder / name.lower()) for name in CACHES}}
    if threads is not None:
        limits = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "NUMEXPR_NUM_THREADS")
        found.update(dict.fromkeys(limits, str(threads)))
        if threads == 1:
            found["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    return found


def as_arrays(result: Any) -> list[np.ndarray]:
    """The arrays of a result, in order."""
    items = result if isinstance(result, (tuple, list)) else (result,)
    return [np.asarray(item) for item in items]


def likeness(result: Any, expected: Any) -> str:
    """How alike two results are: "identical" bit for bit, "close" within rounding, or "different"."""
    ours, theirs = as_arrays(result), as_arrays(expected)
    if [a.shape for a in ours] != [a.shape for a in theirs]:
        return "different"
    pairs = list(zip(ours, theirs, strict=True))
    if all(a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in pairs):
        return "identical"
    # Chaotic programs make much of the last bit; half of the digits of the narrower type is what is asked.
    tolerance = max((np.sqrt(np.finfo(b.dtype).eps) for _, b in pairs if b.dtype.kind in "fc"), default=0.0)
    near = all(np.allclose(a, b, rtol=tolerance, atol=tolerance) for a, b in pairs)
    return "close" if near else "different"
