"""Which commits the kernel may do itself, as the last thing of its run."""

from collections.abc import Iterable

from graphlet.capture.outcome import Build, FromGraph, Outcome, Recipe
from graphlet.ir.write import Write

SAFE = ("tuple", "list", "slice", "cell")  # made of anything


def writes_of(outcome: Outcome, handed_over: Iterable[Recipe]) -> tuple[Write, ...]:
    """The one commit of an outcome, if nothing behind it can fail and nobody else gets the value."""
    if len(outcome.commits) != 1 or outcome.stores:
        return ()
    commit = outcome.commits[0]
    if commit.index is not None:
        return ()
    recipes = [*handed_over, *outcome.temps]
    while recipes:
        recipe = recipes.pop()
        if isinstance(recipe, Build):
            if recipe.kind not in SAFE:
                return ()
            recipes += recipe.items
        elif isinstance(recipe, FromGraph) and recipe.index == commit.value.index:
            return ()
    return (Write(commit.target.index, commit.value.index, commit.is_result),)
