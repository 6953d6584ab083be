"""The page as a whole: keys, widths, light and dark, accessibility, and what it says when something is wrong."""

import pathlib
import subprocess

import axe_playwright_python
import pytest

from explorer import Explorer

AXE = pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js"  # axe-core itself; its driver is not used


def violations(page):
    page.js(AXE.read_text())
    found = page.driver.execute_async_script("""
      const done = arguments[0];
      axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then(result =>
        done(result.violations.map(v => ({ id: v.id, impact: v.impact, nodes: v.nodes.map(n => n.html.slice(0, 160)) }))))""")
    return [violation for violation in found if violation["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("fragment", ["", "&beside=1"])
def test_accessibility(page, scheme, fragment):
    page.media(color_scheme=scheme)
    page.open(fragment)
    assert violations(page) == []
    for key in ["?", "o", "d", "e"]:
        page.press(key)
        assert page.one("dialog[open]").is_displayed()
        assert violations(page) == [], key
        page.press("Escape")
        page.wait(lambda: not page.all("dialog"), "the dialog's end")


@pytest.mark.parametrize("width", [360, 720, 1100, 1280, 1900, 2560])
@pytest.mark.parametrize("fragment", ["", "&beside=1"])
def test_nothing_is_wider_than_the_page(page, width, fragment):
    page.resize(width, 800)
    page.open(fragment)
    assert page.js("return document.documentElement.scrollWidth") <= width
    outside = page.js("""return [...document.querySelectorAll("button, select, input, canvas, h2, .cell")].filter(e => {
      const box = e.getBoundingClientRect();
      return e.checkVisibility() && box.width > 1 && !e.closest(".table-room, .command, .legend, .hidden") && (box.right > innerWidth + 1 || box.left < -1);
    }).map(e => e.outerHTML.slice(0, 120))""")
    assert outside == []
    assert len(page.rows()) == 9


def test_images_are_enlarged_by_whole_pixels(page):
    width = page.js("return document.querySelector('.strip .cell canvas').width")
    assert width % 32 == 0 and width >= 32


def test_light_and_dark(page):
    background = lambda: page.js("return getComputedStyle(document.documentElement).backgroundColor")
    light = background()
    page.press("g")
    page.wait(lambda: background() != light, "another background")
    assert page.wait(lambda: page.state().get("theme"), "the link") == ["dark"]
    page.media(color_scheme="dark")
    page.open()
    assert background() != light


def test_reduced_motion(page):
    page.media(reduced_motion="reduce")
    page.open()
    assert page.js("return getComputedStyle(document.getElementById('toast')).transitionDuration") == "0s"


def test_focus_is_seen_wherever_it_goes(page):
    seen = set()
    for _ in range(60):
        page.press("Tab")
        outline, name, tag = page.js("""const e = document.activeElement, s = getComputedStyle(e);
          return [s.outlineStyle + " " + s.outlineWidth, e.ariaLabel ?? e.title ?? e.textContent, e.tagName]""")
        if tag == "BODY":
            break
        assert outline.startswith(("solid", "auto")) and outline != "solid 0px", (tag, name, outline)
        seen.add((tag, name))
    assert len(seen) > 20


def test_the_list_of_keys(page):
    page.press("?")
    words = page.text("dialog")
    for part in ["next direction", "next anchor", "0.1σ on", "lasso", "take away"]:
        assert part in words
    page.one("#letters").click()
    page.press("Escape")
    before = page.direction()
    page.press("j")
    page.settle()
    assert page.direction() == before
    page.press("?")
    page.one("#letters").click()
    page.press("Escape", "j")
    page.settle()
    assert page.direction() != before


def test_typing_into_a_field_is_no_command(page):
    before = page.direction()
    page.one("#filter").send_keys("jjj")
    assert page.direction() == before
    assert page.one("#filter").get_attribute("value") == "jjj"


def test_a_run_without_analysis_says_what_to_run(page):
    page.open("&run=2", wait=False)
    page.wait(lambda: "isda analyze" in page.text("#states"), "the command")
    assert not page.one("#page").is_displayed()
    page.choose("#run", 0)
    page.wait_for_walk()
    assert page.one("#page").is_displayed() and page.text("#states") == ""


def test_without_token(page):
    page.driver.get("about:blank")
    page.driver.get(page.address.split("#")[0])
    page.wait(lambda: "needs the link" in page.text("#failure"), "words")
    page.driver.get_log("browser")  # the browser notes the 401 itself


def test_a_wrong_link_is_mended(page):
    page.open("&class=99&anchor=99999999&d=no.such.direction&t=50&query=quick&spacing=-1&view=a,b")
    assert len(page.rows()) == 9
    assert page.direction() == page.listed()[0]


def test_a_server_that_ends_and_comes_back(driver, start_server, request):
    if request.config.getoption("--address"):
        pytest.skip("this test ends its server")
    server = start_server(request.getfixturevalue("runs") / "ce-s0")
    page = Explorer(driver, server.address)
    page.resize(1280, 800)
    page.open()
    assert server.stop() == 130
    page.press("shift+right")
    page.wait(lambda: "does not answer" in page.text(".half"), "words")
    page.wait(lambda: "isda explore" in page.text("#failure"), "what to do", 10)
    driver.get("about:blank")
    driver.get_log("browser")


@pytest.fixture(scope="module")
def static_file(request, tmp_path_factory):
    if request.config.getoption("--address"):
        pytest.skip("a static file needs the command")
    runs = request.getfixturevalue("runs")
    file = tmp_path_factory.mktemp("static") / "walks.html"
    subprocess.run([request.getfixturevalue("isda"), "explore", runs / "ce-s0", runs / "isda-s0", "--static", file, "--quiet"], check=True)
    return file


def test_a_static_file_walks_without_a_server(driver, static_file):
    assert static_file.stat().st_size < 25e6
    page = Explorer(driver, static_file.as_uri() + "#")
    page.resize(1280, 800)
    page.open()
    before = page.rows()
    assert len(before) == 9
    page.press("shift+right", "shift+right")
    page.settle()
    assert page.rows() != before and page.position() == 2
    page.press("j")
    page.settle()
    assert page.direction() == page.listed()[1]
    page.press("n")
    page.settle()
    page.press("b")
    page.wait(lambda: page.rows("right"), "the other run")
    page.settle()
    page.press("o")
    assert "static file" in page.text("dialog")
    assert violations(page) == []
    page.press("Escape")
    assert page.colors(".strip canvas") > 20
    requests = page.js("return performance.getEntriesByType('resource').map(e => e.name).filter(n => !n.startsWith('data:') && !n.startsWith('blob:'))")
    assert requests == []
    assert page.complaints() == []
