"""Compiled code on disk: found again, whole, by its owner only, and never too much of it."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import graphlet
from graphlet.backends import llvm_cache
from graphlet.backends.llvm_host import can_compile

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def folder(tmp_path):
    with graphlet.config.patch(cache_dir=str(tmp_path / "code")):
        yield tmp_path / "code"


def test_what_was_saved_is_found_by_its_text_alone(folder):
    assert llvm_cache.load("text") is None
    llvm_cache.save("text", b"object")
    assert llvm_cache.load("text") == b"object"
    assert llvm_cache.load("texts") is None
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.suffix for path in folder.iterdir()] == [".o"]


def test_another_machine_finds_nothing(folder, monkeypatch):
    llvm_cache.save("text", b"object")
    monkeypatch.setattr(llvm_cache, "identity", lambda: "another")
    assert llvm_cache.load("text") is None


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 100])
def test_damage_is_as_if_there_were_nothing(folder, damage):
    llvm_cache.save("text", b"object")
    (path,) = folder.iterdir()
    path.write_bytes(damage)
    assert llvm_cache.load("text") is None
    assert not path.exists()


def test_a_file_under_the_name_of_another_is_damage(folder):
    llvm_cache.save("text", b"object")
    (path,) = folder.iterdir()
    content = path.read_bytes()
    path.unlink()
    llvm_cache.save("other", b"other object")
    (path,) = folder.iterdir()
    path.write_bytes(content)
    assert llvm_cache.load("other") is None


def test_what_was_not_used_for_longest_goes_first(folder):
    for number, text in enumerate("abc"):
        llvm_cache.save(text, bytes(100))
        os.utime(folder / llvm_cache._name(text), ns=(number, number))
    assert llvm_cache.load("a") is not None
    llvm_cache.make_room(folder, 300)
    assert [llvm_cache.load(text) is not None for text in "abc"] == [True, False, True]


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no owners")
def test_a_folder_that_others_can_write_to_is_not_used(folder):
    folder.mkdir()
    folder.chmod(0o777)
    llvm_cache.save("text", b"object")
    assert list(folder.iterdir()) == []
    real = folder.with_name("real")
    folder.rename(real)
    real.chmod(0o700)
    folder.symlink_to(real)
    llvm_cache.save("text", b"object")
    assert list(real.iterdir()) == []


@pytest.mark.parametrize("place", ["off", "/dev/null/below", "nul\0byte"])
def test_without_a_folder_nothing_is_kept_and_nothing_fails(place):
    with graphlet.config.patch(cache_dir=place):
        llvm_cache.save("text", b"object")
        assert llvm_cache.load("text") is None


PROGRAM = """
import sys
import numpy as np
import graphlet
from graphlet.backends import llvm_service

@graphlet.optimize(backend="llvm")
def f(x):
    return (x * 2.0 + 1.0) * x

x = np.arange(100_000.0)
for _ in range(3):
    assert f(x).tobytes() == ((x * 2.0 + 1.0) * x).tobytes()
    llvm_service.wait()
print(graphlet.runtime._block.work()[0] > 0, "llvmlite" in sys.modules, llvm_service.wishes.last_error)
"""


@pytest.mark.skipif(not can_compile(), reason="no llvmlite for this machine")
def test_the_second_process_takes_its_code_from_disk_and_compiles_nothing(tmp_path):
    environment = {**os.environ, "GRAPHLET_CACHE_DIR": str(tmp_path), "GRAPHLET_COST_MODEL": "0"}
    printed = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
        printed.append(done.stdout.split())
    assert printed == [["True", "True", "None"], ["True", "False", "None"]]
