"""The table of packages whose tests are run."""

from pathlib import Path

import pytest

from tests.conformance.packages import PACKAGES, Package

NUMPY = PACKAGES["numpy"]


@pytest.mark.skipif(not NUMPY.modules(), reason="this NumPy has no tests")
def test_modules_of_numpy() -> None:
    modules = NUMPY.modules()
    assert len(modules) > 100
    assert "numpy._core.tests.test_umath" in modules
    assert not any("test_cython" in name for name in modules)
    assert len(set(modules)) == len(modules)


@pytest.mark.parametrize("package", PACKAGES.values(), ids=PACKAGES)
def test_every_pattern_chooses_something(package: Package) -> None:
    if not package.modules():
        pytest.skip(f"{package.name} is not installed with its tests")
    names = [name.removeprefix(f"{package.name}.") for name in package.modules()]
    idle = [p for p in package.tests if not any(Package(package.name, (p,)).chooses(name) for name in names)]
    assert idle == []


def test_what_is_left_out_wins() -> None:
    package = Package("x", ("tests.*",), ("*.test_b",))
    assert package.chooses("tests.test_a")
    assert not package.chooses("tests.test_b")
    assert not package.chooses("more.test_a")


def test_a_package_that_is_not_installed_has_no_modules() -> None:
    missing = Package("no_such_package", ("*",))
    assert missing.folder is None
    assert missing.modules() == ()


def test_only_files_in_folders_of_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("__init__.py", "test_x.py", "tests/test_y.py", "a/tests/b/test_z.py", "a/tests/helper.py"):
        path = tmp_path / "gl_some_package" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.syspath_prepend(tmp_path)
    modules = Package("gl_some_package", ("*",)).modules()
    assert modules == ("gl_some_package.a.tests.b.test_z", "gl_some_package.tests.test_y")
