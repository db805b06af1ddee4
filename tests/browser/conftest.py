"""A real JupyterLab on a copy of the built project, and a headless browser to use it with."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BIN = Path(sys.executable).parent
ENV_FILE = "env.ci.yaml"
START_TIMEOUT = 60
TIMEOUT_MS = 30_000
RUN_TIMEOUT_MS = 100_000
SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Ends when the kernel of the notebook in front has said what it is, and the notebook has noted it.
KERNEL_INFO = """async () => {
  const context = window.jupyterapp.shell.currentWidget.context.sessionContext;
  await context.ready;
  await context.session.kernel.info;
  await new Promise(requestAnimationFrame);
}"""
# No questions about news, and every cell in the page however long the notebook is.
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}


class Lab:
    """One page of JupyterLab, used as a person would."""

    def __init__(self, page: Page, url: str, token: str) -> None:
        self.page = page
        self.url = url
        self.token = token

    @property
    def panel(self) -> Locator:
        """The notebook that is in front."""
        return self.page.locator(".jp-NotebookPanel:visible")

    @property
    def tab(self) -> Locator:
        """The tab of what is in front."""
        return self.page.locator("#jp-main-dock-panel .lm-TabBar-tab.jp-mod-current")

    def address(self, notebook: str) -> str:
        """Return the address that opens a notebook in a workspace of its own."""
        return f"{self.url}lab/tree/{notebook}?token={self.token}&reset"

    def open(self, notebook: str) -> None:
        """Open a notebook by its path, and wait until its kernel is there."""
        folder, _, name = notebook.rpartition("/")
        self.page.goto(self.address(notebook))
        self.page.locator(f".jp-BreadCrumbs-item[title='{folder}']").wait_for()
        self._wait_for(name)

    def open_beside(self, name: str) -> None:
        """Open another notebook of the same folder by a double click in the file browser."""
        self.page.locator(".jp-DirListing-item", has_text=name).dblclick()
        self._wait_for(name)

    def _wait_for(self, name: str) -> None:
        expect(self.tab).to_contain_text(name)
        self.panel.locator(".jp-Cell").first.wait_for()
        self.page.evaluate(KERNEL_INFO)

    def save(self, notebook: str) -> None:
        """Press Ctrl+S, and wait until the server has written the file."""
        self.panel.locator(".jp-Cell .jp-InputPrompt").first.click()
        with self.page.expect_response(
            lambda answer: (
                answer.request.method == "PUT" and f"/api/contents/{notebook}" in answer.url
            )
        ) as saved:
            self.page.keyboard.press("Control+s")
        assert saved.value.ok, saved.value.status
        expect(self.tab).not_to_have_class(re.compile("jp-mod-dirty"))

    def console(self, *lines: str) -> str:
        """Open a console on the notebook's own kernel, run lines in it; what they printed."""
        self.panel.locator(".jp-Cell .jp-InputPrompt").first.click(button="right")
        self._choose("New Console for Notebook")
        prompt = self.page.locator(".jp-CodeConsole-promptCell .cm-content")
        for count, line in enumerate(lines, start=1):
            prompt.click()
            self.page.keyboard.type(line)
            self.page.keyboard.press("Shift+Enter")
            done = self.page.locator(".jp-CodeConsole-content .jp-InputPrompt", has_text="]:")
            expect(done.nth(count - 1)).to_have_text(re.compile(r"\[\d+\]:"))
        output = self.page.locator(".jp-CodeConsole-content .jp-OutputArea-output")
        return "\n".join(output.all_inner_texts())

    def run_all(self) -> None:
        """Run all cells, and wait for the last one."""
        self.panel.locator(".jp-Cell .jp-InputPrompt").first.click()
        self.page.locator("#jp-MainMenu .lm-MenuBar-item", has_text="Run").click()
        self._choose("Run All Cells")
        last = self.panel.locator(".jp-CodeCell .jp-InputPrompt").last
        expect(last).to_have_text(re.compile(r"\[\d+\]:"), timeout=RUN_TIMEOUT_MS)

    def append(self, text: str) -> None:
        """Type at the end of the last code cell."""
        self.panel.locator(".jp-CodeCell .cm-content").last.click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text)

    def _choose(self, label: str) -> None:
        exact = re.compile(f"^{re.escape(label)}$")
        self.page.locator(".lm-Menu-itemLabel", has_text=exact).click()


