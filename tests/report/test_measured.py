"""explain: what earlier calls have shown about who is faster, by sizes."""

import json
import time
from collections.abc import Iterator

import numpy as np
import pytest

import graphlet
from tests.test_evalframe_trial import smoothed


def polynomial(x):
    return ((((x * 0.5 + 1.0) * x - 2.0) * x + 3.0) * x - 4.0) * x + 5.0


@pytest.fixture(autouse=True)
def trials(no_trials: None) -> Iterator[None]:
    time.sleep(0.01)  # whatever was on trial elsewhere has been left alone for long enough
    with graphlet.config.patch(cost_model=1):
        yield


def test_a_graph_that_pays() -> None:
    fast = graphlet.optimize(polynomial)
    for _ in range(200):
        fast(np.ones(20))
    report = graphlet.explain(fast)(np.ones(9))
    [cost] = report.costs
    line = polynomial.__code__.co_firstlineno + 1
    assert (cost.line, cost.least_size, cost.numpy_runs) == (line, 16, False)
    assert 0 < cost.graph_ns < cost.numpy_ns
    assert f"MEASURED  line {line}, 16 to 63 elements: the graph runs (" in str(report)
    assert json.loads(report.to_json())["costs"][0]["least_size"] == 16
    graphlet.reset(fast)
    assert graphlet.explain(fast)(np.ones(9)).costs == ()


def test_a_graph_that_rests() -> None:
    slow = graphlet.optimize(smoothed)
    for _ in range(100):
        slow(np.ones(40), 0.25)
    resting = [cost for cost in graphlet.explain(slow)(np.ones(9), 0.5).costs if cost.numpy_runs]
    assert resting and all(cost.graph_ns > cost.numpy_ns > 0 for cost in resting)
    assert " NumPy runs (" in str(resting[0])


def test_a_plain_function_has_no_past() -> None:
    assert graphlet.explain(polynomial)(np.ones(9)).costs == ()
