"""Captures a function of arrays as one region and compares it with the function in all that can be seen of arrays."""

from types import FunctionType
from typing import Any

import numpy as np

from graphlet.capture.outcome import Outcome
from tests.capture.playing import capture_at, frame_of, play
from tests.oracle.compare import Comparison
from tests.oracle.copying import deep_copy


def whole(function: FunctionType, *args: Any) -> Outcome:
    """The outcome; result, changes of arguments, memory order, flags and sharing are the same as without capture."""
    with np.errstate(all="ignore"):
        expected_args = deep_copy(args)
        expected = function(*expected_args)
        args = deep_copy(args)
        frame = frame_of(function, args, {})
        outcome = capture_at(function.__code__, frame)
        assert outcome.break_ is None, outcome.break_
        assert outcome.exit is not None and len(outcome.exit.pushes) <= 1
        pushes = play(outcome, frame).pushes
        result = pushes[0] if pushes else None  # ``return None`` may push nothing
    seen = Comparison()
    seen.values("(result, arguments)", (expected, expected_args), (result, args))
    assert not seen.differences, "\n".join(map(str, seen.differences))
    return outcome
