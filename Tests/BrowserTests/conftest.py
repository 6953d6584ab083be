"""What the browser tests stand on: two small runs that are trained once, a server over a copy of them, and a browser.

    make browser-test
    Tests/BrowserTests/.venv/bin/pytest Tests/BrowserTests --isda .build/release/isda

`--address URL` tests a server that runs already, `--runs DIR` says where the trained runs are kept.
"""

import pathlib
import re
import shutil
import signal
import subprocess
import threading

import pytest

from explorer import Explorer, browser

ROOT = pathlib.Path(__file__).resolve().parents[2]


def pytest_addoption(parser):
    parser.addoption("--isda", default=str(ROOT / ".build/release/isda"), help="the command under test")
    parser.addoption("--runs", default=str(ROOT / "runs/browser"), help="where the trained runs are kept")
    parser.addoption("--address", help="a server that runs already, as `isda explore` printed it")


@pytest.fixture(scope="session")
def isda(request):
    command = pathlib.Path(request.config.getoption("--isda")).resolve()
    assert command.exists(), f"{command} is not there; build it with `swift build -c release --product isda`"
    return str(command)


@pytest.fixture(scope="session")
def trained(request, isda):
    """Baseline and ISDA, trained and analysed once and then kept."""
    folder = pathlib.Path(request.config.getoption("--runs"))
    for loss in ["ce", "isda"]:
        run = folder / f"{loss}-s0"
        if not (run / "directions/catalogue.json").exists():
            subprocess.run([isda, "train", "--dataset", "portraits", "--train-count", "2000", "--test-count", "1000",
                            "--network", "resnet8", "--loss", loss, "--epochs", "12", "--seed", "0", "--out", str(run),
                            "--overwrite", "--quiet"], check=True, stdout=subprocess.DEVNULL)
            subprocess.run([isda, "analyze", str(run), "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture(scope="session")
def runs(trained, tmp_path_factory):
    """A copy that tests may write into, and beside it a run that was never analysed."""
    folder = tmp_path_factory.mktemp("runs")
    for name in ["ce-s0", "isda-s0"]:
        shutil.copytree(trained / name, folder / name)
    shutil.copytree(trained / "ce-s0", folder / "unanalysed")
    for name in ["directions", "measures", "features"]:
        shutil.rmtree(folder / "unanalysed" / name, ignore_errors=True)
    return folder


class Server:
    """`isda explore` in a process of its own, on a port that is free."""

    def __init__(self, isda, *arguments):
        self.process = subprocess.Popen([isda, "explore", *map(str, arguments), "--no-open", "--port", "0"],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines = []
        self.address = None
        for line in self.process.stdout:
            self.lines.append(line)
            if found := re.search(r"http://\S+#token=[\w-]+", line):
                self.address = found.group()
                break
        assert self.address, "".join(self.lines)
        # Whoever writes into a pipe that nobody reads stops when it is full.
        threading.Thread(target=lambda: self.lines.extend(self.process.stdout), daemon=True).start()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)


@pytest.fixture(scope="session")
def start_server(request):
    """Starts servers, and ends at the end of all tests those that are still there."""
    servers = []

    def start(*arguments):
        servers.append(Server(request.getfixturevalue("isda"), *arguments))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="session")
def address(request):
    if given := request.config.getoption("--address"):
        return given
    runs = request.getfixturevalue("runs")
    start_server = request.getfixturevalue("start_server")
    return start_server(runs / "ce-s0", runs / "isda-s0", runs / "unanalysed").address


@pytest.fixture(scope="session")
def driver():
    driver = browser()
    yield driver
    driver.quit()


@pytest.fixture
def page(driver, address):
    """The page as it opens, at 1280 × 800; afterwards the console must be silent."""
    page = Explorer(driver, address)
    page.resize(1280, 800)
    page.media(color_scheme="light", reduced_motion="no-preference")
    page.open()
    yield page
    assert page.complaints() == []


@pytest.fixture
def downloads(page, tmp_path):
    page.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    return tmp_path
