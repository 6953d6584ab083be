"""The map: density far away, images near by, an image under the pointer, an anchor, a group."""

import re
import time

from selenium.webdriver.common.keys import Keys


def hover_somewhere(page):
    """Moves the pointer over the map until there is an image under it; its place on the canvas."""
    canvas = page.one("#map canvas")
    width, height = page.size(canvas)
    for x, y in [(width * i / 12, height * j / 12) for j in (6, 5, 7, 4, 8) for i in (6, 5, 7, 4, 8, 3, 9)]:
        page.hover(canvas, x, y)
        time.sleep(0.06)
        if page.one(".card").is_displayed():
            return canvas, x, y
    raise AssertionError("no image under any of these places")


def test_hover_tells_image_label_prediction_and_confidence(page):
    canvas, x, y = hover_somewhere(page)
    words = page.text(".card")
    assert re.search(r"predicted \w+ [<>]?\d+ %", words) and re.search(r"image \d+", words)
    page.wait(lambda: page.colors(".card canvas") > 8, "the image in the card")


def test_click_makes_the_anchor(page):
    canvas, x, y = hover_somewhere(page)
    row = int(re.search(r"image (\d+)", page.text(".card")).group(1))
    page.drag(canvas, [(x, y)])
    page.settle()
    assert page.anchor() == row
    assert page.state()["anchor"] == [str(row)]
    assert row in page.rows() or page.position() != 0


def test_wheel_and_buttons_zoom_and_images_take_over(page):
    far = page.pixels()
    page.button("Closer (+)").click()
    page.button("Closer (+)").click()
    page.wait(lambda: page.pixels() != far, "another picture")
    scale = float(page.wait(lambda: page.state().get("view"), "the view in the link")[0].split(",")[2])
    assert scale == 2.25
    canvas = page.one("#map canvas")
    page.js("""arguments[0].dispatchEvent(new WheelEvent("wheel", { deltaY: -600, bubbles: true, cancelable: true, ctrlKey: false,
      clientX: arguments[0].getBoundingClientRect().left + 100, clientY: arguments[0].getBoundingClientRect().top + 100 }))""", canvas)
    page.wait(lambda: float(page.state()["view"][0].split(",")[2]) > 3, "a closer view")
    page.button("All images (Home)").click()
    page.wait(lambda: "view" not in page.state(), "the whole view")


def test_dragging_moves_the_map(page):
    before = page.pixels()
    canvas = page.one("#map canvas")
    page.drag(canvas, [(200, 150), (230, 160), (280, 170)])
    page.wait(lambda: page.pixels() != before, "another picture")
    x, y, scale = map(float, page.wait(lambda: page.state().get("view"), "the view")[0].split(","))
    assert x < 0 and y > 0 and scale == 1


def test_planes(page):
    pca = page.pixels()
    assert "component 1" in page.text("#map figcaption")
    page.button("t-SNE").click()
    page.wait(lambda: "distances between groups mean nothing" in page.text("#map figcaption"), "the other plane")
    page.wait(lambda: page.pixels() != pca, "another picture")
    assert page.state()["map"] == ["tsne"]


def test_lasso_makes_groups(page):
    canvas = page.one("#map canvas")
    width, height = page.size(canvas)
    page.button("Lasso: draw around images (l, or drag with Shift)").click()
    around = lambda a, b: [(width * a, 4), (width * b, 4), (width * b, height - 4), (width * a, height - 4), (width * a, 4)]
    page.drag(canvas, around(0.02, 0.5))
    caught = int(re.search(r"([\d,]+) images", page.text(".lasso-bar")).group(1).replace(",", ""))
    assert caught > 10
    page.button("to A").click()
    assert f"A: {caught} images" in page.text(".groups").replace(",", "")
    page.drag(canvas, around(0.5, 0.98), Keys.SHIFT)
    other = int(re.search(r"([\d,]+) images", page.text(".lasso-bar")).group(1).replace(",", ""))
    page.button("to B").click()
    total = page.js("return document.querySelector('#map canvas').getAttribute('aria-label')")
    # Both halves together are all images, but for those under the lines.
    assert caught + other > 0.97 * int(re.search(r"Map of (\d+)", total).group(1))
    page.button("Empty group A").click()
    assert "A: empty" in page.text(".groups")


def test_keyboard_goes_from_image_to_image(page):
    page.press("m", "right")
    page.wait(lambda: page.one(".card").is_displayed(), "the card")
    first = page.text(".card")
    page.press("down")
    page.wait(lambda: page.text(".card") != first, "the next image")
    row = int(re.search(r"image (\d+)", page.text(".card")).group(1))
    page.press("Space")
    assert "A: 1 images" in page.text(".groups")
    page.press("Enter")
    page.settle()
    assert page.anchor() == row
    assert f"Image {row}" in page.js("return document.getElementById('announcement').textContent")


def test_legend_shows_where_a_class_lies(page):
    before = page.pixels()
    page.all(".legend button")[0].click()
    page.wait(lambda: page.pixels() != before, "the others fainter")
    assert page.all(".legend button")[0].get_attribute("aria-pressed") == "true"
    page.all(".legend button")[0].click()


def test_the_walk_stands_on_the_map(page):
    before = page.pixels()
    page.press("shift+right", "shift+right")
    page.settle()
    page.wait(lambda: page.pixels() != before, "the beads at other images")
