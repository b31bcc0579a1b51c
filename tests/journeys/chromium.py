"""Real Chromium for tests, told what to do over its own protocol (CDP) on a web socket."""

import asyncio
import base64
import json
import shutil
import signal
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path

import aiohttp

from journeys.served import PATIENCE_S, until

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESKTOP, PHONE = (1280, 900), (390, 844)
"""Widths and heights of a desk and of a phone, in CSS pixels."""

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)


def chromium():
    """Where Chromium is, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """One tab. Every visit waits until the page is loaded; `steps` counts what a person would do."""

    def __init__(self, port, path):
        self._loop = asyncio.new_event_loop()
        self._session = self._socket = None
        self._n = 0
        self.steps = 0
        self.requested = []
        self._loop.run_until_complete(self._connect(port, path))
        for domain in ("Page", "Runtime", "Network", "Accessibility"):
            self.tell(f"{domain}.enable")

    async def _connect(self, port, path):
        self._session = aiohttp.ClientSession()
        address = f"ws://127.0.0.1:{port}{path}"
        self._socket = await self._session.ws_connect(address, max_msg_size=0)

    def close(self):
        """Leave the tab."""
        self._loop.run_until_complete(self._socket.close())
        self._loop.run_until_complete(self._session.close())
        self._loop.close()

    # --- the protocol -------------------------------------------------------------------------

    def tell(self, method, **params):
        """One command; what it answers."""
        return self._loop.run_until_complete(self._tell(method, params))

    async def _tell(self, method, params, event=None):
        self._n += 1
        number, answer, happened = self._n, None, event is None
        await self._socket.send_str(json.dumps({"id": number, "method": method, "params": params}))
        async with asyncio.timeout(PATIENCE_S):
            while answer is None or not happened:
                message = json.loads((await self._socket.receive()).data)
                if message.get("id") == number:
                    assert "error" not in message, (method, message["error"])
                    answer = message["result"]
                elif message.get("method") == "Network.requestWillBeSent":
                    self.requested.append(message["params"]["request"]["url"])
                elif answer is not None and message.get("method") == event:
                    happened = True
        return answer

    def _wait_for(self, event, method, **params):
        return self._loop.run_until_complete(self._tell(method, params, event))

    # --- what a person does -------------------------------------------------------------------

    def size(self, place):
        """A window of another size."""
        width, height = place
        self.tell(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=place == PHONE,
        )

    def likes(self, **features):
        """What the reader's system asks for, such as `prefers_color_scheme="dark"`; nothing: the default."""
        asked = [{"name": k.replace("_", "-"), "value": v} for k, v in features.items()]
        self.tell("Emulation.setEmulatedMedia", features=asked)

    def visit(self, url):
        """Type an address."""
        self._wait_for("Page.loadEventFired", "Page.navigate", url=url)
        return self

    def js(self, text):
        """The value of an expression in the page, or of its promise; only tests may use script."""
        told = self.tell("Runtime.evaluate", expression=text, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, (text, told)
        return told["result"].get("value")

    def press(self, selector, text=""):
        """Press what a selector finds (with this text in it) and wait for the page that follows."""
        self.steps += 1
        find = (
            f"[...document.querySelectorAll({json.dumps(selector)})]"
            f".find(e => e.checkVisibility() && e.textContent.includes({json.dumps(text)}))"
        )
        assert self.js(f"!!({find})"), f"nothing to press: {selector} {text!r} on {self.path}"
        self._wait_for("Page.loadEventFired", "Runtime.evaluate", expression=f"({find}).click()")
        return self

    def type(self, selector, text):
        """Put the focus into a field and type."""
        self.steps += 1
        self.js(f"document.querySelector({json.dumps(selector)}).focus()")
        self.js(f"document.querySelector({json.dumps(selector)}).value = ''")
        self.tell("Input.insertText", text=text)
        return self

    def key(self, name, code):
        """One key of the keyboard, down and up."""
        for kind in ("rawKeyDown", "keyUp"):
            self.tell(
                "Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code
            )

    # --- what a person sees -------------------------------------------------------------------

    @property
    def path(self):
        """Where we are."""
        return self.js("location.pathname + location.search")

    @property
    def text(self):
        """What can be read."""
        return self.js("document.body.innerText")

    def names(self):
        """Role and name of every node that a screen reader is told of."""
        nodes = self.tell("Accessibility.getFullAXTree")["nodes"]
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in nodes
            if not node.get("ignored")
        ]

    def picture(self, file):
        """A picture of the whole page."""
        shot = self.tell("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        Path(file).write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def browsing(folder):
    """A browser with an empty profile in a folder."""
    process = subprocess.Popen(
        [chromium(), *_FLAGS, f"--user-data-dir={folder}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        told = Path(folder) / "DevToolsActivePort"
        lines = until(
            lambda: told.exists() and told.read_text().splitlines()[1:] and told.read_text(),
            "Chromium did not say where it listens",
        ).splitlines()
        tab = until(lambda: _tab(int(lines[0])), "Chromium opened no tab")
        browser = Browser(int(lines[0]), tab)
        try:
            yield browser
        finally:
            browser.close()
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)


def _tab(port):
    """The path of the web socket of the first tab."""
    import urllib.request

    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:
            tabs = json.loads(answer.read())
    except OSError:
        return None
    return next(
        (
            "/" + tab["webSocketDebuggerUrl"].split("/", 3)[3]
            for tab in tabs
            if tab["type"] == "page"
        ),
        None,
    )
