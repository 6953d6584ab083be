#!/usr/bin/env python3
"""Reference images for the operations of AutoAugment and RandAugment, and the policies, for Tests/ImagesTests/Fixtures.

    python3 Scripts/reference/augmentation.py pictures > Tests/ImagesTests/Fixtures/pictures.json
    python3 Scripts/reference/augmentation.py operations > Tests/ImagesTests/Fixtures/operations.json
    python3 Scripts/reference/augmentation.py policies > Tests/ImagesTests/Fixtures/policies.json

Needs numpy and Pillow, and for the policies torchvision's sources; made with numpy 2.4, Pillow 13.0 and torchvision
0.28. Every operation is the one call of Pillow that the published policies were searched with. Bytes stand in base64.
"""
import ast
import base64
import importlib.util
import json
import pathlib
import sys
import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

WIDTH, HEIGHT = 13, 10
FILL = (125, 123, 114)


def pictures():
    """Noise, a smooth picture of middling contrast, flat halves, and one colour with a single odd pixel."""
    generator = np.random.default_rng(1805)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    noise = generator.integers(0, 256, (HEIGHT, WIDTH, 3))
    smooth = np.stack([
        120 + 60 * np.sin(x / 3.0 + y / 5.0), 100 + 80 * np.cos(x / 4.0 - y / 2.0), 90 + 40 * np.sin(y / 2.0 + 1),
    ], axis=2).round()
    halves = np.where((x < 6)[:, :, None], [200, 30, 60], [40, 190, 220])
    flat = np.full((HEIGHT, WIDTH, 3), 77)
    flat[3, 4] = [10, 77, 240]
    return [Image.fromarray(picture.astype(np.uint8)) for picture in (noise, smooth, halves, flat)]


def shaded():
    """Large enough for equalize to do something: it leaves pictures of fewer than 256 pixels as they are."""
    y, x = np.mgrid[0:40, 0:48]
    wave = 127.5 + 120 * np.sin(x / 9.0) * np.cos(y / 7.0)
    shades = np.stack([wave, np.clip(2 * wave - 150, 0, 255), 60 + (x + y) // 4], axis=2)
    return Image.fromarray(shades.round().astype(np.uint8))


def moved(image, matrix):
    return image.transform(image.size, Image.Transform.AFFINE, matrix, fillcolor=FILL)


def covered(image, side, row, column):
    half = side // 2
    image = image.copy()
    # Pillow's rectangles hold their last pixel.
    ImageDraw.Draw(image).rectangle([column - half, row - half, column + half - 1, row + half - 1], fill=FILL)
    return image


OPERATIONS = {
    "shearX": (lambda image, s: moved(image, (1, s, 0, 0, 1, 0)), [-0.3, -0.1, 0.05, 0.2, 0.7]),
    "shearY": (lambda image, s: moved(image, (1, 0, 0, s, 1, 0)), [-0.3, -0.1, 0.05, 0.2, 0.7]),
    "translateX": (lambda image, p: moved(image, (1, 0, p, 0, 1, 0)), [-5, -1, 0, 3, 20]),
    "translateY": (lambda image, p: moved(image, (1, 0, 0, 0, 1, p)), [-5, -1, 0, 3, 20]),
    "rotate": (lambda image, d: image.rotate(d, fillcolor=FILL), [-30, -6.7, 0, 10, 23.3, 75]),
    "solarize": (lambda image, t: ImageOps.solarize(image, t), [0, 28, 110, 199, 256]),
    "posterize": (lambda image, bits: ImageOps.posterize(image, int(bits)), [1, 4, 5, 7, 8]),
    "invert": (lambda image, _: ImageOps.invert(image), [0]),
    "contrast": (lambda image, f: ImageEnhance.Contrast(image).enhance(f), [0.0, 0.1, 0.55, 1.0, 1.7, 1.9]),
    "color": (lambda image, f: ImageEnhance.Color(image).enhance(f), [0.0, 0.1, 0.55, 1.0, 1.7, 1.9]),
    "brightness": (lambda image, f: ImageEnhance.Brightness(image).enhance(f), [0.0, 0.1, 0.55, 1.0, 1.7, 1.9]),
    "sharpness": (lambda image, f: ImageEnhance.Sharpness(image).enhance(f), [0.0, 0.1, 0.55, 1.0, 1.7, 1.9]),
    "equalize": (lambda image, _: ImageOps.equalize(image), [0]),
    "autoContrast": (lambda image, _: ImageOps.autocontrast(image), [0]),
}
# Side, row and column of the middle.
SQUARES = [(4, 5, 6), (6, 0, 12), (8, 9, 1), (2, 3, 3), (30, 4, 4)]


def encoded(images):
    return base64.b64encode(b"".join(image.tobytes() for image in images)).decode()


def operations():
    images = pictures()
    cases = [{"operation": name, "amounts": [amount], "expected": encoded([apply(image, amount) for image in images])}
             for name, (apply, amounts) in OPERATIONS.items() for amount in amounts]
    cases += [{"operation": "cutout", "amounts": list(square),
               "expected": encoded([covered(image, *square) for image in images])} for square in SQUARES]
    large = shaded()
    for name in ["equalize", "autoContrast"]:
        assert OPERATIONS[name][0](large, 0) != large
        cases.append({"operation": name, "amounts": [0], "expected": encoded([OPERATIONS[name][0](large, 0)]),
                      "picture": {"width": large.width, "height": large.height, "pixels": encoded([large])}})
    return cases


def policies():
    """The tables in torchvision's source, read without importing it, so that no compiled part of it is needed."""
    folder = pathlib.Path(importlib.util.find_spec("torchvision").origin).parent
    tree = ast.parse((folder / "transforms" / "autoaugment.py").read_text())
    tables = [ast.literal_eval(node.value) for node in ast.walk(tree)
              if isinstance(node, ast.Return) and isinstance(node.value, ast.List) and len(node.value.elts) == 25]
    return [{"policy": name, "pairs": [[{"operation": step[0][0].lower() + step[0][1:], "probability": step[1],
                                         "level": step[2]} for step in pair] for pair in table]}
            for name, table in zip(["imagenet", "cifar10"], tables)]


if __name__ == "__main__":
    made = {
        "pictures": lambda: [{"width": WIDTH, "height": HEIGHT, "pixels": encoded([image])} for image in pictures()],
        "operations": operations,
        "policies": policies,
    }[sys.argv[1]]()
    print(json.dumps(made, indent=0 if sys.argv[1] == "operations" else None))
