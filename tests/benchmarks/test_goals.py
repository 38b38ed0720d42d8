"""Goals are measured on functions that run in graphs, and are reached or not as the numbers say."""

import numpy as np
import pytest

from benchmarks import goals, latency


def test_guards_are_those_of_further_arrays(capsys: pytest.CaptureFixture[str]) -> None:
    made = goals.guards(quick=True)
    assert [goal.text.partition(":")[0] for goal in made] == ["guards of 2 arrays", "guards of 30 arrays"]
    assert "30 arrays" in capsys.readouterr().out


def test_loops_are_judged_by_what_a_turn_takes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(goals, "LOOPS", ("wave",))
    monkeypatch.setattr(goals, "BODY_SECONDS", (0.0, 1.0))
    (goal,) = goals.loops(quick=True)
    assert goal.text.startswith("wave, 1000 elements")
    monkeypatch.setattr(goals, "BODY_SECONDS", (1.0, 2.0))
    assert goals.loops(quick=True) == []
    assert capsys.readouterr().out.count("wave") == 2


def test_long_functions_are_one_graph_each() -> None:
    ready, growth = goals.learning(quick=True)
    assert "300 statements ready" in ready.text
    assert "four times the statements" in growth.text


def test_first_calls_are_compared_with_numpy_and_the_block_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    times = {"llvm, code on disk": [[0.003, 0.1]], "block machine": [[0.002, 0.1]]}
    monkeypatch.setattr(latency, "first_calls", lambda n, rounds: ([0.002, 0.003, 0.004], [0.001, 0.0005, 0.0001]))
    monkeypatch.setattr(latency, "fresh_processes", lambda rounds: times)
    monkeypatch.setattr(latency, "until_in_place", lambda: [0.9, 0.05, 0.01])
    monkeypatch.setattr(goals.llvm_host, "can_compile", lambda: True)
    assert [goal.reached for goal in goals.first_calls(quick=True)] == [True, False, True]
    times["block machine"] = [[0.004, 0.1]]
    monkeypatch.setattr(latency, "first_calls", lambda n, rounds: ([0.004], [0.0005]))
    assert [goal.reached for goal in goals.first_calls(quick=True)] == [False, True, True]
    monkeypatch.setattr(goals.llvm_host, "can_compile", lambda: False)
    assert len(goals.first_calls(quick=True)) == 1


def test_memory_is_compared_with_copying() -> None:
    made = goals.existing_memory(quick=True)
    assert len(made) == 4
    assert all("of copying" in goal.text for goal in made)


def test_a_copy_copies() -> None:
    x, y, z, o = (np.full(3, value) for value in (1.0, 2.0, 3.0, 4.0))
    goals._copy(x, y, z, o)
    assert o.tolist() == [1.0] * 3
