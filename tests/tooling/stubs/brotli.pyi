# What we use of Brotli, typed: the package has no annotations.

from typing import Final

MODE_GENERIC: Final[int]
MODE_TEXT: Final[int]
MODE_FONT: Final[int]

class error(Exception): ...

def compress(
    string: bytes, mode: int = ..., quality: int = ..., lgwin: int = ..., lgblock: int = ...
) -> bytes: ...
def decompress(string: bytes) -> bytes: ...
