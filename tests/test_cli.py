"""The command line: what each command prints and its exit code."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import graphlet
from graphlet import _evalframe, cli
from graphlet.capture.breaks import CODES

PROGRAM = '''
import sys
import numpy as np

def work(x, k=2.0):
    y = x * k
    print("half-way", y.shape, sys.argv[1:])
    return y + 1.0

class Model:
    def apply(self, x):
        return x * 3.0

model = Model()
X = np.ones(4)
if __name__ == "__main__":
    for _ in range(3):
        work(X)
    if "fail" in sys.argv:
        raise ValueError("the program's own")
    sys.exit(7 if "seven" in sys.argv else 0)
'''


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "prog.py"
    path.write_text(PROGRAM)
    return path


def run(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments])


class TestRun:
    def test_a_script_with_zero_edits(self, script, capsys) -> None:
        before = list(sys.argv), list(sys.path), graphlet.counters()["array_ops_native"]
        with pytest.raises(SystemExit) as end:
            run("run", script, "--size", "3")
        assert end.value.code == 0
        assert capsys.readouterr().out == "half-way (4,) ['--size', '3']\n" * 3
        assert (sys.argv, sys.path) == before[:2]
        assert graphlet.counters()["array_ops_native"] > before[2]
        assert not _evalframe.is_armed()

    def test_a_module(self, script, capsys, monkeypatch) -> None:
        monkeypatch.chdir(script.parent)
        with pytest.raises(SystemExit):
            run("run", "-m", "prog", "x")
        assert capsys.readouterr().out == "half-way (4,) ['x']\n" * 3

    def test_its_exit_code_and_its_exceptions_are_the_programs(self, script) -> None:
        for word, code, text in (("seven", 7, ""), ("fail", 1, "ValueError: the program's own")):
            command = [sys.executable, "-m", "graphlet", "run", str(script), word]
            root = Path(cli.__file__).parent.parent
            done = subprocess.run(command, capture_output=True, text=True, cwd=root)
            assert done.returncode == code
            assert text in done.stderr

    def test_a_script_that_is_not_there(self, capsys) -> None:
        assert run("run", "nowhere.py") == cli.USAGE
        assert "no file 'nowhere.py'" in capsys.readouterr().err

    @pytest.mark.parametrize("module", ["nowhere_at_all", "nowhere_at_all.inside"])
    def test_a_module_that_is_not_there(self, module: str, capsys) -> None:
        assert run("run", "-m", module) == cli.USAGE
        assert f"no module {module!r}" in capsys.readouterr().err


class TestExplain:
    def test_a_function_of_a_file(self, script, capsys) -> None:
        assert run("explain", f"{script}:work", "np.ones(3)", "k * 2 if 'k' in globals() else 4.0") == cli.OK
        out = capsys.readouterr().out
        assert "VERDICT   2 graphs, 1 break. 2 of 2 array ops native (100 %)." in out
        assert "x float64[3] C   k 4.0" in out

    def test_names_of_the_module_and_methods(self, script, capsys) -> None:
        assert run("explain", "--json", f"{script}:model.apply", "X") == cli.OK
        assert json.loads(capsys.readouterr().out)["native_share"] == 1.0

    def test_json_alone_goes_out(self, script, capsys) -> None:
        assert run("explain", "--json", f"{script}:work", "np.ones(3)", "4.0") == cli.OK
        told = capsys.readouterr()
        assert json.loads(told.out)["graph_count"] == 2
        assert "half-way" in told.err

    @pytest.mark.parametrize(
        ("words", "text"),
        [
            (["work", "np.ones("], r"'np.ones\(' raises SyntaxError"),
            (["work", "nothing"], "'nothing' raises NameError"),
            (["work"], "missing a required argument: 'x'"),
            (["X"], "got ndarray"),
        ],
    )
    def test_arguments_that_do_not_fit(self, script, words: list[str], text: str, capsys) -> None:
        assert run("explain", f"{script}:{words[0]}", *words[1:]) == cli.USAGE
        assert re.search(text, capsys.readouterr().err)

    def test_a_function_of_a_module(self, capsys) -> None:
        assert run("explain", "tests.report.programs:program", "''") == cli.OK
        assert "graphlet.explain: program" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("function", "code", "text"),
        [
            ("nocolon", cli.USAGE, "is not MODULE:FUNCTION"),
            ("no_such_module:f", cli.ERROR, "No module named"),
            ("tests.report.programs:f", cli.ERROR, "there is no 'f'"),
            ("tests.report.programs:program.f", cli.ERROR, "has no 'f'"),
            ("nowhere.py:f", cli.ERROR, "nowhere.py"),
        ],
    )
    def test_mistakes(self, function: str, code: int, text: str, capsys) -> None:
        assert run("explain", function) == code
        assert text in capsys.readouterr().err


class TestDemo:
    @pytest.fixture
    def demos(self, tmp_path, monkeypatch) -> Path:
        (tmp_path / "01_good_one.py").write_text('"""Good: it works.\n\nMore."""\nprint("good")\n')
        (tmp_path / "02_bad.py").write_text('"""Bad."""\nassert False, "its own claim"\n')
        (tmp_path / "03_leaves.py").write_text('"""Leaves."""\nimport sys\nsys.exit(3)\n')
        monkeypatch.setattr(cli, "EXAMPLES", tmp_path)
        return tmp_path

    @pytest.mark.parametrize("words", [("demo", "list"), ("demo",)])
    def test_list(self, demos, words, capsys) -> None:
        assert run(*words) == cli.OK
        out = capsys.readouterr().out.splitlines()
        assert [line.split(maxsplit=1) for line in out[:3]] == [
            ["good_one", "Good: it works."],
            ["bad", "Bad."],
            ["leaves", "Leaves."],
        ]

    @pytest.mark.parametrize("name", ["good_one", "good-one"])
    def test_one(self, demos, name: str, capsys) -> None:
        assert run("demo", name) == cli.OK
        assert capsys.readouterr().out == "== good_one\ngood\n"

    def test_all_go_on_after_one_failed(self, demos, capsys) -> None:
        assert run("demo", "all") == 3
        captured = capsys.readouterr()
        assert captured.out == "== good_one\ngood\n== bad\n== leaves\n"
        assert "AssertionError: its own claim" in captured.err
        assert run("demo", "bad") == cli.ERROR

    def test_unknown(self, demos, capsys) -> None:
        assert run("demo", "best") == cli.USAGE
        assert "no demo 'best'; there are: good_one, bad, leaves, all" in capsys.readouterr().err

    def test_without_the_source_tree(self, tmp_path, monkeypatch, capsys) -> None:
        monkeypatch.setattr(cli, "EXAMPLES", tmp_path / "nowhere")
        assert run("demo", "list") == cli.ERROR
        assert "not installed here" in capsys.readouterr().err

    def test_the_demos_of_the_source_tree_are_listed(self, capsys) -> None:
        assert run("demo", "list") == cli.OK
        assert "capture " in capsys.readouterr().out


class TestHelp:
    def test_a_code(self, capsys) -> None:
        assert run("help", "gl101") == cli.OK
        first, *rest = capsys.readouterr().out.splitlines()
        assert first == f"GL101  {CODES['GL101'].title}"
        assert rest[0].startswith("  why   ") and any(line.startswith("  fix   ") for line in rest)

    def test_all_codes(self, capsys) -> None:
        assert run("help") == cli.OK
        assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(CODES)

    def test_unknown(self, capsys) -> None:
        assert run("help", "GL000") == cli.USAGE
        assert "no code 'GL000'" in capsys.readouterr().err

    def test_the_page(self, capsys) -> None:
        assert run("help", "--markdown") == cli.OK
        assert capsys.readouterr().out.startswith("# Codes\n")


def test_backends(capsys) -> None:
    assert run("backends") == cli.OK
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == graphlet.list_backends()


def test_ops(capsys) -> None:
    assert run("ops") == cli.OK
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["operation", "kind", "result", "writes", "notes"]
    assert {"add", "sum", "reshape", "matmul"} <= {word for row in rows for word in row.split()[:1]}
    assert any(row.startswith("instructions ") for row in rows)


class TestDoctor:
    def test_text(self, capsys) -> None:
        assert run("doctor") == cli.OK
        out = capsys.readouterr().out
        assert f"numpy      {np.__version__}" in out
        assert "self test  passed: " in out

    def test_json(self, capsys) -> None:
        with graphlet.config.patch(unroll_limit=3):
            assert run("doctor", "--json") == cli.OK
        found = json.loads(capsys.readouterr().out)
        assert found["graphlet"] == graphlet.__version__
        assert "unroll_limit=3" in found["settings"].split(", ")
        assert found["self test"].startswith("passed")

    def test_a_self_test_that_fails(self, capsys, monkeypatch) -> None:
        monkeypatch.setattr(cli, "_self_test", lambda: "FAILED: nothing ran in graphs")
        assert run("doctor") == cli.ERROR


@pytest.mark.parametrize("words", [(), ("nonsense",), ("run",), ("doctor", "--xml")])
def test_usage(words, capsys) -> None:
    with pytest.raises(SystemExit) as end:
        run(*words)
    assert end.value.code == cli.USAGE
    assert "usage: python -m graphlet" in capsys.readouterr().err


def test_as_a_module() -> None:
    command = [sys.executable, "-m", "graphlet", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(cli.__file__).parent.parent)
    assert (done.returncode, done.stdout) == (0, f"graphlet {graphlet.__version__}\n")


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such pipes")
def test_a_reader_that_has_seen_enough() -> None:
    command = [sys.executable, "-m", "graphlet", "ops", "--left"]
    folder = Path(cli.__file__).parent.parent
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_bench_needs_the_source(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "add", "--sizes", "10", "--peers", "graphlet", "--seconds", "0.05"]) == 0
    assert cli.main(["bench", "--sizes", "10", "--peers", "graphlet", "--seconds", "0.05", "add"]) == 0
    assert "add, 10 elements" in capsys.readouterr().out
    monkeypatch.setattr(cli.importlib.util, "find_spec", lambda name: None)
    assert cli.main(["bench"]) == 1
    assert "comes with the source" in capsys.readouterr().err
