"""explain: what earlier calls have shown about who is faster, by sizes."""

import json
from collections.abc import Iterator

import numpy as np
import pytest

import graphlet
from tests.clocks import Clock, clock


def polynomial(x):
    return ((((x * 0.5 + 1.0) * x - 2.0) * x + 3.0) * x - 4.0) * x + 5.0


@pytest.fixture(autouse=True)
def trials(no_trials: None) -> Iterator[Clock]:
    with graphlet.config.patch(cost_model=1), clock(graph=1000, plain=2000) as pretended:
        yield pretended


def test_a_graph_that_pays() -> None:
    fast = graphlet.optimize(polynomial)
    for _ in range(200):
        fast(np.ones(20))
    report = graphlet.explain(fast)(np.ones(9))
    [cost] = report.costs
    line = polynomial.__code__.co_firstlineno + 1
    assert (cost.line, cost.least_size, cost.numpy_runs) == (line, 16, False)
    assert (cost.graph_ns, cost.numpy_ns) == (1000, 2000)
    assert f"MEASURED  line {line}, 16 to 63 elements: the graph runs (" in str(report)
    assert json.loads(report.to_json())["costs"][0]["least_size"] == 16
    graphlet.reset(fast)
    assert graphlet.explain(fast)(np.ones(9)).costs == ()


def test_a_graph_that_rests(trials: Clock) -> None:
    trials.graph = 3000
    slow = graphlet.optimize(polynomial)
    for _ in range(200):
        slow(np.ones(40))
    [cost] = graphlet.explain(slow)(np.ones(9)).costs
    assert (cost.graph_ns, cost.numpy_ns, cost.numpy_runs) == (3000, 2000, True)
    assert " NumPy runs (" in str(cost)
    graphlet.reset(slow)


def test_a_plain_function_has_no_past() -> None:
    assert graphlet.explain(polynomial)(np.ones(9)).costs == ()
