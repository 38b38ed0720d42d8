"""The door to the versions."""

import opcode

from graphlet.opcodes import versions


def test_unknown_python_is_refused_by_name() -> None:
    assert "CPython 3.99" in (versions.why_not_supported((3, 99)) or "")
    assert "pypy" in (versions.why_not_supported((3, 11), "pypy") or "")


def test_running_python_is_known() -> None:
    assert versions.why_not_supported() is None


def test_instructions_of_stubs_exist() -> None:
    version = versions.current()
    names = {*version.call, version.jump_if_none, version.jump_if_false, version.load_cell}
    assert names <= opcode.opmap.keys()
