"""Checking a kernel: NumPy runs the same graph node by node beside it, and the first difference is an error."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graphlet.backends.raising import raise_for_flags
from graphlet.backends.registry import OWN
from graphlet.backends.unwritten import has_unwritten, two_runs
from graphlet.core.errors import MismatchError
from graphlet.core.pristine import np
from graphlet.ir.graph import Graph
from graphlet.runtime._streams import current
from graphlet.runtime.streams import GENERATORS, same_stream

LAYOUT = ("dtype", "shape", "strides")
_NOT_OURS = "\n# The backend is not graphlet's own: import what registers it, or pass the function, not its name."

_REPRO = '''{code}

# graphlet and NumPy {numpy} differ on this graph: {what}
# Run this where graphlet is installed: it fails as long as they do.{hint}

from pathlib import Path

import graphlet

loaded = np.load(Path(__file__).with_name("inputs.npz"))
inputs = ({inputs})
with graphlet.set_stance("check"):
    fast = graphlet.optimize(forward, backend={backend!r})
    for _ in range(3):
        fast(*inputs)
print("no difference")
'''


class Shadowed:
    """What a PyKernel calls to run another kernel under supervision.

    Raises MismatchError where they differ in type, dtype, shape, strides or bits, and where NumPy warns or raises and
    the kernel did not decline. All NaNs of one sign are one value. Inputs are saved for a script that shows it again.
    """

    __slots__ = ("backend", "graph", "kernel", "name")

    def __init__(self, kernel: Callable[..., Any], backend: str, graph: Graph, name: str) -> None:
        self.kernel = kernel
        self.backend = backend
        self.graph = graph
        self.name = name

    def __call__(self, *inputs: Any) -> tuple[Any, ...]:
        results: tuple[Any, ...] | None = self.kernel(*inputs)
        if results is None:
            raise RuntimeError(getattr(self.kernel, "last_decline", None) or "declined")
        drawn = current()
        states = [] if drawn is None else drawn.rewind()
        expected: tuple[Any, ...] = ()
        failure: Exception | None = None
        try:
            expected = raise_for_flags(self.graph.forward, *inputs)
        except Exception as error:
            failure = error
        are_as_far = drawn is None or drawn.restore(states)
        if failure is not None:
            if self.depends_on_unwritten(inputs):
                return results
            raise self.mismatch(f"NumPy raises {type(failure).__name__}: {failure}", inputs)
        if not are_as_far:
            raise self.mismatch("numbers were drawn from a stream that NumPy leaves elsewhere", inputs)
        for number, (result, wanted) in enumerate(zip(results, expected, strict=True)):
            what = difference(result, wanted)
            if what is not None and not self.is_undefined(number, result, inputs):
                raise self.mismatch(f"output {number} ({self.graph.outputs[number]}): {what}", inputs)
        return results

    def is_undefined(self, number: int, result: Any, inputs: tuple[Any, ...]) -> bool:
        """Whether an output differs only in what was never written."""
        if not has_unwritten(self.graph):
            return False
        with np.errstate(all="ignore"):
            zeros, ones = (run[number] for run in two_runs(self.graph, inputs))
        if difference(zeros, ones) is None or type(result) is not type(zeros):
            return False
        if not isinstance(result, np.ndarray):
            return True
        if any(getattr(result, kind) != getattr(zeros, kind) for kind in LAYOUT):
            return False
        written = np.logical_or(zeros == ones, np.isnan(zeros) & np.isnan(ones) if zeros.dtype.kind in "fc" else False)
        return difference(result[written], zeros[written]) is None

    def depends_on_unwritten(self, inputs: tuple[Any, ...]) -> bool:
        """Whether NumPy raises for some of what may lie in memory that was never written, and not for other."""
        if not has_unwritten(self.graph):
            return False
        try:
            raise_for_flags(two_runs, self.graph, inputs)
        except Exception:
            return False
        return True

    def mismatch(self, what: str, inputs: tuple[Any, ...]) -> MismatchError:
        """The error, with a script that shows it again."""
        path = write_repro(self.graph, self.backend, inputs, what)
        return MismatchError(f"{self.name}: {self.backend} and NumPy differ: {what}; shown again by {path}", str(path))


def difference(result: Any, wanted: Any) -> str | None:
    """What tells two results apart, or None."""
    if type(result) is not type(wanted):
        return f"a {type(result).__name__}, NumPy gives a {type(wanted).__name__}"
    if isinstance(wanted, (tuple, list)):
        pairs = zip(result, wanted, strict=False)
        inner = (difference(one, other) for one, other in pairs)
        return next((text for text in inner if text is not None), None if len(result) == len(wanted) else "length")
    if type(wanted) in GENERATORS:
        return None if same_stream(result, wanted) else "another stream of random numbers"
    if not isinstance(wanted, (np.ndarray, np.generic)):
        return None if repr(result) == repr(wanted) else f"{result!r}, NumPy gives {wanted!r}"
    for kind in LAYOUT:
        one, other = getattr(result, kind), getattr(wanted, kind)
        if one != other:
            return f"{kind} {one}, NumPy gives {other}"
    return _different_element(np.asarray(result), np.asarray(wanted))


def _different_element(result: np.ndarray, wanted: np.ndarray) -> str | None:
    same = result == wanted
    if wanted.dtype.kind in "fc":
        for part in (np.real, np.imag) if wanted.dtype.kind == "c" else (np.asarray,):
            same &= np.signbit(part(result)) == np.signbit(part(wanted))
        same |= np.isnan(result) & np.isnan(wanted)
    if np.all(same):
        return None
    where = tuple(int(i) for i in np.argwhere(~np.atleast_1d(same))[0])
    place = where if wanted.ndim else ()
    return f"element {place}: {result[place]!r}, NumPy gives {wanted[place]!r}"


def write_repro(graph: Graph, backend: str, inputs: tuple[Any, ...], what: str) -> Path:
    """A script and its inputs in a new folder; the path of the script."""
    folder = Path(tempfile.mkdtemp(prefix="graphlet-mismatch-"))
    arrays = {f"input{number}": value for number, value in enumerate(inputs) if isinstance(value, np.ndarray)}
    np.savez(folder / "inputs.npz", **arrays)  # type: ignore[arg-type]
    spelled = [f'loaded["input{n}"]' if f"input{n}" in arrays else repr(value) for n, value in enumerate(inputs)]
    text = _REPRO.format(
        code=graph.code,
        numpy=np.__version__,
        what=" ".join(what.split()),
        inputs=", ".join(spelled) + ("," if len(spelled) == 1 else ""),
        backend=backend,
        hint="" if backend in OWN else _NOT_OURS,
    )
    path = folder / "repro.py"
    path.write_text(text, encoding="utf-8")
    return path
