"""What becomes of outputs of a graph that are not handed over: contents of memory that existed before."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Write:
    """Behind the graph ``outputs[target][...] = outputs[value]`` will be done, and nobody else gets the value.

    Who runs the graph may do it as the last thing of a run. ``is_result``: the program computes the value right into
    the target, so that a floating-point error of that operation is reported when it is there.
    """

    target: int
    value: int
    is_result: bool
