"""Where something is in the user's source."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a source file; ``lineno`` counts from 1, columns are UTF-8 byte offsets or None."""

    filename: str
    lineno: int
    function: str = ""
    end_lineno: int | None = None
    col: int | None = None
    end_col: int | None = None

    def __str__(self) -> str:
        return f"{self.filename}:{self.lineno}"
