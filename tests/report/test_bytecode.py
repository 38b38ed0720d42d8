"""The two bytecodes side by side: every original instruction stands beside its copy, stubs stand alone."""

import dis

import numpy as np
import pytest

import graphlet
from graphlet.core import events
from graphlet.report.bytecode import side_by_side


def straight(x):
    y = x * 2.0
    print("y", end="")
    return y + 1.0


def looping(rows):
    total = 0.0
    for row in rows:
        if row.sum() > 1.0:
            print(end="")
            total = total + row
    with np.errstate(all="ignore"):
        return [total * k for k in range(3)], lambda: total


def generating(x):
    for k in range(3):
        yield x * k + 1.0


ARGUMENTS = {straight: np.ones(4), looping: np.ones((5, 3)), generating: np.ones(3)}


def installed(function) -> list[events.Installed]:
    """Every version of the code that calling the function leads to."""
    heard: list[events.Event] = []
    events.subscribe(heard.append)
    try:
        fast = graphlet.optimize(function)
        for _ in range(3):
            result = fast(ARGUMENTS[function])
            list(result if function is generating else ())
    finally:
        events.unsubscribe(heard.append)
    return [event for event in heard if isinstance(event, events.Installed)]


@pytest.mark.parametrize("function", ARGUMENTS, ids=lambda function: function.__name__)
def test_every_original_instruction_stands_beside_its_copy(function, capsys) -> None:
    versions = installed(function)
    assert versions
    for event in versions:
        rows = [row.split(" | ") for row in side_by_side(event.original, event.rewritten, event.stubs)[1:]]
        left = [words[0].split() for words in rows if words[0].strip()]
        names = [instr.opname for instr in dis.get_instructions(event.original) if instr.opname != "EXTENDED_ARG"]
        shown = [next(word for word in words if not word.isdigit()) for words in left]
        assert all(name.startswith(word.removesuffix("...")) for word, name in zip(shown, names, strict=True))
        copies = [words[1].split() for words in rows if words[0].strip()]
        assert [next(word for word in words if not word.isdigit()) for words in copies] == names
        stubs = "\n".join(words[1] for words in rows if not words[0].strip())
        assert all(f"<{region}>" in stubs for region in event.stubs.values())
        assert all(words[1].startswith("+ ") for words in rows if not words[0].strip())


def test_without_stubs_nothing_is_inserted() -> None:
    code = straight.__code__
    rows = side_by_side(code, code, {})
    assert len(rows) == 1 + len(list(dis.get_instructions(code)))
