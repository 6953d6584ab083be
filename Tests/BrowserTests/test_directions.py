"""The list of directions: columns, sorting, filters, kinds."""

import pytest


def test_columns_say_what_a_direction_is_worth(page):
    row = page.all(".directions tbody tr")[0]
    assert "%" in page.one(".column-share", row).text
    assert "95 % interval" in page.one(".share", row).get_attribute("title")
    assert page.one(".verdict .hidden", row).get_attribute("textContent") in ("stands out", "noise")
    assert 0 < page.column("stability")[0] <= 1
    assert 0 <= page.column("visible")[0] <= 100
    assert page.column("margin")[0] > 0


@pytest.mark.parametrize("name, label", [("share", "Share"), ("stability", "Stable"), ("visible", "Visible"), ("margin", "Margin")])
def test_sorting_by_a_column(page, name, label):
    page.one(f".directions thead .column-{name} button").click()
    page.wait(lambda: page.state().get("sort") == [f"-{name}"], "the link")
    numbers = [number for number in page.column(name) if number is not None]
    assert len(numbers) > 3 and numbers == sorted(numbers, reverse=True)
    # What has no number stands at the end.
    assert None not in page.column(name)[:len(numbers)]
    page.one(f".directions thead .column-{name} button").click()
    page.wait(lambda: page.state().get("sort") == [name], "the link")
    numbers = [number for number in page.column(name) if number is not None]
    assert numbers == sorted(numbers)
    assert page.one(f".directions thead .column-{name}").get_attribute("aria-sort") == "ascending"


def test_filter_by_words_and_numbers(page):
    everything = page.listed()
    page.one("#filter").send_keys("share>5 stability>0.5")
    page.wait(lambda: len(page.listed()) < len(everything), "fewer directions")
    assert all(share > 5 for share in page.column("share"))
    assert all(value >= 0.5 for value in page.column("stability"))
    assert f"of {len(everything)}" in page.text("#directions .count")
    page.type(page.one("#filter"), "margin<")
    page.wait(lambda: "no comparison" in page.text("#filter-help"), "what is wrong with it")
    page.type(page.one("#filter"), "nothing is called so")
    page.wait(lambda: page.listed() == [], "an empty list")
    page.button("Show all").click()
    page.wait(lambda: page.listed() == everything, "all again")


def test_verdict_and_kinds(page):
    everything = len(page.listed())
    page.choose("#verdict", "stands-out")
    page.wait(lambda: len(page.listed()) < everything, "fewer directions")
    assert set(page.js("return [...document.querySelectorAll('.directions tbody .verdict')].map(v => v.title.split(',')[0])")) == {"Stands out from noise"}
    page.choose("#verdict", "")
    for kind, sign in [("pooled", "pooled"), ("attributes", "with"), ("random", "andom"), ("between classes", "")]:
        page.button(kind, ".kinds").click()
        page.wait(lambda: 0 < len(page.listed()) < everything, kind)
        page.button(kind, ".kinds").click()
        page.wait(lambda: len(page.listed()) == everything, "all again")


def test_choosing_and_adding(page):
    page.press("shift+right")
    page.all(".directions tbody tr")[3].click()
    page.settle()
    assert page.direction() == page.listed()[3]
    assert page.position() == 1  # the hand stays where it is
    page.all(".directions tbody tr")[5].find_element("css selector", ".column-act button:last-child").click()
    page.settle()
    assert len(page.all(".slider")) == 2 and page.direction() == page.listed()[5]
    assert page.all(".directions tbody tr")[3].get_attribute("class") == "also"


def test_arrows_in_the_list(page):
    page.one(".directions tr.chosen .choose").click()
    page.press("down", "down")
    page.settle()
    assert page.direction() == page.listed()[2]
    assert page.js("return document.activeElement.textContent") == page.listed()[2]
