"""What is asked of the machine."""

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
