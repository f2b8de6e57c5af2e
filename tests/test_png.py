from __future__ import annotations

import struct
import zlib

import pytest

from tests import png

# Two lines of two pixels: first as they are, then by each filter that a line may have.
FIRST = bytes([10, 20, 30, 40, 50, 60])
LINES = [
    (0, bytes([1, 2, 3, 4, 5, 6]), bytes([1, 2, 3, 4, 5, 6])),
    # + the pixel to the left
    (1, bytes([1, 2, 3, 4, 5, 6]), bytes([1, 2, 3, 5, 7, 9])),
    # + the pixel above
    (2, bytes([1, 2, 3, 4, 5, 255]), bytes([11, 22, 33, 44, 55, 59])),
    # + half of both: 1 + 10 // 2 = 6, then 4 + (6 + 40) // 2 = 27
    (3, bytes([1, 2, 3, 4, 5, 6]), bytes([6, 12, 18, 27, 36, 45])),
    # + the nearest to left + above - corner: above, for 11 + 40 - 10 is nearest to 40
    (4, bytes([1, 2, 3, 4, 5, 6]), bytes([11, 22, 33, 44, 55, 66])),
]


def image(kind: int, line: bytes) -> bytes:
    pixels = zlib.compress(b"\0" + FIRST + bytes([kind]) + line)
    header = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"tEXt", b"a\0b"), (b"IDAT", pixels[:5]), (b"IDAT", pixels[5:])]
    return png.SIGNATURE + b"".join(png.chunk(*part) for part in [*parts, (b"IEND", b"")])


@pytest.mark.parametrize(("kind", "line", "plain"), LINES)
def test_keeps_the_pixels_of_every_filter(kind: int, line: bytes, plain: bytes) -> None:
    parts = dict(png.chunks(png.compacted(image(kind, line))))
    assert list(parts) == [b"IHDR", b"IDAT", b"IEND"]
    assert zlib.decompress(parts[b"IDAT"]) == b"\0" + FIRST + b"\0" + plain


def test_writes_sums_that_readers_check() -> None:
    body = png.chunk(b"IDAT", b"pixels")
    assert struct.unpack(">I", body[-4:])[0] == zlib.crc32(b"IDATpixels")
