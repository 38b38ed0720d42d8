"""What is measured before graphlet gains anything is what it says: so many operations, first calls of fresh code."""

import numpy as np
import pytest

import graphlet
from benchmarks import latency


@pytest.mark.parametrize("wanted", [1, 20])
def test_bodies_have_as_many_operations_as_they_should(wanted: int) -> None:
    function = latency.made(latency.of_operations(wanted))
    graph = graphlet.capture(function)(latency.FEW, latency.FEW)
    n_calls = sum(node.op == "call_function" for node in graph.nodes)
    assert n_calls in (wanted, wanted + 1)


def test_each_body_is_compiled_as_one_graph() -> None:
    x = np.linspace(0.1, 1.0, 12).reshape(3, 4)
    for body in latency.HOT.values():
        plain, fast = latency.made(body), graphlet.optimize(latency.made(body), fullgraph=True)
        assert fast(x, x + 1.0).tobytes() == plain(x, x + 1.0).tobytes()


def test_first_calls_say_both_times(capsys: pytest.CaptureFixture[str]) -> None:
    with_graphlet, plain = latency.first_calls(1, 2)
    assert len(with_graphlet) == len(plain) == 2
    out = capsys.readouterr().out
    assert "first call, 1 operations" in out
    assert "NumPy" in out


def test_until_in_place_names_every_function(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(latency, "MANY", np.linspace(0.1, 1.0, 12).reshape(3, 4))
    clocks = latency.until_in_place()
    out = capsys.readouterr().out
    assert len(clocks) == len(latency.HOT) + 1
    assert all(name in out for name in latency.HOT)
