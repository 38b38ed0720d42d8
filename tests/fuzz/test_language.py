"""Each block of level language is part of some program: one that never runs would be left out without a word."""

import ast
from random import Random
from typing import Any

import numpy as np
import pytest

from tests.fuzz import generate
from tests.fuzz.language import LANGUAGE
from tests.fuzz.levels import LEVELS

LEVEL = LEVELS["language"]
TRIES = 80


def writer(seed: int) -> generate.Writer:
    """In a program with two arrays and two numbers."""
    space: dict[str, Any] = {"__name__": "fuzz"}
    exec(generate._PRELUDE.format(seed=seed, scale=2, imports=LEVEL.imports, classes=LEVEL.classes), space)
    space.update(a0=np.arange(3.0), a1=np.ones(3), a2=2.5, a3=3)
    return generate.Writer(Random(seed), space, LEVEL)


def runs(block: str, seed: int) -> bool:
    """Whether it can be filled so that nothing is raised."""
    made = writer(seed)
    try:
        return made.run(generate.new_names(made.fill(block), seed)) is None
    except generate.CannotFill:
        return False


@pytest.mark.parametrize("block", [text for _, text in LANGUAGE])
def test_each_block_runs(block: str) -> None:
    assert any(runs(block, seed) for seed in range(TRIES))


def test_a_hole_may_end_where_braces_do() -> None:
    held = writer(1)
    filled = ast.parse(held.fill("{{'k': {V}, 'm': {{'n': {V}}}}}"), mode="eval").body
    assert isinstance(filled, ast.Dict) and isinstance(filled.values[1], ast.Dict)
    assert isinstance(filled.values[0], ast.Name) and filled.values[0].id in held.env
