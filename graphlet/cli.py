"""The command line: ``python -m graphlet``. Exit codes: 0 fine, 1 error, 2 usage, 3 mismatch found."""

import argparse
import builtins
import importlib
import importlib.util
import inspect
import io
import json
import os
import platform
import runpy
import sys
import textwrap
import traceback
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

import numpy as np

from graphlet import _evalframe, api
from graphlet.arrayops import catalogue
from graphlet.backends import registry
from graphlet.capture.breaks import CODES
from graphlet.core.config import SETTINGS, config
from graphlet.report import ops, real_code
from graphlet.report.breaks_page import page
from graphlet.report.explain import explain

OK, ERROR, USAGE = 0, 1, 2

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def fail(text: str, code: int = USAGE) -> int:
    """Say what is wrong; the exit code."""
    print(f"graphlet: {text}", file=sys.stderr)
    return code


# ---- demo


def demo_command(arguments: argparse.Namespace) -> int:
    """Run one demo, all of them, or list them."""
    demos = {path.stem.partition("_")[2]: path for path in sorted(EXAMPLES.glob("[0-9][0-9]_*.py"))}
    name = arguments.name.replace("-", "_")
    if not demos:
        return fail("the demos are in the folder examples/ of the source tree, which is not installed here", ERROR)
    if name == "list":
        for known, path in demos.items():
            print(f"{known:<18}{_first_line(path)}")
        print("\npython -m graphlet demo NAME runs one, demo all runs them one after the other")
        return OK
    if name != "all" and name not in demos:
        return fail(f"no demo {arguments.name!r}; there are: {', '.join(demos)}, all")
    codes = [_run_demo(known, path) for known, path in demos.items() if name in ("all", known)]
    return max(codes)


def _first_line(path: Path) -> str:
    return path.read_text(encoding="utf-8").lstrip('"').partition("\n")[0].strip('"')


def _run_demo(name: str, path: Path) -> int:
    print(f"== {name}", flush=True)
    try:
        with _program([str(path)], str(EXAMPLES.parent)):
            runpy.run_path(str(path), run_name="__main__")
    except SystemExit as end:
        return _code_of(end)
    except Exception:
        traceback.print_exc()
        return ERROR
    return OK


