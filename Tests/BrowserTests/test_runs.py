"""Two runs side by side: one hand, one anchor, partners of directions."""

import csv

import pytest

from explorer import arrived


@pytest.fixture
def both(page):
    page.press("b")
    page.wait(lambda: page.rows("right"), "the other run's strip")
    page.settle()
    return page


def test_both_runs_walk_from_one_anchor(both):
    assert both.state()["beside"] == ["1"]
    assert both.rows("left")[4] == both.rows("right")[4] == both.anchor()
    titles = both.js("return [...document.querySelectorAll('.half-title')].map(h => h.textContent)")
    assert "cross-entropy" in titles[0] and "ISDA" in titles[1]
    left, right = both.all(".half")
    assert left.location["x"] < right.location["x"] and left.location["y"] == right.location["y"]


def test_one_slider_moves_both(both):
    before = both.rows("left"), both.rows("right")
    both.press("shift+right", "shift+right")
    both.settle()
    left, right = both.cells("left"), both.cells("right")
    assert len(both.all(".slider")) == 1
    assert [cell["step"] for cell in left] == [cell["step"] for cell in right]
    assert both.rows("left") != before[0] and both.rows("right") != before[1]
    # Whatever the sign of the partner, to the right is onwards in both.
    for cells in (left, right):
        assert cells[-1]["achieved"] > cells[0]["achieved"]


def test_partners_are_named_and_sorted_by(both):
    assert "r = " in both.text(".half[data-side=right] .along")
    both.one(".directions thead .column-match button").click()
    both.wait(lambda: both.state().get("sort") == ["-match"], "the link")
    numbers = [number for number in both.column("match") if number is not None]
    assert len(numbers) > 3 and numbers == sorted(numbers, reverse=True)


def test_a_direction_without_partner_says_so(both):
    """A draft is of one run only."""
    both.press("d")
    both.button("Try as a draft").click()
    both.wait(lambda: "no partner" in both.text(".half[data-side=right]"), "words")
    assert both.rows("right") == [] and len(both.rows("left")) == 9
    both.press("j")
    both.wait(lambda: both.rows("right"), "a direction with a partner again")


def test_swapping(both):
    left, right = both.js("return [...document.querySelectorAll('.half-title')].map(h => h.textContent)")
    both.press("s")
    both.wait(lambda: both.js("return document.querySelector('.half-title').textContent") == right, "the other one left")
    both.settle()
    assert both.state()["run"] == ["1"] and both.state()["beside"] == ["0"]
    assert both.js("return document.querySelectorAll('.half-title')[1].textContent") == left


def test_two_maps(both):
    assert len(both.all("#map canvas.map-canvas")) == 2
    captions = both.js("return [...document.querySelectorAll('#map figcaption strong')].map(c => c.textContent)")
    assert "cross-entropy" in captions[0] and "ISDA" in captions[1]
    both.press("b")
    both.wait(lambda: len(both.all("#map canvas.map-canvas")) == 1, "one map")
    assert len(both.all(".half")) == 1


def test_choosing_the_other_run(page):
    before = page.rows()
    page.choose("#run", 1)
    page.wait(lambda: page.state()["run"] == ["1"], "the link")
    page.settle()
    page.press("shift+right")
    page.settle()
    assert page.rows() != before


def test_what_is_taken_away_is_what_stands_there(both, downloads):
    """The other run's strip too, along the partner and from its end."""
    both.press("o")
    both.button("The walk as CSV").click()
    file, = arrived(downloads)
    with file.open() as text:
        rows = list(csv.DictReader(text))
    for side, run in zip(["left", "right"], dict.fromkeys(row["run"] for row in rows)):
        mine = [row for row in rows if row["run"] == run]
        walked = [int(row["row"]) for row in mine if row["direction"] == mine[0]["direction"]]
        assert walked == both.rows(side)
    both.button("Command for: The walk").click()
    command = both.wait(lambda: both.text("dialog .command code"), "the command")
    assert " --partner " in command
