"""Pictures as a camera makes them, for those who take them in."""

from __future__ import annotations

import base64
import struct
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

SECRET: Final = b"Nguyen Van Mau, 10.3532N 106.3634E"
"""What the camera wrote into the file."""

# A picture as a camera makes it: large, and full of detail that does not pack well.
DRAW: Final = """
async (seed) => {
  const canvas = new OffscreenCanvas(3000, 2000);
  const brush = canvas.getContext("2d");
  let state = seed;
  const next = () => (state = (state * 48271) % 2147483647) / 2147483647;
  for (let n = 0; n < 60000; n++) {
    brush.fillStyle = `hsl(${next() * 360} 60% ${next() * 100}%)`;
    brush.fillRect(next() * 3000, next() * 2000, 4 + next() * 40, 4 + next() * 40);
  }
  const bytes = new Uint8Array(await (await canvas.convertToBlob({type: "image/jpeg", quality: 0.92})).arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}
"""
SHOWN: Final = "image => image.complete && image.naturalWidth > 0"


def camera_picture(page: Page, folder: Path, seed: int) -> Path:
    """Make a JPEG that lies on its side and says where and by whom it was taken."""
    plain = base64.b64decode(page.evaluate(DRAW, seed))
    turned = struct.pack("<2sHIH", b"II", 42, 8, 2) + struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    artist = struct.pack("<HHII", 0x013B, 2, len(SECRET), 38) + bytes(4) + SECRET
    exif = b"Exif\0\0" + turned + artist
    file = folder / f"IMG_{seed}.jpg"
    file.write_bytes(plain[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + plain[2:])
    return file
