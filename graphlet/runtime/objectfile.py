"""Machine code from an object file (ELF, x86-64), ready to run: what a linker would do, for one function by itself.

The code refers to its own constants only, by distances, so it may lie anywhere. Anything else is refused.
"""

import platform
import struct
import sys

from graphlet.core.errors import GraphletError

ALIGN = 64
SHT_RELA, SHT_SYMTAB, SHT_NOBITS, SHF_ALLOC = 4, 2, 8, 2
X86_64, RELOCATABLE = 62, 1
BY_DISTANCE = (2, 4)  # R_X86_64_PC32, R_X86_64_PLT32
HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
SECTION = struct.Struct("<IIQQQQIIQQ")
SYMBOL = struct.Struct("<IBBHQQ")
RELOCATION = struct.Struct("<QQq")

Sections = list[tuple[int, ...]]


class BadObjectError(GraphletError):
    """The file is damaged, or of a kind that is not known here."""


def can_load() -> bool:
    """Whether code for this machine is read here."""
    return sys.platform == "linux" and platform.machine() == "x86_64" and sys.maxsize > 2**32


def image_of(data: bytes, name: str) -> tuple[bytes, int]:
    """The memory image of an object file, and where in it the function of this name begins."""
    try:
        return _image_of(data, name)
    except (struct.error, IndexError, ValueError, UnicodeDecodeError) as error:
        raise BadObjectError(f"object file: {error}") from error


def _image_of(data: bytes, name: str) -> tuple[bytes, int]:
    header = HEADER.unpack_from(data)
    if header[0][:6] != b"\x7fELF\x02\x01" or header[1] != RELOCATABLE or header[2] != X86_64:
        raise BadObjectError("not an object file of this machine")
    sections = [SECTION.unpack_from(data, header[6] + i * header[11]) for i in range(header[12])]
    image, places = _laid_out(data, sections)
    symbols = _symbols(data, sections)
    for section in sections:
        if section[1] == SHT_RELA and section[7] in places:
            _relocate(data, section, image, places, symbols)
    for symbol, text in symbols:
        if text == name and symbol[3] in places:
            return bytes(image), places[symbol[3]] + int(symbol[4])
    raise BadObjectError(f"there is no {name}")


def _laid_out(data: bytes, sections: Sections) -> tuple[bytearray, dict[int, int]]:
    """All sections that are needed in memory one behind the other, and where each begins."""
    image, places = bytearray(), {}
    for i, section in enumerate(sections):
        if not section[2] & SHF_ALLOC or section[1] == SHT_NOBITS:
            continue
        image.extend(bytes(-len(image) % ALIGN))
        places[i] = len(image)
        content = data[section[4] : section[4] + section[5]]
        if len(content) != section[5] or section[8] > ALIGN:
            raise BadObjectError("a section is cut off, or aligned to more than is known here")
        image.extend(content)
    return image, places


def _symbols(data: bytes, sections: Sections) -> list[tuple[tuple[int, ...], str]]:
    for section in sections:
        if section[1] != SHT_SYMTAB:
            continue
        names = sections[section[6]]
        text = data[names[4] : names[4] + names[5]]
        rows = [SYMBOL.unpack_from(data, section[4] + k) for k in range(0, section[5], SYMBOL.size)]
        return [(row, text[row[0] : text.index(0, row[0])].decode()) for row in rows]
    raise BadObjectError("there are no symbols")


def _relocate(
    data: bytes,
    section: tuple[int, ...],
    image: bytearray,
    places: dict[int, int],
    symbols: list[tuple[tuple[int, ...], str]],
) -> None:
    for k in range(0, section[5], RELOCATION.size):
        offset, info, addend = RELOCATION.unpack_from(data, section[4] + k)
        symbol, text = symbols[info >> 32]
        if info & 0xFFFFFFFF not in BY_DISTANCE or symbol[3] not in places:
            raise BadObjectError(f"it refers to {text or 'something'} in a way not known here")
        at = places[section[7]] + offset
        if not 0 <= at <= len(image) - 4:
            raise BadObjectError("a reference lies outside")
        struct.pack_into("<i", image, at, places[symbol[3]] + symbol[4] + addend - at)
