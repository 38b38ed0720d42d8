"""Compiling beside the program: the interpreter may exit, fork, be traced, and has no thread of ours that it knows."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import graphlet
from graphlet.backends import llvm_service
from graphlet.backends.llvm_host import can_compile
from graphlet.backends.llvm_spec import Op, Spec

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.skipif(not can_compile(), reason="no llvmlite for this machine")
BEGIN = """
import os, sys, time
import numpy as np
import graphlet
from graphlet.backends import llvm_service

@graphlet.optimize(backend="llvm")
def f(x):
    return (x * 2.0 + 1.0) * x

x = np.arange(100_000.0)
expected = ((x * 2.0 + 1.0) * x).tobytes()
assert f(x).tobytes() == expected
assert "llvmlite" not in sys.modules or llvm_service.wishes.wait(0.0) is not None
"""
FORK = """
pid = os.fork()
if pid == 0:
    for _ in range(3):
        assert f(x).tobytes() == expected
    assert llvm_service.wishes.wait(60.0)
    assert f(x).tobytes() == expected
    os._exit(0 if graphlet.runtime._block.work()[0] else 5)
assert os.waitpid(pid, 0)[1] == 0
for _ in range(3):
    assert f(x).tobytes() == expected
llvm_service.wait()
f(x)
assert graphlet.runtime._block.work()[0]
"""
FORK_BEHIND = """
import warnings
for scale in range(30):  # a function each time: the thread that compiled it is just about to end
    g = graphlet.optimize(eval(f"lambda x: (x * {scale}.5 + 1.0) * x"), backend="llvm")
    g(x)
    llvm_service.wait()
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
assert graphlet.runtime._block.work() is not None
"""
FORK_OFTEN = """
for _ in range(20):
    pid = os.fork()
    if pid == 0:
        os._exit(0 if f(x).tobytes() == expected else 5)
    assert os.waitpid(pid, 0)[1] == 0
"""


def run(text):
    environment = {**os.environ, "GRAPHLET_CACHE_DIR": "off", "GRAPHLET_COST_MODEL": "0"}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", BEGIN + text],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "text",
    ["", "time.sleep(0.02)", "time.sleep(0.1)", "sys.exit(0)", FORK, FORK_OFTEN, FORK_BEHIND, "raise SystemExit"],
    ids=["end", "end soon", "end later", "exit", "fork", "forks", "forks behind", "raise"],
)
def test_processes_end_as_they_should(text):
    done = run(text)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_thread_is_in_no_list_and_is_seen_by_no_tracer():
    seen, before = set(), threading.active_count()
    threading.settrace(lambda frame, event, arg: seen.add(frame.f_code.co_filename))
    try:
        with graphlet.config.patch(compile="background"):
            fast = graphlet.optimize(lambda x: (x + 3.5) * (x - 2.5), backend="llvm")
            fast(np.arange(50_000.0))
            assert threading.active_count() == before
            llvm_service.wait()
    finally:
        threading.settrace(None)
    assert not any("graphlet" in name or "llvmlite" in name for name in seen)


def test_many_functions_do_not_add_up(monkeypatch):
    monkeypatch.setattr(llvm_service, "MAX_PIECES", 2)
    monkeypatch.setattr(llvm_service, "_pieces", {})
    for name in ("add", "subtract", "multiply", "divide"):
        spec = Spec(("f32", "f32"), (Op(name, (0, 1), ("f32",) * 3),), (2,))
        code = llvm_service.code_for(spec)
        llvm_service.make(code, "dd")
        assert code.variants() == {"dd": True}
        assert len(llvm_service._pieces) <= 2
