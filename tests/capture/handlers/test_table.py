"""Every canonical instruction has a handler or a stated refusal."""

from graphlet.capture.breaks import CODES
from graphlet.capture.handlers import refused
from graphlet.capture.handlers.table import HANDLERS
from graphlet.opcodes.canon import CANON


def test_every_instruction_is_handled_or_refused() -> None:
    assert CANON.keys() - HANDLERS.keys() == set()


def test_no_handler_is_for_an_unknown_instruction() -> None:
    assert HANDLERS.keys() - CANON.keys() == set()


def test_refusals_have_a_code_of_the_table() -> None:
    assert all(code in CODES and text for code, text in refused.REASONS.values())
