"""Strangers' code runs the same with stubs that always decline."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from graphlet.rewrite.testmode import instrument

ROOT = Path(__file__).parents[2]

PROGRAM = """
import importlib.machinery, sys
sys.path.insert(0, {root!r})
from graphlet.rewrite.testmode import instrument
n_calls = n_stubs = 0
def make_region(name):
    global n_stubs
    n_stubs += 1
    def region(*live_ins):
        global n_calls
        n_calls += 1
    return region
load = importlib.machinery.SourceFileLoader.get_code
mine = [name for name in sys.modules if not name.startswith(("graphlet", "importlib", "_frozen"))]
def get_code(self, name):
    code = load(self, name)
    return code if name.startswith("graphlet") else instrument(code, make_region, {density}, 1)
importlib.machinery.SourceFileLoader.get_code = get_code
for name in {modules!r}:
    for loaded in [known for known in sys.modules if known == name or known.startswith(name + ".")]:
        del sys.modules[loaded]
import {imports}
{body}
assert n_stubs > {least} and n_calls > {least}, (n_stubs, n_calls)
print("same", n_stubs, n_calls)
"""

PROGRAMS = {
    "json": 'assert json.loads(json.dumps({"a": [1, 2.5, {"b": None}]}, indent=2)) == {"a": [1, 2.5, {"b": None}]}',
    "argparse": """
parser = argparse.ArgumentParser()
parser.add_argument("--x", type=int, default=3)
parser.add_argument("rest", nargs="*")
assert parser.parse_args(["--x", "7", "a", "b"]) == argparse.Namespace(x=7, rest=["a", "b"])
assert "--x" in parser.format_help()
""",
    "asyncio": """
async def produce(queue):
    for number in range(5):
        await queue.put(number)
        await asyncio.sleep(0)
    await queue.put(None)
async def consume(queue):
    found = []
    while (number := await queue.get()) is not None:
        found.append(number)
    return found
async def main():
    queue = asyncio.Queue(2)
    async with asyncio.timeout(30):
        return await asyncio.gather(produce(queue), consume(queue))
assert asyncio.run(main()) == [None, [0, 1, 2, 3, 4]]
""",
    "unittest": """
class T(unittest.TestCase):
    def test_a(self):
        with self.subTest("x"), self.assertRaises(ValueError):
            int("x")
    def test_b(self):
        self.fail("b")
found = unittest.TestResult()
unittest.defaultTestLoader.loadTestsFromTestCase(T).run(found)
assert (found.testsRun, len(found.failures), len(found.errors)) == (2, 1, 0), found
""",
    "_pydecimal": 'assert str(_pydecimal.Decimal(1) / 3) == "0.3333333333333333333333333333"',
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_module_runs_the_same(name: str) -> None:
    program = PROGRAM.format(root=str(ROOT), density=0.5, modules=[name], imports=name, body=PROGRAMS[name], least=100)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("same")


def test_class_bodies_are_left_alone() -> None:
    code = compile("x = 1\nclass A:\n y = 2\n def f(self):\n  return self", "here", "exec")
    seen: list[str] = []

    def make_region(name: str) -> Any:
        seen.append(name)
        return len

    changed = instrument(code, make_region, 1.0, 1)
    assert changed.co_code == code.co_code
    assert {name.partition("@")[0] for name in seen} == {"A.f"}


def test_the_seed_decides() -> None:
    code = test_class_bodies_are_left_alone.__code__

    def places(seed: int) -> list[str]:
        seen: list[str] = []
        instrument(code, lambda name: seen.append(name) or len, 0.3, seed)
        return seen

    assert places(1) == places(1)
    assert places(1) != places(2)
