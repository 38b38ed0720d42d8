"""The comparison with peers: its cases are sound, and what it says is what was measured."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import compare, peers, worker
from benchmarks.cases import CASES
from tests.oracle.runner import differential

RNG_SEED = 7


@pytest.mark.parametrize("name", CASES)
def test_cases_are_the_same_in_graphs(name: str) -> None:
    case = CASES[name]
    args = case.make(300, np.random.default_rng(RNG_SEED))
    differential(case.run, args, case.make(40, np.random.default_rng(RNG_SEED)), native=0.8)


@pytest.mark.parametrize("name", CASES)
def test_expressions_for_numexpr_are_the_programs(name: str) -> None:
    case = CASES[name]
    if not case.numexpr:
        with pytest.raises(peers.NotForIt):
            peers.with_numexpr(case, ())
        return
    args = case.make(50, np.random.default_rng(RNG_SEED))
    names = dict(zip(case.run.__code__.co_varnames, args, strict=False))
    functions = {name: getattr(np, name) for name in ("sqrt", "exp", "tanh", "log", "where")}
    assert peers.likeness(eval(case.numexpr, functions, names), case.run(*args)) == "identical"


def test_likeness() -> None:
    x = np.array([1.0, 2.0])
    assert peers.likeness((x, 1.0), (x.copy(), 1.0)) == "identical"
    assert peers.likeness(x * (1 + 1e-12), x) == "close"
    assert peers.likeness(x.astype("f"), x) == "close"
    assert peers.likeness(x + 1, x) == "different"
    assert peers.likeness(x[:1], x) == "different"
    assert peers.likeness([1, 2], np.array([1, 3])) == "different"


def test_a_peer_that_cannot_is_an_error_and_not_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(case: Any, args: Any) -> Any:
        raise peers.NotForIt("is not for it")

    monkeypatch.setitem(worker.PEERS, "refuses", peers.Peer("refuses", "numpy", refuses))
    assert worker.Worker("refuses").first("add", 10) == {"error": "is not for it"}


def test_table_and_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ["add", "heat", "--sizes", "10,1e3", "--peers", "graphlet", "--seconds", "0.05"]
    assert compare.main([*chosen, "--json", str(tmp_path / "b.json")]) == 0
    out = capsys.readouterr().out
    assert "heat, 1000 elements" in out
    assert "geometric mean" in out
    rows = json.loads((tmp_path / "b.json").read_text())["rows"]
    assert [(r["case"], r["n"], r["peer"]) for r in rows[:2]] == [("add", 10, "numpy"), ("add", 10, "graphlet")]
    assert len(rows) == 8
    for row in rows:
        assert row["likeness"] == "identical"
        assert min(row["median"], row["first"], row["second"]) > 0
    numpys, ours = rows[2:4]
    assert ours["ratio"] == pytest.approx(numpys["median"] / ours["median"])


def test_wrong_results_end_in_a_code_of_their_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    row = compare.Row("add", 10, "graphlet", 1.0, 0.0, 1.0, 1.0, 1.0, likeness="close")
    monkeypatch.setattr(compare, "run", lambda options: [row])
    assert compare.main(["add"]) == compare.MISMATCH
    assert "NOT NUMPY'S RESULT: add at 10: close" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["nosuch"], ["--peers", "nosuch"]])
def test_unknown_names_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        compare.main(arguments)
    assert "there are:" in capsys.readouterr().err


def test_plot(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    rows = [compare.Row("add", n, peer, 1.0, ratio=2.0) for n in (1, 2) for peer in ("numpy", "graphlet", "numba")]
    compare.draw(rows, tmp_path / "b.svg")
    assert (tmp_path / "b.svg").read_text().count("</svg>") == 1


def test_what_cannot_be_written_is_said_before_anything_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compare, "run", None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    refused = {"--plot needs matplotlib": ["--plot", "x.svg"], "no folder": ["--json", "no/folder/x.json"]}
    for text, options in refused.items():
        with pytest.raises(SystemExit):
            compare.main(["add", *options])
        assert text in capsys.readouterr().err
