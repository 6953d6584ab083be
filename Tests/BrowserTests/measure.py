#!/usr/bin/env python3
"""How fast the page is, in the browser of its tests. Nothing else should run meanwhile.

    measure.py --address URL [--rounds 5]

First picture: from the start of navigation until the first image of the strip is drawn. Frames: how often the map is
drawn anew while it is dragged and zoomed, and the page while a slider moves, in the middle and at the slowest of 100
frames. Chromium draws on the processor here; a screen's graphics unit is faster. The address is what `isda explore`
printed.
"""

import argparse
import math
import statistics

from explorer import Explorer, browser

FIRST_PICTURE = """
  const look = () => {
    const canvas = document.querySelector(".strip li:not(.empty) canvas");
    if (canvas && canvas.getContext("2d").getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data[3] > 0)
      window.firstPicture = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
"""

RECORD = """
  window.frames = [];
  window.recording = true;
  const step = time => { window.frames.push(time); if (window.recording) requestAnimationFrame(step); };
  requestAnimationFrame(step);
"""


def frames(page, kind, events=150):
    """Milliseconds between frames while events come as fast as the browser takes them."""
    left, top, width, height = page.js("""
      const box = document.querySelector(arguments[0]).getBoundingClientRect();
      return [box.left, box.top, box.width, box.height]""", ".slider.active .slider-range" if kind == "slider" else "#map canvas")
    x, y = left + width / 2, top + height / 2

    def mouse(name, dx=0.0, dy=0.0, **more):
        page.driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": name, "x": x + dx, "y": y + dy, **more})

    held = {"button": "left", "buttons": 1, "clickCount": 1}
    mouse("mouseMoved")
    if kind != "zoom":
        mouse("mousePressed", **held)
    page.js(RECORD)
    for k in range(events):
        angle = 2 * math.pi * k / 50
        if kind == "zoom":
            mouse("mouseWheel", deltaX=0, deltaY=-60 if math.sin(angle) > 0 else 60)
        else:
            mouse("mouseMoved", 0.3 * width * math.sin(angle), 0 if kind == "slider" else 40 * math.cos(angle), **held)
    times = page.js("window.recording = false; return window.frames")
    if kind != "zoom":
        mouse("mouseReleased", **held)
    page.settle()
    return [later - earlier for earlier, later in zip(times, times[1:])]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    driver = browser()
    try:
        page = Explorer(driver, arguments.address)
        page.resize(1280, 800)
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": FIRST_PICTURE})
        first = []
        for _ in range(arguments.rounds):
            page.open()
            first.append(page.js("return window.firstPicture"))
        print(f"first picture: median {statistics.median(first):.0f} ms, {min(first):.0f} to {max(first):.0f} ms")
        for kind in ["drag", "zoom", "slider"]:
            times = sorted(time for _ in range(arguments.rounds) for time in frames(page, kind))
            median, slow = statistics.median(times), times[int(0.99 * (len(times) - 1))]
            print(f"{kind}: {1000 / median:.0f} frames/s in the middle ({median:.1f} ms), 99th percentile {slow:.1f} ms")
    finally:
        driver.quit()


if __name__ == "__main__":
    main()