@pytest.fixture(scope="session")
def project(ci_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the built project that the tests in this folder may change."""
    target = tmp_path_factory.mktemp("browser").resolve() / "project"
    shutil.copytree(ci_project, target)
    return target


@pytest.fixture(scope="session")
def build(project: Path) -> Callable[[], dict[str, bool]]:
    """Run stock ``ploomber build``: for each step whether it ran."""
    return lambda: run_build(project)


def run_build(folder: Path) -> dict[str, bool]:
    run = subprocess.run(
        [BIN / "ploomber", "build"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    table = re.findall(r"^(\S+) +(True|False) ", run.stdout, re.MULTILINE)
    return {name: ran == "True" for name, ran in table}


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    chosen = {"PLOOMBER_STATS_ENABLED": "false", "PLOOMBER_ENV_FILENAME": ENV_FILE}
    # As in the Makefile: sums keep their last digit.
    chosen |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return {**kept, **chosen, **more}


@contextmanager
def run_server(python: Path, project: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """Run JupyterLab by the Python of an environment; its address and token."""
    for name, values in SETTINGS.items():
        file = folder / "config/lab/user-settings/@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    # The user's own configuration has no say here.
    places = {key: str(folder / key.lower()) for key in ("CONFIG", "DATA", "RUNTIME")}
    own = {f"JUPYTER_{key}_DIR": place for key, place in places.items()}
    options = ["--no-browser", "--allow-root", "--ServerApp.port=0", "--ServerApp.ip=127.0.0.1"]
    options.append("--LabApp.expose_app_in_browser=True")
    log = folder / "log"
    with log.open("w") as stream:
        server = subprocess.Popen(
            [python, "-m", "jupyterlab", *options, f"--ServerApp.root_dir={project}"],
            cwd=project,
            env=environment(IPYTHONDIR=str(folder / "ipython"), **own),
            stdout=stream,
            stderr=stream,
        )
    try:
        yield wait_for_server(server, folder / "runtime", log)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(START_TIMEOUT)


def wait_for_server(server: subprocess.Popen[bytes], runtime: Path, log: Path) -> tuple[str, str]:
    """Return where a server listens once it does."""
    note = runtime / f"jpserver-{server.pid}.json"
    end = time.monotonic() + START_TIMEOUT
    while time.monotonic() < end and server.poll() is None:
        with suppress(OSError, ValueError):
            said = json.loads(note.read_text(encoding="utf-8"))
            address = f"http://127.0.0.1:{said['port']}/"
            with urllib.request.urlopen(f"{address}api/status?token={said['token']}"):  # noqa: S310
                return address, said["token"]
        time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="session")
def server(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """JupyterLab as it is installed here."""
    with run_server(Path(sys.executable), project, tmp_path_factory.mktemp("lab")) as listening:
        yield listening


@pytest.fixture
def server_without_mend(project: Path, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """JupyterLab from an environment that differs only in nbrefine's configuration file.

    The environment has its own ``etc/jupyter``; the packages are those that are installed here.
    """
    prefix = tmp_path.resolve() / "env"
    venv.create(prefix, symlinks=True)
    python = prefix / "bin" / "python"
    (site,) = prefix.glob("lib/python*/site-packages")
    packages = sysconfig.get_path("purelib")
    (site / "here.pth").write_text(f"import site; site.addsitedir({packages!r})\n")
    shutil.copytree(Path(sys.prefix) / "etc" / "jupyter", prefix / "etc" / "jupyter")
    (prefix / "etc/jupyter/jupyter_server_config.d/zz_nbrefine.json").unlink()
    (prefix / "share").mkdir()
    (prefix / "share" / "jupyter").symlink_to(Path(sys.prefix) / "share" / "jupyter")
    with run_server(python, project, tmp_path / "lab") as listening:
        yield listening


# While it is there, an event loop runs in this thread, and tests that start their own fail.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=TIMEOUT_MS)
        executable = find_browser(Path(playwright.chromium.executable_path))
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Iterator[Callable[[tuple[str, str]], Lab]]:
    """Make fresh pages; what each showed last is in the test's folder, as ``page-1.png``."""
    pages: list[Page] = []

    def new(server: tuple[str, str]) -> Lab:
        context = browser.new_context(viewport={"width": 1300, "height": 900})
        context.set_default_timeout(TIMEOUT_MS)
        pages.append(context.new_page())
        return Lab(pages[-1], *server)

    yield new
    for number, page in enumerate(pages, start=1):
        page.screenshot(path=tmp_path / f"page-{number}.png")
        page.context.close()


def find_browser(installed: Path) -> Path:
    """Return Playwright's own Chromium, else the system's, else Debian's if it may be installed."""
    if installed.is_file():
        return installed
    if found := next(filter(None, map(shutil.which, SYSTEM_BROWSERS)), None):
        return Path(found)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        commands = [["apt-get", "update", "-qq"], ["apt-get", "install", "-yqq", "chromium"]]
        if all(subprocess.run(c, timeout=200, check=False).returncode == 0 for c in commands):
            return Path(shutil.which("chromium") or "/usr/bin/chromium")
    reason = "no Chromium: run 'playwright install chromium', or 'apt-get install chromium' as root"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
