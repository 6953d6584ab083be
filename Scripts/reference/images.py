#!/usr/bin/env python3
"""Reference values for changes of images and for their plain statistics.

    python3 Scripts/reference/images.py transforms > Tests/ImagesTests/Fixtures/transforms.json
    python3 Scripts/reference/images.py statistics > Tests/ImagesTests/Fixtures/statistics.json

Needs numpy and PyTorch; made with numpy 2.4 and PyTorch 2.13. Hues are turned by the standard library's colorsys, blur
is torch's convolution over a reflected border, places between pixels are torch's grid_sample. Values are from 0 to 255
and not rounded.
"""
import colorsys
import json
import math
import sys
import numpy as np
import torch

generator = np.random.default_rng(1912)
height, width = 10, 13


def pictures():
    """Noise, a smooth picture with all hues, and greys with a few pure colours."""
    noise = generator.integers(0, 256, (height, width, 3))
    y, x = np.mgrid[0:height, 0:width]
    smooth = np.stack([
        127 + 120 * np.sin(x / 3.0 + y / 5.0), 127 + 120 * np.cos(x / 4.0 - y / 2.0), 127 + 90 * np.sin(y / 2.0 + 1),
    ], axis=2).round().astype(int)
    grey = np.repeat(generator.integers(0, 256, (height, width, 1)), 3, axis=2)
    for place, colour in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 0, 0), (90, 90, 10)]):
        grey[place, place * 2] = colour
    return [noise, smooth, grey]


def brightness(image, s):
    return np.clip(image * (1.0 + s), 0, 255)


def hue(image, s):
    result = np.empty(image.shape)
    for row in range(height):
        for column in range(width):
            h, saturation, value = colorsys.rgb_to_hsv(*(image[row, column] / 255.0))
            result[row, column] = colorsys.hsv_to_rgb((h + s / 360.0) % 1.0, saturation, value)
    return 255 * result


def blur(image, s):
    radius = math.ceil(3 * s)
    taps = torch.arange(-radius, radius + 1, dtype=torch.float64)
    kernel = torch.exp(-0.5 * (taps / s) ** 2)
    kernel = kernel / kernel.sum()
    planes = torch.tensor(image, dtype=torch.float64).permute(2, 0, 1).unsqueeze(1)
    padded = torch.nn.functional.pad(planes, (radius,) * 4, mode="reflect")
    square = (kernel[:, None] * kernel[None, :]).reshape(1, 1, 2 * radius + 1, 2 * radius + 1)
    return torch.nn.functional.conv2d(padded, square).squeeze(1).permute(1, 2, 0).numpy()


def sampled(image, inverse):
    """inverse: 2×3, from places of the result to places of the image, pixels from the middle."""
    y, x = torch.meshgrid(
        torch.arange(height, dtype=torch.float64) - (height - 1) / 2,
        torch.arange(width, dtype=torch.float64) - (width - 1) / 2, indexing="ij")
    inverse = torch.tensor(inverse, dtype=torch.float64)
    source = torch.stack([x, y, torch.ones_like(x)], dim=-1) @ inverse.T
    grid = source / torch.tensor([(width - 1) / 2, (height - 1) / 2], dtype=torch.float64)
    planes = torch.tensor(image, dtype=torch.float64).permute(2, 0, 1).unsqueeze(0)
    result = torch.nn.functional.grid_sample(
        planes, grid.unsqueeze(0), mode="bilinear", padding_mode="reflection", align_corners=True)
    return result[0].permute(1, 2, 0).numpy()


def zoom(image, s):
    return sampled(image, [[1 / (1 + s), 0, 0], [0, 1 / (1 + s), 0]])


def shift(image, s):
    return sampled(image, [[1, 0, -s], [0, 1, 0]])


def rotation(image, s):
    # Clockwise where y grows downwards is x' = x cos − y sin, y' = x sin + y cos; this is its inverse.
    c, n = math.cos(math.radians(s)), math.sin(math.radians(s))
    return sampled(image, [[c, n, 0], [-n, c, 0]])


def transforms():
    strengths = {
        "brightness": [-0.4, 0.3], "hue": [-60, 30, 200, -400], "blur": [0.5, 1.2, 2.0], "zoom": [-0.2, 0.25],
        "shift": [-4, 1.5, 2], "rotation": [-20, 10, 135],
    }
    cases = []
    for name, values in strengths.items():
        for s in values:
            for number, image in enumerate(pictures_once):
                cases.append({
                    "transform": name, "strength": s, "picture": number, "width": width, "height": height,
                    "pixels": image.flatten().tolist(),
                    "expected": [round(float(v), 5) for v in globals()[name](image.astype(float), s).flatten()],
                })
    return cases


def statistics_of(image):
    p = image / 255.0
    luma = 0.299 * p[..., 0] + 0.587 * p[..., 1] + 0.114 * p[..., 2]
    gx, gy = np.zeros(0), np.zeros(0)
    rows = [(y, x) for y in range(1, height - 1) for x in range(1, width - 1)]
    gx = np.array([(luma[y, x + 1] - luma[y, x - 1]) / 2 for y, x in rows])
    gy = np.array([(luma[y + 1, x] - luma[y - 1, x]) / 2 for y, x in rows])
    energy = np.sum(gx ** 2 + gy ** 2)
    edge = max(min(height, width) // 8, 1)
    border = np.array([
        [min(y, x, height - 1 - y, width - 1 - x) < edge for x in range(width)] for y in range(height)])
    middle = np.zeros((height, width), dtype=bool)
    middle[height // 4: height - height // 4, width // 4: width - width // 4] = True
    ground = p[border].mean(0)
    distance = np.sqrt(np.mean((p - ground) ** 2, axis=2))
    odd = (luma - luma[:, ::-1]) / 2
    return {
        "brightness": luma.mean(), "contrast": luma.std(),
        "saturation": np.sum(p.max(2) - p.min(2)) / np.sum(p.max(2)),
        "redGreen": np.mean(p[..., 0] - p[..., 1]), "yellowBlue": np.mean((p[..., 0] + p[..., 1]) / 2 - p[..., 2]),
        "sharpness": np.sqrt(np.mean(gx ** 2 + gy ** 2)) / luma.std(),
        "verticalEdges": np.sum(gx ** 2 - gy ** 2) / energy, "diagonalEdges": 2 * np.sum(gx * gy) / energy,
        "border": luma[border].mean() - luma[middle].mean(),
        "rightLeft": luma[:, width - width // 2:].mean() - luma[:, : width // 2].mean(),
        "asymmetry": np.sqrt(np.sum(odd ** 2) / np.sum((luma - luma.mean()) ** 2)),
        "foreground": np.mean(distance > 0.15),
    }


def statistics():
    return [{
        "picture": number, "width": width, "height": height, "pixels": image.flatten().tolist(),
        "statistics": {name: float(value) for name, value in statistics_of(image).items()},
    } for number, image in enumerate(pictures_once)]


pictures_once = pictures()
print(json.dumps({"transforms": transforms, "statistics": statistics}[sys.argv[1]]()))
