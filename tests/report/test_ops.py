"""What is followed, counted from the tables."""

import re

from graphlet.report import ops
from graphlet.report.ops import Share


def test_shares_are_of_everything_there_is() -> None:
    found = {share.what: share for share in ops.shares()}
    instructions = found["instructions"]
    assert "BINARY_OP" in instructions.followed and "LOAD_BUILD_CLASS" in instructions.left
    assert "exp" in found["functions of numpy"].followed and "load" in found["functions of numpy"].left
    assert "len" in found["builtins"].followed and "print" in found["builtins"].left
    assert "sum" in found["methods of arrays"].followed and "shape" in found["attributes of arrays"].followed
    assert all(not set(share.followed) & set(share.left) for share in found.values())


def test_figures() -> None:
    assert Share("a", ("b", "c", "d"), ("e",)).percent == 75 and Share("a", (), ()).percent == 100
    assert re.fullmatch(r"a +3 of +4 +75 %", str(Share("a", ("b", "c", "d"), ("e",))))


def test_text() -> None:
    assert "left to Python" not in ops.text()
    assert "left to Python: " in ops.text(verbose=True) and "LOAD_BUILD_CLASS" in ops.text(verbose=True)
