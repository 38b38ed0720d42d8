"""Texts that several reports use."""

# Why a region leaves a call to the interpreter, by the dispatcher's word for it.
DECLINED = {
    "switched_off": "graphlet is switched off",
    "watched": "a tracer, profiler or monitor wants to see every step",
    "asleep": "it declined so often that it sleeps for a while",
    "guards": "nothing compiled so far fits these values",
    "kernel": "NumPy would warn or raise here, or the shapes do not fit",
    "commit": "the memory to be written is not as it was",
    "live_outs": "a result could not be made",
    "old_code": "this call began with code that has no exit where the graph ends; that of the next optimised call has",
    "call": "it was not entered from its own code",
    "trial": "the time both ways was taken, to see which is faster",
    "slower": "NumPy alone was measured to be faster here",
    "postponed": "learning has taken its share of the time, and goes on later",
}


def count(number: int, noun: str) -> str:
    """``1 graph``, ``2 graphs``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
