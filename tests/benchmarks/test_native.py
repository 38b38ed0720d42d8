"""The benchmark of the llvm backend: what it says is measured, and results are NumPy's."""

import pytest

from benchmarks import native
from graphlet.backends.llvm_host import can_compile


@pytest.mark.parametrize("name", native.CHAINS)
def test_every_chain_is_the_same_in_all_backends(name, monkeypatch, capsys):
    monkeypatch.setattr(native, "SECONDS", 0.0)
    assert native.main([name, "--sizes", "400"]) == 0
    out = capsys.readouterr().out
    assert "geometric mean" in out
    assert not can_compile() or "compiled 0.00" not in out
