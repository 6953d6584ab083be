"""The walk: what the hand moves, and what follows it."""

import pytest


def test_strip_lies_around_the_hand(page):
    steps = [cell["step"] for cell in page.cells()]
    assert steps == [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2]
    assert page.cells()[4]["row"] == page.anchor()
    assert len(set(page.rows() + page.rows(control=True))) == len(page.rows() + page.rows(control=True)) - 1  # the anchor


def test_dragging_the_slider_moves_strip_and_chart(page):
    before, chart = page.rows(), page.one(".chart-drawing").get_attribute("innerHTML")
    slider = page.one(".slider.active .slider-range")
    width, _ = page.size(slider)
    place = lambda position: 10 + (position + 6) / 12 * (width - 20)
    page.drag(slider, [(place(0), 12), (place(1), 12), (place(2), 12), (place(3), 12)])
    page.settle()
    assert page.position() == pytest.approx(3, abs=0.1)
    cells = page.cells()
    assert cells[4]["step"] == pytest.approx(3, abs=0.1)
    assert page.rows() != before
    # The images truly lie where the hand is, not at the anchor.
    assert cells[4]["achieved"] > 1
    assert sorted(cell["achieved"] for cell in cells)[4] > 1
    assert page.one(".chart-drawing").get_attribute("innerHTML") != chart
    assert float(page.state()["t"][0]) == page.position()


def test_under_each_image_stand_achieved_step_and_residual(page):
    page.press("right", "right", "right")
    page.settle()
    for cell, data in zip(page.all(".half .strip:not(.control) .cell"), page.cells()):
        lines = cell.text.split("\n")
        if lines == ["anchor"]:
            assert data["row"] == page.anchor() and data["off"] <= 0.05
            continue
        assert float(lines[0].replace("−", "-")) == data["achieved"]
        assert float(lines[1].replace("off ", "")) == data["off"]


def test_keys_step_by_tenths_and_by_whole_sigmas(page):
    for keys, position in [(["right"], 0.1), (["shift+right"] * 2, 2), (["left"], 1.9), (["0"], 0)]:
        page.press(*keys)
        page.settle()
        assert page.position() == pytest.approx(position, abs=0.011)
        assert page.cells()[4]["step"] == pytest.approx(position, abs=0.011)


def test_the_slider_ends_at_six(page):
    page.press(*["shift+right"] * 8)
    page.settle()
    assert page.position() == 6
    assert page.cells()[4]["step"] == 6


def test_a_number_can_be_typed(page):
    number = page.one(".slider.active .slider-number")
    page.type(number, "-2.5")
    page.press("Enter", "Tab")
    page.settle()
    assert page.position() == pytest.approx(-2.5, abs=0.011)
    assert page.cells()[4]["step"] == -2.5


def test_letters_switch_direction_and_anchor(page):
    first, anchor = page.direction(), page.anchor()
    page.press("j")
    page.settle()
    assert page.direction() == page.listed()[1] != first
    page.press("k")
    page.settle()
    assert page.direction() == first
    page.press("n")
    page.settle()
    assert page.anchor() != anchor
    assert page.cells()[4]["row"] == page.anchor()
    page.press("p")
    page.settle()
    assert page.anchor() == anchor


def test_an_image_of_the_strip_becomes_the_anchor(page):
    wanted = page.rows()[7]
    page.all(".half .strip:not(.control) .cell")[7].click()
    page.settle()
    assert page.anchor() == wanted
    assert page.cells()[4]["row"] == wanted


def test_two_directions_at_once(page):
    page.press("shift+right", "a")
    page.settle()
    sliders = page.all(".slider")
    assert len(sliders) == 2
    # The new one is in the hand, the old one keeps its place and its position.
    assert [float(value) for value in page.state()["t"]] == [0, 1]
    assert "active" in sliders[1].get_attribute("class")
    one = page.rows()
    assert page.anchor() not in one[4:5]  # the first direction has moved the point away from the anchor
    page.press("h")
    page.settle()
    assert "active" in page.all(".slider")[0].get_attribute("class")
    assert page.position() == 1
    page.press("x")
    page.settle()
    assert len(page.all(".slider")) == 1
    assert page.rows() != one


