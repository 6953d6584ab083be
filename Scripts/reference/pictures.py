#!/usr/bin/env python3
"""PNG and JPEG files of every kind with the pixels that Pillow makes of them, and parts of a picture at other sizes.

    python3 Scripts/reference/pictures.py > Tests/RasterTests/Fixtures/pictures.json

Needs numpy and Pillow; made with numpy 2.4 and Pillow 13. Pillow writes no 16-bit colour and no interlaced files, so
PNG files are put together here from the specification. What is transparent lies over white. Pillow cuts 16 bits where
rounding is right, so of 16-bit files the expected values are round(v / 257).
"""
import base64
import io
import json
import struct
import zlib
import numpy as np
from PIL import Image, ImageOps

generator = np.random.default_rng(2015)
width, height = 21, 13


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def rows(samples, bits):
    """H×W×C integers -> filtered rows, each with filter 0, samples packed from the left."""
    data = b""
    for row in samples:
        values = row.reshape(-1)
        if bits == 16:
            data += b"\0" + values.astype(">u2").tobytes()
        elif bits == 8:
            data += b"\0" + values.astype("u1").tobytes()
        else:
            text = "".join(format(int(v), f"0{bits}b") for v in values)
            text += "0" * (-len(text) % 8)
            data += b"\0" + bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))
    return data


def png(samples, bits, colour, interlaced=False, before=b""):
    h, w = samples.shape[:2]
    header = struct.pack(">IIBBBBB", w, h, bits, colour, 0, 0, int(interlaced))
    if interlaced:
        data = b"".join(
            rows(samples[y::dy, x::dx], bits) for x, y, dx, dy in ADAM7 if samples[y::dy, x::dx].size)
    else:
        data = rows(samples, bits)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + chunk(b"IDAT", zlib.compress(data))
            + chunk(b"IEND", b""))


def flattened(image):
    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return np.asarray(Image.alpha_composite(white, image).convert("RGB"))


def noise(channels, bits=8):
    return generator.integers(0, 1 << bits, (height, width, channels))


def smooth(channels):
    """What JPEG keeps: no detail finer than its blocks of colour."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [127 + 110 * np.sin(x / 6 + c) * np.cos(y / 5 - c) for c in range(channels)]
    return np.stack(waves, axis=2).round().astype(np.uint8)


pictures = []


def add(name, data, pixels=None, tolerance=0):
    if pixels is None:
        pixels = flattened(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    pictures.append({
        "name": name, "file": base64.b64encode(data).decode(), "width": pixels.shape[1], "height": pixels.shape[0],
        "pixels": np.asarray(pixels).reshape(-1).tolist(), "tolerance": tolerance})


palette = generator.integers(0, 256, (16, 3)).astype("u1")
plte = chunk(b"PLTE", palette.tobytes())
for bits in (1, 2, 4, 8):
    add(f"grey, {bits} bits", png(noise(1, bits), bits, 0))
for interlaced in (False, True):
    kind = ", interlaced" if interlaced else ""
    add("colour" + kind, png(noise(3), 8, 2, interlaced))
    add("palette" + kind, png(noise(1, 4), 4, 3, interlaced, plte))
    add("grey with alpha" + kind, png(noise(2), 8, 4, interlaced), tolerance=1)
    add("colour with alpha" + kind, png(noise(4), 8, 6, interlaced), tolerance=1)
    deep = noise(3, 16)
    add("colour, 16 bits" + kind, png(deep, 16, 2, interlaced), (deep / 257).round().astype(int))
    deep = noise(1, 16)
    add("grey, 16 bits" + kind, png(deep, 16, 0, interlaced), np.repeat((deep / 257).round().astype(int), 3, 2))
alpha = chunk(b"tRNS", bytes(generator.integers(0, 256, 16).tolist()))
add("palette with alpha", png(noise(1, 4), 4, 3, before=plte + alpha), tolerance=1)
few = generator.integers(0, 4, (height, width, 1)) * 60
add("grey, one value transparent", png(few, 8, 0, before=chunk(b"tRNS", struct.pack(">H", 120))))
few = generator.integers(0, 2, (height, width, 3)) * 200
add("colour, one value transparent", png(few, 8, 2, before=chunk(b"tRNS", struct.pack(">HHH", 200, 0, 200))))
add("gamma that is not followed", png(noise(3), 8, 2, before=chunk(b"gAMA", struct.pack(">I", 100000))))


def jpeg(samples, mode, **options):
    file = io.BytesIO()
    Image.fromarray(samples, mode).save(file, "JPEG", quality=92, **options)
    return file.getvalue()


add("JPEG", jpeg(smooth(3), "RGB"), tolerance=2)
add("JPEG, all colours kept", jpeg(smooth(3), "RGB", subsampling=0), tolerance=2)
add("JPEG, progressive", jpeg(smooth(3), "RGB", progressive=True), tolerance=2)
add("JPEG, grey", jpeg(smooth(1)[:, :, 0], "L"), tolerance=2)
add("JPEG, CMYK", jpeg(smooth(4), "CMYK"), tolerance=2)
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "nobody"
    add(f"JPEG, turned {orientation}", jpeg(smooth(3), "RGB", exif=exif), tolerance=2)
# The same directory with its bytes the other way round.
big = b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0) + b"\0\0\0\0"
add("JPEG, turned 6, big-endian", jpeg(smooth(3), "RGB", exif=big), tolerance=2)
# Without the marker of Adobe's programs inks are inverted all the same.
plain = jpeg(smooth(4), "CMYK")
place = plain.index(b"\xff\xee")
plain = plain[:place] + plain[place + 2 + struct.unpack(">H", plain[place + 2:place + 4])[0]:]
add("JPEG, CMYK without a marker", plain, tolerance=2)

source = noise(3).astype(np.uint8)
resizes = []
for box, size in [
    ((0, 0, width, height), (8, 8)), ((0, 0, width, height), (40, 31)), ((4, 0, 17, 13), (13, 13)),
    ((2.5, 1.25, 18.75, 9.5), (6, 4)), ((3, 2, 5, 4), (9, 9)), ((0, 0, 1, 1), (3, 2)), ((0, 0, width, height), (1, 1)),
]:
    pixels = np.asarray(Image.fromarray(source).resize(size, Image.Resampling.BILINEAR, box=box))
    resizes.append({
        "box": [box[0], box[1], box[2] - box[0], box[3] - box[1]], "width": size[0], "height": size[1],
        "pixels": pixels.reshape(-1).tolist()})

print(json.dumps({
    "pictures": pictures,
    "source": {"width": width, "height": height, "pixels": source.reshape(-1).tolist()}, "resizes": resizes}))
