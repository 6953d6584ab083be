"""Directions of one's own: groups, names, notes, ranges, two pages at a time, files."""

import json

import pytest

from explorer import Explorer, arrived, browser


def open_maker(page):
    page.press("d")
    page.wait(lambda: page.one("dialog[open]").is_displayed(), "the dialog")


def fill(page, label, value):
    field = page.js("""return [...document.querySelectorAll("dialog label")].find(l => l.textContent.trim() === arguments[0]).control""", label)
    if field.tag_name == "select":
        page.js("arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change'))", field, value)
    else:
        page.type(field, value)


def test_a_class_less_the_rest_is_saved_at_once(page, request):
    open_maker(page)
    fill(page, "Group A", "class 1")
    fill(page, "less group B", "rest")
    fill(page, "Name", "more of one")
    page.button("Save in the run folder").click()
    page.wait(lambda: page.direction() == "more of one", "a walk along it")
    page.settle()
    assert len(page.rows()) == 9
    assert "more of one" in page.listed()
    if not request.config.getoption("--address"):
        runs = request.getfixturevalue("runs")
        catalogue = json.loads((runs / "ce-s0/directions/catalogue.json").read_text())
        assert "more of one" in [entry.get("name") for entry in catalogue["directions"]]
    # It is there for whoever opens the page afterwards, and can be deleted.
    page.open()
    assert "more of one" in page.listed()
    page.js("[...document.querySelectorAll('.choose')].find(b => b.textContent === 'more of one').click()")
    page.settle()
    page.press("e")
    page.button("Delete").click()
    page.wait(lambda: "more of one" not in page.listed(), "its end")
    page.settle()
    assert len(page.rows()) == 9


def test_conditional_and_local(page):
    open_maker(page)
    fill(page, "Group A", "class 1")
    fill(page, "less group B", "class 2")
    page.js("""document.querySelector("dialog input[type=checkbox]").click()""")
    fill(page, "Conditional: project out", page.state()["d"][0])
    page.button("Try as a draft").click()
    page.wait(lambda: page.state()["d"][0].startswith("draft."), "a draft in the walk")
    page.settle()
    assert len(page.rows()) == 9
    assert "draft, not saved" in page.text(".directions tr.chosen")


def test_a_group_from_the_map(page):
    page.press("m", "right", "Space", "down", "Space", "left", "shift+Space")
    assert "A: 2 images" in page.text(".groups") and "B: 1 images" in page.text(".groups")
    page.button("Direction A − B …").click()
    page.button("Try as a draft").click()
    page.wait(lambda: page.state()["d"][0].startswith("draft."), "a draft in the walk")


def test_what_the_server_refuses_is_said_in_its_words(page):
    open_maker(page)
    fill(page, "Group A", "class 1")
    fill(page, "less group B", "class 1")
    fill(page, "Name", "nothing")
    page.button("Save in the run folder").click()
    page.wait(lambda: page.all("dialog .notice.problem"), "a reason")
    assert page.text("dialog .notice-title")
    page.press("Escape")
    page.driver.get_log("browser")  # the browser notes answers of 4xx itself


def test_name_note_and_range(page):
    page.press("j", "j")
    page.settle()
    page.press("e")
    fill(page, "Name", "how bright")
    fill(page, "Note", "up to 2")
    fill(page, "Useful from, σ", "-1.5")
    page.button("Save", "dialog").click()
    page.wait(lambda: page.direction() == "how bright", "the name at the slider")
    page.wait(lambda: "how bright" in page.listed(), "the name in the list")
    page.open()
    page.press("j", "j")
    page.settle()
    assert page.direction() == "how bright"
    page.press("e")
    field = lambda label: page.js("return [...document.querySelectorAll('dialog label')].find(l => l.textContent === arguments[0]).control.value", label)
    assert field("Note") == "up to 2" and float(field("Useful from, σ")) == -1.5
    fill(page, "Name", "")
    page.button("Save", "dialog").click()
    page.wait(lambda: "how bright" not in page.listed(), "its own name again")


def test_two_pages_at_a_time(page, address):
    """Who comes second sees what the first one wrote, and decides."""
    second = browser()
    try:
        other = Explorer(second, address)
        other.resize(1280, 800)
        other.open()
        for one in (page, other):
            one.press("j")
            one.settle()
            one.press("e")
        fill(page, "Name", "mine")
        page.button("Save", "dialog").click()
        page.wait(lambda: page.direction() == "mine", "the first name")
        fill(other, "Name", "theirs")
        other.button("Save", "dialog").click()
        other.wait(lambda: other.all("dialog .conflict"), "the conflict")
        assert "mine" in other.text("dialog .conflict")
        other.button("Write mine over it").click()
        other.wait(lambda: other.direction() == "theirs", "the second name")
        # The first page sees it without being opened again.
        page.wait(lambda: "theirs" in page.listed(), "the news", 12)
        for label in ["Name"]:
            other.press("e")
            fill(other, label, "")
            other.button("Save", "dialog").click()
        other.wait(lambda: not other.all("dialog"), "the end")
    finally:
        second.quit()


def test_export_and_import(page, downloads):
    # A direction that comes in takes the place of the one of its name, so it is one that no other test needs.
    page.open("&class=9&kinds=random")
    page.all(".directions tbody .choose")[0].click()
    page.settle()
    page.press("o")
    page.choose("#export-ids", "walked")
    page.button("JSON + safetensors").click()
    files = arrived(downloads, 2)
    assert {file.suffix for file in files} == {".json", ".safetensors"}
    listing = json.loads(next(file for file in files if file.suffix == ".json").read_text())
    assert [entry["id"] for entry in listing["directions"]] == [page.state()["d"][0]]
    page.one("#import-file").send_keys("\n".join(map(str, files)))
    page.button("Import").click()
    page.wait(lambda: "are in the run folder" in page.text("#toast"), "the end of the import")


@pytest.mark.parametrize("what", ["The walk", "The map", "The spectrum"])
@pytest.mark.parametrize("form, head", [("PNG", b"\x89PNG"), ("SVG", b"<?xml"), ("PDF", b"%PDF"), ("CSV", b"")])
def test_figures(page, downloads, what, form, head):
    page.press("o")
    page.button(f"{what} as {form}").click()
    file, = arrived(downloads)
    assert file.suffix == f".{form.lower()}" and file.read_bytes().startswith(head)
    if form == "CSV":
        assert file.read_text().count("\n") > 5 and "," in file.read_text()


def test_the_list_as_csv_and_the_command(page, downloads):
    page.press("o")
    page.button("The list of directions as CSV").click()
    file, = arrived(downloads)
    assert page.state()["d"][0] in file.read_text()
    page.button("Command for: The walk").click()
    command = page.wait(lambda: page.text("dialog .command code"), "the command")
    assert command.startswith("isda ") and page.state()["d"][0] in command and str(page.anchor()) in command