def test_query_and_spacing_change_the_strip(page):
    axis = page.rows()
    page.button("nearest").click()
    page.settle()
    assert page.state()["query"] == ["local"]
    assert page.rows() != axis
    page.press("q")
    page.settle()
    assert page.rows() == axis
    page.choose("#spacing", 1)
    page.settle()
    assert [cell["step"] for cell in page.cells()] == [-4, -3, -2, -1, 0, 1, 2, 3, 4]


def test_the_control_can_be_put_away(page):
    assert "random" in page.text(".control-title")
    assert page.rows(control=True)[:4] != page.rows()[:4]
    page.press("t")
    page.settle()
    assert page.rows(control=True) == []
    page.one("#control").click()
    page.settle()
    assert len(page.rows(control=True)) == 9


def test_chart_tells_where_the_class_changes(page):
    # Some direction of some class leaves it within ±6σ.
    for _ in range(12):
        if page.all(".chart-drawing .change"):
            break
        page.press("j")
        page.settle()
    line = page.one(".chart-drawing .change")
    words = page.text(".chart-legend .changes")
    assert " → " in words and " at " in words
    width = float(page.one(".chart-drawing").get_attribute("width"))
    step = (float(line.get_attribute("x1")) - 10) / (width - 20) * 12 - 6
    said = float(words.split(" · ")[0].split(" at ")[1].rstrip("σ").replace("−", "-"))
    assert step == pytest.approx(said, abs=0.02)
    # The hand on either side of the line is taken for the classes that the words name.
    before, after = words.split(" · ")[0].split(" at ")[0].split(" → ")
    for side, name in [(-0.15, before), (0.15, after)]:
        page.type(page.one(".slider.active .slider-number"), f"{step + side:.2f}")
        page.press("Enter", "Tab")
        page.settle()
        assert page.text(".chart-legend strong").startswith(name)


def test_the_chart_can_be_dragged(page):
    chart = page.one(".chart-drawing")
    width = float(chart.get_attribute("width"))
    page.drag(chart, [(width / 2, 60), (10 + 8 / 12 * (width - 20), 60)])
    page.settle()
    assert page.position() == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("latency", [80, 400])
def test_outrun_moves_leave_the_newest(page, latency):
    """Sixty moves in as many frames over a slow line: the page asks less often, and ends where the hand does."""
    slow = lambda latency: page.driver.execute_cdp_cmd("Network.emulateNetworkConditions", {
        "offline": False, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1})
    page.driver.execute_cdp_cmd("Network.enable", {})
    slow(latency)
    before = page.js("return performance.getEntriesByType('resource').filter(e => e.name.includes('/walk?')).length")
    page.driver.execute_async_script("""
      const done = arguments[0], range = document.querySelector(".slider.active .slider-range");
      let k = 0;
      const move = () => {
        range.value = ++k * 0.08;
        range.dispatchEvent(new Event("input", { bubbles: true }));
        if (k < 60) requestAnimationFrame(move); else done();
      };
      move();""")
    page.settle()
    slow(0)
    asked = page.js("return performance.getEntriesByType('resource').filter(e => e.name.includes('/walk?')).length") - before
    assert 1 <= asked < 40
    assert page.position() == pytest.approx(4.8, abs=0.011)
    assert page.cells()[4]["step"] == pytest.approx(4.8, abs=0.051)


def test_class_and_its_first_anchor(page):
    page.choose("#class-picker", 2)
    page.settle()
    name = page.js("const s = document.querySelector('#class-picker'); return s.options[s.selectedIndex].textContent")
    assert name in page.text(".anchor-text")
    assert page.state()["class"] == ["2"]
    assert page.state()["d"][0].startswith(f"{name}.principal.1")
    page.press("c")
    page.settle()
    assert page.state()["class"] == ["3"]


def test_every_state_is_a_link(page):
    page.press("j", "a", "shift+right", "right", "right", "q")
    page.choose("#spacing", 0.75)
    page.one("#filter").send_keys("direction")
    page.press("Escape")
    page.settle()
    before = (page.state(), page.rows(), page.position(), page.direction())
    link = page.js("return location.hash")
    page.driver.get("about:blank")
    page.driver.get(page.address.split("#")[0] + link)
    page.wait_for_walk()
    assert (page.state(), page.rows(), page.position(), page.direction()) == before
