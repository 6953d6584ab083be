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
FRAMES = 40


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


def assets(page, folder, state):
    """The page as it stands, and the hand on its way from −3 to +3 and back."""
    page.media(color_scheme="light")
    page.resize(1280, 800, density=1.5)
    page.open(f"&{state}&t=1.5")
    page.settle()
    page.screenshot(folder / "explorer.png")
    print(f"{folder / 'explorer.png'}: {(folder / 'explorer.png').stat().st_size / 1e6:.2f} MB")

    page.resize(1180, 800)
    page.open(f"&{state}&t=0")
    page.settle()
    frames = []
    for k in range(FRAMES):
        position = round(3 * math.sin(2 * math.pi * k / FRAMES), 1)
        page.js("""const r = document.querySelector(".slider.active .slider-range"); r.value = arguments[0];
          r.dispatchEvent(new Event("input", { bubbles: true }))""", position)
        page.wait(lambda: any(cell["step"] == position for cell in page.cells()[4:5]), "the strip")
        page.settle()
        box = page.js("""const a = document.querySelector("#walk").getBoundingClientRect(), b = document.querySelector(".chart").getBoundingClientRect();
          return [a.left, a.top, a.width, b.bottom - a.top + 8]""")
        picture = page.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "format": "png", "clip": dict(zip(["x", "y", "width", "height"], box)) | {"scale": 1}})
        frames.append(Image.open(io.BytesIO(base64.b64decode(picture["data"]))).convert("RGB"))
    # One palette for all frames: what does not change then has the same bytes, and a frame holds only what does.
    whole = Image.new("RGB", (frames[0].width, frames[0].height * 4))
    for place, frame in enumerate(frames[:: FRAMES // 4][:4]):
        whole.paste(frame, (0, place * frame.height))
    palette = whole.quantize(200, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    # The page is white, not the mean of what is nearly so.
    for frame in small:
        colors = frame.getpalette()
        for at in range(0, len(colors), 3):
            if min(colors[at : at + 3]) >= 248:
                colors[at : at + 3] = [255, 255, 255]
        frame.putpalette(colors)
    target = folder / "explorer-walk.png"
    small[0].save(target, save_all=True, append_images=small[1:], duration=110, loop=0, optimize=True)
    print(f"{target}: {target.stat().st_size / 1e6:.2f} MB, {len(frames)} frames of {frames[0].size}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", required=True)
    parser.add_argument("--screens", type=pathlib.Path)
    parser.add_argument("--assets", type=pathlib.Path)
    parser.add_argument("--state", default="class=0&d=cat.principal.1", help="what the assets show, as in the link")
    chosen = parser.parse_args()
    driver = browser()
    try:
        page = Explorer(driver, chosen.address)
        if chosen.screens:
            screens(page, chosen.screens)
        if chosen.assets:
            assets(page, chosen.assets, chosen.state)
    finally:
        driver.quit()
