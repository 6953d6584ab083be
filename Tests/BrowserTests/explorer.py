"""The page as tests see it: what stands on it, in the words of the page, and what a hand can do to it."""

import base64
import re
import time

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

ARROWS = {"left": Keys.ARROW_LEFT, "right": Keys.ARROW_RIGHT, "up": Keys.ARROW_UP, "down": Keys.ARROW_DOWN}


def browser():
    """Debian's Chromium without a window."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
                     "--force-device-scale-factor=1", "--hide-scrollbars", "--no-first-run", "--disable-extensions",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))


def arrived(folder, count=1, seconds=30):
    """So many files that the page has given to be kept."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        files = [file for file in folder.iterdir() if file.suffix != ".crdownload"]
        if len(files) >= count:
            return sorted(files)
        time.sleep(0.1)
    raise AssertionError(f"{count} files did not arrive in {folder}")


class Explorer:
    def __init__(self, driver, address):
        self.driver, self.address = driver, address

    # Opening

    def open(self, fragment="", wait=True):
        """The page with a state; `fragment` is what follows the token."""
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self.driver.get(self.address + fragment)
        if wait:
            self.wait_for_walk()

    def resize(self, width, height, density=1, touch=False):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": density, "mobile": touch})

    def media(self, **features):
        """For instance `color_scheme="dark", reduced_motion="reduce"`."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-" + name.replace("_", "-"), "value": value} for name, value in features.items()]})

    def complaints(self):
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    # Waiting

    def wait(self, condition, what, seconds=15):
        """Until the condition holds; gives back what it gave."""
        end = time.monotonic() + seconds
        while True:
            try:
                if value := condition():
                    return value
            except Exception as error:  # an element that was just replaced
                if time.monotonic() > end:
                    raise AssertionError(f"waited for {what}: {error}") from error
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds} s for {what}")
            time.sleep(0.03)

    def wait_for_walk(self):
        self.wait(lambda: any(self.rows()), "a strip of images", 40)
        self.settle()

    def settle(self):
        """Until nothing is asked, no image is missing, and three looks see the same, the link too."""
        before, equal = None, 0
        for _ in range(200):
            now = self.js("""
              const probe = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
              const isEmpty = c => {
                probe.clearRect(0, 0, 1, 1);
                probe.drawImage(c, c.width / 2, c.height / 2, 1, 1, 0, 0, 1, 1);
                return probe.getImageData(0, 0, 1, 1).data[3] === 0;
              };
              if ([...document.querySelectorAll(".strip li:not(.empty) canvas")].some(isEmpty)) return performance.now();
              return JSON.stringify([...document.querySelectorAll(".strip .cell")].map(cell => cell.ariaLabel ?? cell.getAttribute("aria-label")))
                + location.hash + [...document.querySelectorAll("[aria-busy=true]")].map(() => performance.now())""")
            equal = equal + 1 if now == before else 0
            if equal == 2:
                return
            before = now
            time.sleep(0.12)

    # Looking

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def all(self, selector, within=None):
        return (within or self.driver).find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector, within=None):
        return (within or self.driver).find_element(By.CSS_SELECTOR, selector)

    def button(self, text, within="body"):
        """The visible button that is called so."""
        button = self.js("""return [...document.querySelectorAll(`${arguments[0]} button`)].find(button => button.checkVisibility()
          && [button.innerText.trim(), button.getAttribute("aria-label")].includes(arguments[1]))""", within, text)
        assert button, f"no button {text!r} in {within}"
        return button

    def text(self, selector):
        return self.one(selector).text

    def state(self):
        """The link's parts, lists for those that repeat. The page writes it a quarter of a second after a change."""
        parts = {}
        time.sleep(0.35)
        for pair in self.js("return location.hash").lstrip("#").split("&"):
            key, _, value = pair.partition("=")
            parts.setdefault(key, []).append(self.js("return decodeURIComponent(arguments[0])", value))
        return parts

    def cells(self, side="left", control=False):
        """The cells of a strip: row, wanted and achieved step, distance off the axis, label and prediction."""
        kind = ".strip.control" if control else ".strip:not(.control)"
        labels = self.js("""return [...document.querySelectorAll(arguments[0])].filter(cell => cell.offsetParent)
          .map(cell => cell.getAttribute("aria-label"))""", f".half[data-side={side}] {kind} .cell")
        pattern = re.compile(r"At (\S+)σ: image (\d+), (.+), predicted (.+) (\S+ %), truly (\S+)σ along and (\S+)σ off")
        found = []
        for label in labels:
            if match := pattern.match(label or ""):
                step, row, name, predicted, _, achieved, off = match.groups()
                number = lambda text: float(text.replace("−", "-"))
                found.append({"step": number(step), "row": int(row), "label": name, "predicted": predicted,
                              "achieved": number(achieved), "off": number(off)})
        return found

    def rows(self, side="left", control=False):
        return [cell["row"] for cell in self.cells(side, control)]

    def position(self):
        """Where the active slider stands."""
        return float(self.js("return document.querySelector('.slider.active .slider-range').value"))

    def direction(self):
        return self.text(".slider.active .slider-name")

    def listed(self):
        """The names in the list of directions, from above."""
        return self.js("return [...document.querySelectorAll('.directions tbody .choose')].map(b => b.textContent)")

    def column(self, name):
        """The numbers of a column, None where there is none."""
        texts = self.js("return [...document.querySelectorAll(`.directions tbody .column-${arguments[0]}`)].map(c => c.innerText)", name)
        found = [re.search(r"[−-]?\d+(\.\d+)?", text) for text in texts]
        return [float(match.group().replace("−", "-")) if match else (float("inf") if "never" in text else None)
                for match, text in zip(found, texts)]

    def anchor(self):
        return int(re.search(r"image (\d+)", self.text(".anchor-text")).group(1))

    def pixels(self, selector="#map canvas"):
        """A canvas as bytes, to see whether it changed."""
        return self.js("return document.querySelector(arguments[0]).toDataURL()", selector)

    def colors(self, selector):
        """How many different values the pixels of a canvas have: 1 for an empty one, many for an image."""
        return self.js("""const c = document.querySelector(arguments[0]);
          const probe = new OffscreenCanvas(c.width, c.height).getContext("2d", { willReadFrequently: true });
          probe.drawImage(c, 0, 0);
          return new Set(probe.getImageData(0, 0, c.width, c.height).data).size""", selector)

    # Doing

    def press(self, *keys):
        """Keys one after the other: letters, or `left`, `shift+right`, `Escape`."""
        for key in keys:
            *modifiers, name = key.split("+") if len(key) > 1 else [key]
            chain = ActionChains(self.driver)
            for _ in modifiers:
                chain.key_down(Keys.SHIFT)
            chain.send_keys(ARROWS.get(name) or getattr(Keys, name.upper(), None) or name)
            for _ in modifiers:
                chain.key_up(Keys.SHIFT)
            chain.perform()

    def drag(self, target, path, modifier=None):
        """The mouse over an element along places in its own coordinates, from the upper left corner."""
        left, top = self.js("const b = arguments[0].getBoundingClientRect(); return [b.left, b.top]", target)
        if modifier:
            ActionChains(self.driver).key_down(modifier).perform()
        chain = ActionChains(self.driver, duration=20)
        pointer = chain.w3c_actions.pointer_action
        pointer.move_to_location(round(left + path[0][0]), round(top + path[0][1]))
        pointer.pointer_down()
        for x, y in path[1:]:
            pointer.move_to_location(round(left + x), round(top + y))
        pointer.pointer_up()
        chain.perform()
        if modifier:
            ActionChains(self.driver).key_up(modifier).perform()

    def hover(self, target, x, y):
        left, top = self.js("const b = arguments[0].getBoundingClientRect(); return [b.left, b.top]", target)
        chain = ActionChains(self.driver, duration=20)
        chain.w3c_actions.pointer_action.move_to_location(round(left + x), round(top + y))
        chain.perform()

    def size(self, element):
        return self.js("return [arguments[0].clientWidth, arguments[0].clientHeight]", element)

    def type(self, element, text):
        element.clear()
        element.send_keys(text)

    def choose(self, selector, value):
        self.js("""const s = arguments[0]; s.value = arguments[1];
          s.dispatchEvent(new Event("change", { bubbles: true }))""", self.one(selector), str(value))

    def screenshot(self, path, full=False):
        """What is seen, or the whole page."""
        options = {"format": "png"}
        if full:
            width, height = self.js("return [innerWidth, Math.max(innerHeight, document.documentElement.scrollHeight)]")
            options |= {"captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}}
        picture = self.driver.execute_cdp_cmd("Page.captureScreenshot", options)
        path.write_bytes(base64.b64decode(picture["data"]))
