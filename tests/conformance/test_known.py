"""Lists of known differences: every line has a reason, and is about something."""

from pathlib import Path

import pytest

from tests.conformance import known
from tests.conformance.known import Known
from tests.conformance.packages import PACKAGES
from tests.conformance.ways import WAYS

FILES = sorted(known.FOLDER.glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_can_be_read(path: Path) -> None:
    name, _, version = path.stem.rpartition("-")
    package, _, way = name.rpartition("-")
    assert way in WAYS
    assert not package or package in PACKAGES
    for line in known.read(name, version):
        assert line.reason
        assert line.pattern.startswith(f"{package}." if package else "test_")
        assert ": " in line.pattern


def test_line_without_reason_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "FOLDER", tmp_path)
    (tmp_path / "stubs-9.9.txt").write_text("test_dis: test.test_dis.X.y\n")
    with pytest.raises(ValueError, match="expected"):
        known.read("stubs", "9.9")
    (tmp_path / "stubs-9.9.txt").write_text("# comment\n\ntest_dis: a.b[1].*  # looks at the bytecode\n")
    (line,) = known.read("stubs", "9.9")
    assert line.matches("test_dis: a.b[1].c")
    assert not line.matches("test_dis: a.b1.c")


def test_unexplained_and_stale() -> None:
    lines = (Known("test_a: x.*", "r"), Known("test_b: y", "r"))
    assert known.unexplained(["test_a: x.1", "test_c: z"], lines) == ["test_c: z"]
    assert known.stale(["test_a: x.1"], lines, ("test_a: x.1", "test_b: y")) == ["test_b: y"]
    assert known.stale(["test_a: x.1"], lines, ("test_a: x.1", "test_b: z")) == []
