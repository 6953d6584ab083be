#!/usr/bin/env python3
"""Takes the explorer's pictures with the browser of its tests.

    pictures.py --address URL --screens DIR     every width, light and dark, one run and two, to be looked at
    pictures.py --address URL --assets Assets   Assets/explorer.png and the animation Assets/explorer-walk.png

The address is what `isda explore RUN RUN` printed.
"""

import argparse
import base64
import io
import itertools
import math
import pathlib

from PIL import Image

from explorer import Explorer, browser

WIDTHS = {360: 780, 1280: 800, 2560: 1300}


def screens(page, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for (width, height), scheme, (name, fragment) in itertools.product(
            WIDTHS.items(), ["light", "dark"], [("one", "&t=1.5&d=cat.principal.1"), ("two", "&beside=1&t=1.5&d=cat.principal.1")]):
        page.media(color_scheme=scheme)
        page.resize(width, height, density=2 if width == 360 else 1, touch=width == 360)
        page.open(fragment)
        page.settle()
        page.screenshot(folder / f"{width}-{scheme}-{name}.png", full=True)
    page.media(color_scheme="light")
    page.resize(1280, 800)
    for key, name in [("?", "keys"), ("o", "take-away"), ("d", "make"), ("e", "edit")]:
        page.open("&t=1.5&d=cat.principal.1")
        page.press(key)
        page.screenshot(folder / f"dialog-{name}.png")


def assets(page, folder, direction, anchor):
    """The page as it stands, and the hand on its way from −3 to +3 and back."""
    page.media(color_scheme="light")
    page.resize(1280, 800, density=1.5)
    fragment = f"&d={direction}&anchor={anchor}" if anchor is not None else f"&d={direction}"
    page.open(f"{fragment}&t=1.5")
    page.settle()
    page.screenshot(folder / "explorer.png")
    shrink(folder / "explorer.png", 256)

    page.resize(1180, 800)
    page.open(f"{fragment}&t=0")
    page.settle()
    frames = []
    for k in range(48):
        position = round(3 * math.sin(2 * math.pi * k / 48), 2)
        page.js("""const r = document.querySelector(".slider.active .slider-range"); r.value = arguments[0];
          r.dispatchEvent(new Event("input", { bubbles: true }))""", position)
        page.wait(lambda: any(cell["step"] == round(position, 1) for cell in page.cells()[4:5]), "the strip")
        page.settle()
        box = page.js("""const a = document.querySelector("#walk").getBoundingClientRect(), b = document.querySelector(".chart").getBoundingClientRect();
          return [a.left, a.top, a.width, b.bottom - a.top + 8]""")
        picture = page.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "format": "png", "clip": dict(zip(["x", "y", "width", "height"], box)) | {"scale": 1}})
        frames.append(Image.open(io.BytesIO(base64.b64decode(picture["data"]))).convert("RGB"))
    # One palette for all frames: what does not change then has the same bytes, and a frame holds only what does.
    whole = Image.new("RGB", (frames[0].width, frames[0].height * 4))
    for place, frame in enumerate(frames[::12][:4]):
        whole.paste(frame, (0, place * frame.height))
    palette = whole.quantize(200, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    target = folder / "explorer-walk.png"
    small[0].save(target, save_all=True, append_images=small[1:], duration=110, loop=0, optimize=True)
    print(f"{target}: {target.stat().st_size / 1e6:.2f} MB, {len(frames)} frames of {frames[0].size}")


def shrink(file, colors):
    Image.open(file).convert("RGB").quantize(colors, dither=Image.Dither.NONE).save(file, optimize=True)
    print(f"{file}: {file.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", required=True)
    parser.add_argument("--screens", type=pathlib.Path)
    parser.add_argument("--assets", type=pathlib.Path)
    parser.add_argument("--direction", default="cat.principal.1")
    parser.add_argument("--anchor", type=int)
    chosen = parser.parse_args()
    driver = browser()
    try:
        page = Explorer(driver, chosen.address)
        if chosen.screens:
            screens(page, chosen.screens)
        if chosen.assets:
            assets(page, chosen.assets, chosen.direction, chosen.anchor)
    finally:
        driver.quit()
