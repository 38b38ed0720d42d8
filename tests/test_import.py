"""Importing graphlet loads the face and the native parts, nothing else; every name can be had all the same."""

import subprocess
import sys

import graphlet

ALLOWED = {
    "graphlet",
    "graphlet.api",
    "graphlet.cache",
    "graphlet.capture",
    "graphlet.runtime",
    "graphlet._dispatch",
    "graphlet._evalframe",
    "graphlet._guards",
    "graphlet._publish",
    "graphlet._specialization",
    "graphlet._work",
    "graphlet.runtime._kernel",
    "graphlet.runtime._streams",
}


def modules_after(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return {name for name in done.stdout.split() if name.startswith("graphlet")}


def test_import_loads_little() -> None:
    loaded = modules_after("import graphlet")
    assert {name for name in loaded if not name.startswith("graphlet.core")} <= ALLOWED


def test_every_public_name_is_there() -> None:
    for name in graphlet.__all__:
        assert getattr(graphlet, name) is not None
    assert set(graphlet.__all__) <= set(dir(graphlet))


def test_capture_is_the_function_whatever_is_loaded() -> None:
    code = "import graphlet, graphlet.capture.capture; assert callable(graphlet.capture), graphlet.capture"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_llvmlite_is_loaded_when_something_is_compiled_not_before() -> None:
    code = (
        "import sys, numpy as np, graphlet\n"
        "assert graphlet.config.backend == 'llvm'\n"
        "f = graphlet.optimize(lambda x: x * 2.0 + x)\n"
        "for _ in range(3): f(np.ones(8))\n"
        "assert f.graphlet.stats()['hits'] == 3\n"
        "assert 'llvmlite' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
