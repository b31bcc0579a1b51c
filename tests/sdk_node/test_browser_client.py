"""Segment's browser client, unchanged, in a real browser on another site than the house."""

import json
import shutil
import subprocess
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from equipoise.nouns.events import Handle
from equipoise.stores.keyring import new_keyring, write_keyring
from journeys.served import PATIENCE_S, House, until

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
BUILD = Path(__file__).parent / "node_modules/@segment/analytics-next/dist/umd"

pytestmark = [
    pytest.mark.skipif(
        not BROWSER, reason="NO CHROMIUM IS HERE: the browser client was not tested"
    ),
    pytest.mark.skipif(
        not BUILD.is_dir(),
        reason="NODE CLIENTS ARE NOT INSTALLED: run `make sdk-node` to test them",
    ),
]

PAGE = """<!doctype html><title>Boots</title><script src="index.js"></script><script>
const analytics = AnalyticsNext.AnalyticsBrowser.load({ writeKey: %s, cdnURL: %s })
analytics.page('Shoes', 'Boots')
analytics.identify('ana', { email: 'ana@example.org' })
for (let n = 0; n < 5; n += 1) analytics.track('Product Viewed', { n })
</script>"""


class Quiet(SimpleHTTPRequestHandler):
    """A shop's site, which logs nothing."""

    def log_message(self, *_):
        pass


@contextmanager
def site(folder):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/shop.html"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def browsing(url, profile):
    quiet = ("--disable-background-networking", "--disable-component-update", "--no-first-run")
    browser = subprocess.Popen(
        [BROWSER, "--headless=new", "--no-sandbox", *quiet, f"--user-data-dir={profile}", url],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        browser.terminate()
        browser.wait(PATIENCE_S)


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    keyring = new_keyring()
    keyring.add_source("site", "public", "browser-key")
    write_keyring(tmp_path / "shop.keys", keyring)
    house.start()
    yield house
    house.stop()


def test_a_browser_finds_its_settings_and_sends_across_sites_but_names_nobody(house, tmp_path):
    """It is asked first whether it may (CORS), and a public key speaks only for an anonymous id."""
    shop = tmp_path / "shop"
    shutil.copytree(BUILD, shop, ignore=shutil.ignore_patterns("*.map", "*.gz", "*.map.gz"))
    page = PAGE % (json.dumps("browser-key"), json.dumps(house.url))
    (shop / "shop.html").write_text(page)
    with site(shop) as url, browsing(url, tmp_path / "profile"):
        until(lambda: len(house.ids()) == 7, "the browser's events did not all come")
    events = house.walked().events()
    assert sorted(event.kind for event in events) == ["Product Viewed"] * 5 + ["identify", "page"]
    assert {event.facts["n"] for event in events if event.kind == "Product Viewed"} == set(range(5))
    assert {(event.source, event.trust, event.channel) for event in events} == {
        ("site", "public", "web")
    }
    with house.reading() as (store, _):
        assert store.atoms_of([Handle("user_id", "ana"), Handle("email", "ana@example.org")]) == {}
        assert store.counts()["people"] == 1
