"""What is asked of the machine."""

import importlib.util

from graphlet.backends import llvm_host


def test_registers_are_as_wide_as_the_processor_has_them(monkeypatch):
    for features, size in ((("AVX2", "AVX512_SKX"), 64), (("AVX2",), 32), ((), 16)):
        monkeypatch.setattr(llvm_host, "cpu_features", lambda features=features: frozenset(features))
        assert llvm_host.vector_bytes.__wrapped__() == size


def test_identity_changes_with_what_code_depends_on(monkeypatch):
    before = llvm_host.identity.__wrapped__()
    assert before == llvm_host.identity.__wrapped__()
    for name, value in (("_llvmlite_version", lambda: "0"), ("_processor", lambda: "another"), ("ABI", -1)):
        with monkeypatch.context() as patch:
            patch.setattr(llvm_host, name, value)
            assert llvm_host.identity.__wrapped__() != before


def test_llvmlite_says_which_it_is_without_being_loaded(tmp_path, monkeypatch):
    """Other text in its file of versions is another llvmlite, and so is another file where it has none."""
    package = tmp_path / "llvmlite"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('it is not to be loaded')")
    spec = importlib.util.spec_from_file_location("llvmlite", package / "__init__.py")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    without = llvm_host._llvmlite_version()
    (package / "_version.py").write_text("version = '1'")
    first = llvm_host._llvmlite_version()
    (package / "_version.py").write_text("version = '2'")
    assert len({without, first, llvm_host._llvmlite_version()}) == 3
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert llvm_host._llvmlite_version() == "none"
