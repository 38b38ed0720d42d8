"""What stands for a slot of a frame with nothing in it: a local without a value, the NULL beside a callable."""


class Empty:
    """The type of EMPTY, which exists once and never meets a program."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "EMPTY"


EMPTY = Empty()