def _code_of(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return end.code or OK
    return fail(str(end.code), ERROR)


@contextmanager
def _program(argv: list[str], folder: str) -> Iterator[None]:
    """``sys.argv`` and ``sys.path`` as a program of its own has them."""
    before = sys.argv, list(sys.path)
    sys.argv = argv
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.argv, sys.path[:] = before


# ---- run


def run_command(arguments: argparse.Namespace) -> int:
    """Run a script or module unchanged, with the hook armed."""
    program: str = arguments.program
    run: Callable[[str], None] = _run_module if arguments.module else _run_script
    if arguments.module and not _is_module(program):
        return fail(f"no module {program!r}")
    if not arguments.module and not os.path.exists(program):
        return fail(f"no file {program!r}")
    folder = os.getcwd() if arguments.module else os.path.dirname(os.path.abspath(program))
    with _program([program, *arguments.arguments], folder), api.enable():
        try:
            run(program)
        except Exception as error:
            error.__traceback__ = _of_the_program(error.__traceback__)
            sys.excepthook(type(error), error, error.__traceback__)
            return ERROR
    return OK


def _run_script(path: str) -> None:
    """What ``python path`` does, with absolute names of files as there."""
    path = os.path.abspath(path)
    if not os.path.isfile(path) or zipfile.is_zipfile(path):
        runpy.run_path(path, run_name="__main__")
        return
    with io.open_code(path) as file:
        code = compile(file.read(), path, "exec", dont_inherit=True)
    main = ModuleType("__main__")
    vars(main).update(__file__=path, __cached__=None, __builtins__=builtins)
    before, sys.modules["__main__"] = sys.modules["__main__"], main
    try:
        exec(code, vars(main))
    finally:
        sys.modules["__main__"] = before


def _run_module(name: str) -> None:
    runpy.run_module(name, run_name="__main__", alter_sys=True)


def _of_the_program(tb: TracebackType | None) -> TracebackType | None:
    """A traceback without what runs the program."""
    while tb is not None and tb.tb_frame.f_code.co_filename in (__file__, runpy.run_path.__code__.co_filename):
        tb = tb.tb_next
    return tb


def _is_module(name: str) -> bool:
    with _program([name], os.getcwd()):
        try:
            return importlib.util.find_spec(name) is not None
        except ModuleNotFoundError:  # a package above it
            return False


# ---- explain


def explain_command(arguments: argparse.Namespace) -> int:
    """Call a function once and say what ran in graphs, what did not, and why."""
    place, colon, name = arguments.function.rpartition(":")
    if not colon:
        return fail(f"{arguments.function!r} is not MODULE:FUNCTION or FILE.py:FUNCTION")
    with _program([place], os.getcwd()):
        try:
            namespace = _load(place)
            function = _find(namespace, name)
        except (ImportError, OSError, LookupError) as error:
            return fail(f"{type(error).__name__}: {error}", ERROR)
        try:
            values = [_value(text, {"np": np, "numpy": np, **namespace}) for text in arguments.arguments]
            explained = explain(function)
            inspect.signature(function).bind(*values)
        except (TypeError, ValueError) as error:
            return fail(f"{arguments.function}: {error}")
        with redirect_stdout(sys.stderr) if arguments.json else nullcontext():
            report = explained(*values)
    print(report.to_json() if arguments.json else report.to_text())
    return OK


def _value(text: str, names: dict[str, Any]) -> Any:
    """What an argument stands for; ValueError says which one cannot be evaluated, and why."""
    try:
        return eval(text, names)
    except Exception as error:
        raise ValueError(f"the argument {text!r} raises {type(error).__name__}: {error}") from None


def _load(place: str) -> dict[str, Any]:
    """The names of a module, or of a file that ends in ``.py``."""
    if place.endswith(".py"):
        return runpy.run_path(place, run_name=Path(place).stem)
    return vars(importlib.import_module(place))


def _find(namespace: dict[str, Any], name: str) -> Any:
    """``f`` or ``Class.method``; LookupError says what is missing."""
    first, *rest = name.split(".")
    if first not in namespace:
        raise LookupError(f"there is no {first!r}")
    found = namespace[first]
    for attribute in rest:
        if not hasattr(found, attribute):
            raise LookupError(f"{found!r} has no {attribute!r}")
        found = getattr(found, attribute)
    return found


# ---- help, backends, ops


def help_command(arguments: argparse.Namespace) -> int:
    """Explain a GL code, or list all codes."""
    if arguments.markdown:
        print(page(), end="")
        return OK
    if arguments.code is None:
        for code, entry in CODES.items():
            print(f"{code}  {entry.title}")
        return OK
    code = arguments.code.upper()
    if code not in CODES:
        return fail(f"no code {arguments.code!r}; python -m graphlet help lists them")
    print(f"{code}  {CODES[code].title}")
    for label, text in (("why", CODES[code].cause), ("fix", CODES[code].fix)):
        print(textwrap.fill(text, 100, initial_indent=f"  {label}   ", subsequent_indent=" " * 8))
    return OK


def backends_command(_: argparse.Namespace) -> int:
    """List the backends."""
    for name in registry.list_backends():
        mark = "  (default)" if name == config.backend else ""
        print(f"{name}{mark}")
    return OK


def ops_command(arguments: argparse.Namespace) -> int:
    """List the operations of NumPy that become nodes of a graph, and how much of Python and NumPy is followed."""
    if arguments.code:
        return _count_code(arguments.code, arguments.left)
    print(f"{'operation':<24}{'kind':<14}{'result':<10}{'writes':<10}notes")
    for op in catalogue.rows():
        written = "" if op.mutates is None else f"arg {op.mutates}"
        notes = [word for word, holds in (("may raise", op.may_raise), ("random", op.random)) if holds]
        print(f"{op.name:<24}{op.kind:<14}{op.alias:<10}{written:<10}{', '.join(notes)}".rstrip())
    print("\nfollowed")
    print(ops.text(arguments.left))
    return OK


def _count_code(places: list[str], with_reasons: bool) -> int:
    for place in places:
        try:
            found = real_code.count(place)
        except ValueError as error:
            return fail(str(error), ERROR)
        print(f"{place}: {found}", flush=True)
        if with_reasons:
            print("".join(f"{line}\n" for line in found.reasons()), end="")
    return OK


# ---- doctor


def doctor_command(arguments: argparse.Namespace) -> int:
    """Versions, machine and settings, and a self test: what a report of a bug needs."""
    found = {**_surroundings(), "self test": _self_test()}
    if arguments.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:<11}{value}")
    return OK if str(found["self test"]).startswith("passed") else ERROR


