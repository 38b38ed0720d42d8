"""Recipes as the native parts take them: nested tuples of registers, outputs and constants."""

from typing import Any

from graphlet.capture.outcome import Build, Commit, FromConst, FromGraph, FromSource, FromTemp, Outcome, Recipe
from graphlet.sources import Source


class Encoder:
    """Recipes as the nested tuples the native epilogue takes."""

    def __init__(self, registers: dict[Source, int]) -> None:
        self.registers = registers

    def __call__(self, recipe: Recipe) -> tuple[Any, ...]:
        if isinstance(recipe, FromGraph):
            return ("graph", recipe.index)
        if isinstance(recipe, FromSource):
            return ("reg", self.registers[recipe.source])
        if isinstance(recipe, FromConst):
            return ("const", recipe.value)
        if isinstance(recipe, FromTemp):
            return ("temp", recipe.index)
        return ("build", recipe.kind, *map(self, recipe.items))

    def commit(self, commit: Commit) -> tuple[Any, ...]:
        """A write, as the native ``Commits`` takes it."""
        pair = commit.target.index, commit.value.index
        return pair if commit.index is None else (*pair, self(commit.index))


def sources_in(outcome: Outcome, payload: tuple[Recipe, ...]) -> list[Source]:
    """The sources that recipes hand on."""
    found: list[Source] = []
    # No function that calls itself: its closure would be a cycle, which who looks for garbage of theirs would find.
    stored = [recipe for store in outcome.stores for recipe in (store.target, store.value)]
    left = [*payload[::-1], *outcome.temps[::-1], *stored]
    while left:
        recipe = left.pop()
        if isinstance(recipe, FromSource):
            found.append(recipe.source)
        elif isinstance(recipe, Build):
            left += recipe.items[::-1]
    return found
