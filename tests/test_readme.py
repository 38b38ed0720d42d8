"""What the README shows works, and what it points at is there."""

import re
import sys
from pathlib import Path

import numpy as np

import graphlet
from graphlet import cli
from tests.report.programs import program

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_runs_in_one_graph() -> None:
    (source,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    softmax = program(source, "readme.py")["softmax"]
    x = np.random.default_rng(1).normal(size=(50, 7))
    expected = softmax.__wrapped__(x, 2.0)
    for _ in range(3):
        assert softmax(x, 2.0).tobytes() == expected.tobytes()
    report = graphlet.explain(softmax)(x)
    assert (report.graph_count, report.graph_break_count, report.native_share) == (1, 0, 1.0)


def test_the_jobs_exist() -> None:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import dev
    finally:
        sys.path.pop(0)
    jobs = re.findall(r"tools/dev\.py (\w+)", README)
    assert {"demo", "test"} <= set(jobs) <= dev.JOBS.keys()


def test_the_commands_exist() -> None:
    words = re.findall(r"`(?:python -m graphlet )?(run|help|doctor|demo)\b", README)
    parser = cli.parser()
    for word in {*words}:
        more = {"run": ["prog.py"], "help": ["GL101"]}.get(word, [])
        assert parser.parse_args([word, *more]).command == word


def test_the_files_it_points_at_exist() -> None:
    pointed = {path.rstrip("/") for path in re.findall(r"`((?:docs|examples|tools)/[\w./]*)`", README)}
    assert pointed
    assert all((ROOT / path).exists() for path in pointed)


def test_documents_say_nothing_of_the_machine() -> None:
    for path in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?<![\w.])/(root|work|tmp|home)/", text), path