def _surroundings() -> dict[str, Any]:
    changed = {name: getattr(config, name) for name, setting in SETTINGS.items() if _is_changed(name, setting.default)}
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "graphlet": _version(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "numpy": np.__version__,
        "platform": platform.platform(),
        "cpus": cpus,
        "frame hook": "works here" if _evalframe.SUPPORTED else "not on this Python: optimize works, enable() does not",
        "backends": ", ".join(registry.list_backends()),
        "settings": ", ".join(f"{name}={value!r}" for name, value in changed.items()) or "all as they come",
    }


def _version() -> str:
    found: str = importlib.import_module("graphlet").__version__
    return found


def _is_changed(name: str, default: Any) -> bool:
    return bool(getattr(config, name) != default)


def _self_test() -> str:
    """An optimised function against the plain one, bit for bit, over kinds of arrays."""
    fast = api.optimize(_tested)
    before = api.counters()["array_ops_native"]
    if config.enabled == "0":
        return "passed: graphlet is switched off by GRAPHLET=0"
    for dtype in (np.float64, np.float32, np.complex128):
        x = np.linspace(0.0, 1.0, 1000).astype(dtype)
        for _ in range(3):
            if fast(x, 2.0).tobytes() != _tested(x, 2.0).tobytes():
                return f"FAILED: results differ for {np.dtype(dtype)}"
    native = api.counters()["array_ops_native"] - before
    return f"passed: {native} array operations ran in graphs" if native else "FAILED: nothing ran in graphs"


def _tested(x: np.ndarray[Any, Any], k: float) -> Any:
    return np.exp(-(x * x)) * k + np.sqrt(x)


def bench_command(chosen: argparse.Namespace) -> int:
    """Measure programs beside NumPy and its other peers; in a copy of graphlet's source."""
    if importlib.util.find_spec("benchmarks") is None:
        print("graphlet: the benchmark comes with the source. Run this in a clone of the repository.", file=sys.stderr)
        return ERROR
    options = [option for option in chosen.options if option != "--"]
    code: int = importlib.import_module("benchmarks.compare").main(options)
    return code


# ---- the grammar


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = argparse.ArgumentParser(prog="python -m graphlet", description="Makes NumPy functions fast, unchanged.")
    top.add_argument("--version", action="version", version=f"graphlet {_version()}")
    commands = top.add_subparsers(dest="command", required=True, metavar="command")

    def add(name: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        command.set_defaults(run=run)
        return command

    script = add("run", run_command)
    script.add_argument("-m", dest="module", action="store_true", help="the program is a module, as for python -m")
    script.add_argument("program", help="a script")
    script.add_argument("arguments", nargs=argparse.REMAINDER, help="what the program gets")
    explained = add("explain", explain_command)
    explained.add_argument("--json", action="store_true", help="figures and texts as JSON")
    explained.add_argument("function", help="MODULE:FUNCTION or FILE.py:FUNCTION")
    explained.add_argument("arguments", nargs="*", help="Python expressions over np and the module's names")
    add("demo", demo_command).add_argument("name", nargs="?", default="list", help="a demo, all, or list")
    add("doctor", doctor_command).add_argument("--json", action="store_true", help="as JSON")
    helped = add("help", help_command)
    helped.add_argument("--markdown", action="store_true", help="the whole table, as docs/breaks.md has it")
    helped.add_argument("code", nargs="?", help="a code such as GL101")
    add("backends", backends_command)
    benched = add("bench", bench_command)
    benched.add_argument("options", nargs=argparse.REMAINDER, help="as for python -m benchmarks.compare")
    counted = add("ops", ops_command)
    counted.add_argument("--left", action="store_true", help="name what is left to Python, too")
    where = "count the instructions of this code instead: files, folders, modules (which are not run)"
    counted.add_argument("--code", nargs="+", metavar="PLACE", help=where)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["bench"] and given[1:2] not in (["-h"], ["--help"]):
        given.insert(1, "--")  # else options in front of all names would be looked for here
    chosen = parser().parse_args(given)
    run: Callable[[argparse.Namespace], int] = chosen.run
    if run is run_command:  # what goes wrong in a program is the program's own
        return run(chosen)
    try:
        code = run(chosen)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough; nothing is left to be written at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    return code
