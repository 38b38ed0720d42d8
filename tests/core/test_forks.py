"""What a forked child finds while another thread of its parent was at work."""

import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FunctionType

import numpy as np
import pytest

import graphlet
from graphlet.core.forks import freed_by_fork
from graphlet.core.lazy import lazy

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here"),
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
]
SECONDS = 20  # after which a child counts as stuck


def status_of_child(work) -> int | None:
    """What ``work()`` returns in a forked child; None if it does not end."""
    child = os.fork()
    if child == 0:
        os._exit(work())
    for _ in range(SECONDS * 100):
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return None


@pytest.mark.parametrize("make", [threading.Lock, threading.RLock])
def test_a_held_lock_is_free_in_the_child(make) -> None:
    lock = freed_by_fork(make())
    held, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            leave.wait()

    thread = threading.Thread(target=hold, daemon=True)
    thread.start()
    held.wait()
    assert status_of_child(lambda: int(lock.acquire(timeout=SECONDS))) == 1
    leave.set()
    thread.join()


def polynomial(x, k):
    y = x * k + 1
    for i in range(3):
        y = np.sqrt(np.abs(y)) + i
    return y.sum()


def optimised():
    """With a code object of its own, so that all is to be done anew."""
    return graphlet.optimize(FunctionType(polynomial.__code__.replace(), polynomial.__globals__))


def test_children_compile_while_a_thread_of_the_parent_does() -> None:
    ended = threading.Event()

    def compile_on() -> None:
        while not ended.is_set():
            optimised()(np.ones(3), 2)

    def compile_once() -> int:
        return 0 if optimised()(np.ones(3), 2) == polynomial(np.ones(3), 2) else 1

    assert compile_once() == 0  # loads modules: a fork in the midst of an import blocks any Python program
    thread = threading.Thread(target=compile_on)
    thread.start()
    try:
        assert [status_of_child(compile_once) for _ in range(25)] == [0] * 25
    finally:
        ended.set()
        thread.join()


def test_every_lock_is_freed() -> None:
    folder = Path(graphlet.__file__).parent
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.rglob("*.py")}
    made = {name for name, text in texts.items() if re.search(r"(?<!_by_fork\()threading\.R?Lock\(\)", text)}
    assert made == set()
    assert [name for name, text in texts.items() if re.search(r"^ *@(functools\.)?cached_property", text, re.M)] == []


def test_a_fork_waits_for_imports(tmp_path, monkeypatch) -> None:
    (tmp_path / "takes_its_time.py").write_text("import time\nstarted = True\ntime.sleep(0.5)\nvalue = 7\n")
    monkeypatch.syspath_prepend(tmp_path)
    module = lazy("takes_its_time")
    thread = threading.Thread(target=lambda: module.value)
    thread.start()
    while "takes_its_time" not in sys.modules:
        time.sleep(0.01)
    assert status_of_child(lambda: module.value) == 7
    thread.join()
    sys.modules.pop("takes_its_time")


def test_no_thread_is_seen_behind_a_fork() -> None:
    """CPython 3.12 and later count threads, and warn of more than one."""
    text = """if True:
        import os, warnings, numpy as np, graphlet
        warnings.simplefilter("error")
        for k in range(12):
            work = graphlet.optimize(eval(f"lambda x: np.sin(x) * {k}.5 + x / {k + 1} - x * x"))
            for _ in range(40):
                work(np.arange(400.0))
            child = os.fork()
            if child == 0:
                os._exit(0)
            os.waitpid(child, 0)
    """
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "GRAPHLET_CACHE_DIR": "off"}
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, "")
