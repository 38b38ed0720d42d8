"""How NumPy treats floating-point errors, as a number, and the guard that asks for it."""

import itertools

import numpy as np

from graphlet.guards.describe import describe, explain_failure
from graphlet.guards.kinds import TokenIs
from graphlet.guards.lower import lower
from graphlet.guards.plan import plan
from graphlet.runtime._errors import error_modes, modes_of
from graphlet.sources import Known

MODES = ("ignore", "warn", "raise", "call", "print", "log")


def test_every_state_has_a_number_of_its_own() -> None:
    numbers = set()
    for modes in itertools.product(MODES, repeat=4):
        named = dict(zip(np.geterr(), modes, strict=True))
        with np.errstate(**named):  # type: ignore[arg-type]
            assert modes_of(error_modes()) == np.geterr() == named
            assert list(modes_of(error_modes())) == list(np.geterr())
            numbers.add(error_modes())
    assert len(numbers) == 6**4


def test_the_guard_holds_for_the_state_it_was_made_in() -> None:
    with np.errstate(all="warn"):
        made = plan([TokenIs(Known(error_modes), error_modes())])
        program, _ = lower(made, 0)
        assert program.failing((), {}) == -1 and explain_failure(made, (), {}) is None
    for mode in MODES:
        with np.errstate(under=mode, all="warn"):  # type: ignore[call-overload]
            assert (program.failing((), {}) == -1) is (mode == "warn")
    with np.errstate(all="ignore"):
        assert "divide" in describe(made.guards[0])
        assert str(np.geterr()) in str(explain_failure(made, (), {}))
