"""Runs CPython's test modules one way, each in a fork of this process, and writes the outcome of each test as JSON.

``python -m tests.conformance.worker test_grammar test_scope --way stubs --folder results``
"""

import argparse
import contextlib
import gc
import importlib
import json
import os
import signal
import sys
import tempfile
import time
import traceback
import unittest
from pathlib import Path

from tests.conformance.outcomes import Outcomes
from tests.conformance.ways import WAYS, Way, way

PRELOADED = (
    "argparse", "ast", "asyncio", "bdb", "concurrent.futures", "configparser", "contextlib", "copy",
    "dataclasses", "datetime", "decimal", "difflib", "dis", "doctest", "enum", "fractions", "functools",
    "inspect", "json", "logging", "multiprocessing", "pdb", "pickle", "pprint", "queue", "random", "shlex",
    "statistics", "subprocess", "symtable", "tempfile", "textwrap", "threading", "timeit", "tokenize", "trace",
    "traceback", "types", "typing", "unittest.mock", "weakref", "test.support", "test.support.import_helper",
    "test.support.os_helper", "test.support.script_helper", "test.support.threading_helper",
    "test.support.warnings_helper",
)  # fmt: skip

def run_module(name: str) -> Outcomes:
    """Load and run ``test.<name>``. A module that will not be loaded here, on this system say, is one skipped test."""
    support = importlib.import_module("test.support")
    support.use_resources = []  # type: ignore[attr-defined]
    support.verbose = 0  # type: ignore[attr-defined]
    outcomes = Outcomes()
    try:
        suite = unittest.defaultTestLoader.loadTestsFromName(f"test.{name}")
    except unittest.SkipTest as reason:
        outcomes.by_id[name], outcomes.details[name] = "skip", str(reason)
        return outcomes
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        suite.run(outcomes)
    return outcomes


def preload() -> None:
    """Import what most test modules need, so that it is rewritten once and not in each child."""
    for name in PRELOADED:
        importlib.import_module(name)


def _child(name: str, chosen: Way, path: Path) -> None:
    code = 1
    try:
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
        started = time.process_time()
        chosen.start()
        outcomes = run_module(name)
        seconds = time.process_time() - started
        result = {"outcomes": outcomes.by_id, "details": outcomes.details, "counts": chosen.counts()}
        result["seconds"] = seconds
        path.write_text(json.dumps(result))
        code = 0
    except BaseException:
        path.write_text(json.dumps({"broken": traceback.format_exc()}))
    os._exit(code)


def _wait(pid: int, seconds: float) -> str:
    """How a child ended: "" when it wrote its result."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return f"killed by signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else ""
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return f"no end after {seconds:.0f} s"


def run_child(name: str, chosen: Way, folder: Path, seconds: float) -> None:
    """Run one module in a forked child; its result is ``<folder>/<name>.json``."""
    path = folder / f"{name}.json"
    path.unlink(missing_ok=True)
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        _child(name, chosen, path)
    broken = _wait(pid, seconds)
    if broken or not path.exists():
        path.write_text(json.dumps({"broken": broken or "ended without a result"}))
    print(f"done {name}", flush=True)


def main(argv: list[str]) -> int:
    """Run the modules one after the other, each in a fork of this process."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.worker", description=__doc__)
    parser.add_argument("modules", nargs="+")
    parser.add_argument("--way", choices=WAYS, default="plain")
    parser.add_argument("--density", type=float, default=0.35)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--imported-only", action="store_true")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args(argv)
    folder = options.folder.resolve()
    sys.argv[1:] = []
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job starts with it ignored; tests send it
    chosen = way(options.way, options.density, options.seed)
    preload()
    chosen.prepare(loaded=not options.imported_only)
    gc.freeze()  # tests that collect often must not walk over everything that was prepared
    print("ready", flush=True)
    for name in options.modules:
        run_child(name, chosen, folder, options.seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
