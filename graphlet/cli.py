"""The command line: ``python -m graphlet``."""

import argparse
import platform
import runpy
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from graphlet import api
from graphlet.arrayops import catalogue
from graphlet.backends import registry
from graphlet.capture.breaks import CODES

OK, ERROR, USAGE = 0, 1, 2

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def demo_command(arguments: argparse.Namespace) -> int:
    """Run one demo, all of them, or list them."""
    demos = {path.stem.partition("_")[2]: path for path in sorted(EXAMPLES.glob("[0-9][0-9]_*.py"))}
    if not demos:
        print("the demos are in the folder examples/ of the source tree, which is not installed here", file=sys.stderr)
        return ERROR
    if arguments.name == "list":
        for name, path in demos.items():
            print(f"{name:<24}{_first_line(path)}")
        return OK
    if arguments.name != "all" and arguments.name not in demos:
        print(f"no demo {arguments.name!r}; there are: {', '.join(demos)}, all", file=sys.stderr)
        return USAGE
    for name, path in demos.items():
        if arguments.name in ("all", name):
            print(f"== {name}", flush=True)
            runpy.run_path(str(path), run_name="__main__")
    return OK


def _first_line(path: Path) -> str:
    return path.read_text(encoding="utf-8").lstrip('"').partition("\n")[0].strip('"')


def help_command(arguments: argparse.Namespace) -> int:
    """Explain a GL code, or list all codes."""
    if arguments.code is None:
        for code, entry in CODES.items():
            print(f"{code}  {entry.title}")
        return OK
    found = CODES.get(arguments.code.upper())
    if found is None:
        print(f"no code {arguments.code!r}; `python -m graphlet help` lists them", file=sys.stderr)
        return USAGE
    print(f"{arguments.code.upper()}  {found.title}")
    for label, text in (("why", found.cause), ("fix", found.fix)):
        print(textwrap.fill(text, 100, initial_indent=f"  {label}   ", subsequent_indent=" " * 8))
    return OK


def run_command(arguments: argparse.Namespace) -> int:
    """Run a script unchanged, with the hook armed."""
    sys.argv = [arguments.script, *arguments.arguments]
    sys.path.insert(0, str(Path(arguments.script).resolve().parent))
    with api.enable():
        runpy.run_path(arguments.script, run_name="__main__")
    return OK


def backends_command(_: argparse.Namespace) -> int:
    """List the backends."""
    for name in registry.list_backends():
        print(name)
    return OK


def ops_command(_: argparse.Namespace) -> int:
    """List the operations of NumPy that become nodes of a graph."""
    for op in catalogue.rows():
        print(f"{op.name:<20}{op.kind:<14}{op.alias}")
    return OK


def doctor_command(_: argparse.Namespace) -> int:
    """Versions and settings, and a self test: what a report of a bug needs."""
    print(f"python    {platform.python_implementation()} {platform.python_version()} on {platform.platform()}")
    print(f"numpy     {np.__version__}")
    print(f"settings  {api.config!r}")
    fn = api.optimize(_self_test)
    x = np.linspace(0.0, 1.0, 1000)
    same = all(np.array_equal(fn(x, 2.0), _self_test(x, 2.0)) for _ in range(3))
    native = api.counters()["array_ops_native"]
    print(f"self test {'passed' if same and native else 'FAILED'}: {native} array operations ran in graphs")
    return OK if same and native else ERROR


def _self_test(x: np.ndarray, k: float) -> np.ndarray:
    return np.exp(-(x * x)) * k + np.sqrt(x)


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = argparse.ArgumentParser(prog="python -m graphlet", description="Makes NumPy functions fast, unchanged.")
    commands = top.add_subparsers(dest="command", required=True, metavar="command")

    def add(name: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        command.set_defaults(run=run)
        return command

    add("demo", demo_command).add_argument("name", nargs="?", default="list", help="a demo, all, or list")
    add("help", help_command).add_argument("code", nargs="?", help="a code such as GL101")
    script = add("run", run_command)
    script.add_argument("script")
    script.add_argument("arguments", nargs=argparse.REMAINDER)
    add("backends", backends_command)
    add("ops", ops_command)
    add("doctor", doctor_command)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code: 0 fine, 1 error, 2 usage."""
    chosen = parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = chosen.run
    return run(chosen)
