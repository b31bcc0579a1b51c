"""Several houses behind one door: whatever is done in one neither touches nor shows anything of another."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from compose.neighbours import SHARED, House, basic, browser
from equipoise.cli import tenants as commands
from equipoise.compose.tenants import read_tenants, serve_all
from equipoise.settings import SettingsError, read_settings
from equipoise.stores.keyring import read_keyring, write_keyring
from house import track, welcome

HOSTS = st.sampled_from(
    ["amber.example", "birch.example", SHARED, "nobody.example", "", "birch.example:80"]
)
PAGES = st.sampled_from(
    [
        "/",
        "/people",
        "/desk",
        "/outbox",
        "/refused",
        "/plays",
        "/ledger",
        "/why",
        "/sessions",
        "/live/x",
    ]
)
USERS = st.sampled_from(["ana", "birch-customer-7261", "bo"])


class Apart(RuleBasedStateMachine):
    """Amber does all it can, at its own host, at that of Birch, and at the shared one."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.amber = House(self.folder, "amber").live()
        self.birch = House(self.folder, "birch").live()
        self.before = self.birch.digest()
        self.shown: list[str] = []

    @initialize()
    def enter(self) -> None:
        """Amber's operator signs in at home, and keeps the cookie for everywhere."""
        self.clients = {}
        home = self.client("amber.example")
        form = {"token": self.amber.token}
        answer = home.post("/login", data=form, headers={"origin": "https://amber.example"})
        assert answer.status_code == 303
        self.cookie = home.cookies["__Host-equipoise"]

    def client(self, host: str):
        if host not in self.clients:
            self.clients[host] = browser([self.amber, self.birch], host or "x")
        return self.clients[host]

    def ask(self, host: str, method: str, path: str, **given):
        answer = self.client(host).request(method, path, **given)
        self.shown.append(answer.text + str(answer.headers))
        assert answer.status_code < 500, (method, path, answer.text)
        return answer

    @rule(host=HOSTS, user=USERS, by=st.sampled_from(["header", "body", "query", "bearer"]))
    def tell(self, host, user, by):
        key, body, headers, query = self.amber.server, {"batch": welcome(user)}, {}, ""
        if by == "header":
            headers = basic(key)
        elif by == "bearer":
            headers = {"authorization": f"Bearer {key}"}
        elif by == "body":
            body["writeKey"] = key
        else:
            query = f"?writeKey={key}"
        answer = self.ask(host, "POST", f"/v1/batch{query}", json=body, headers=headers)
        if host.startswith("birch"):
            assert answer.status_code == 401

    @rule(host=HOSTS, user=USERS)
    def decide(self, host, user):
        body = {"moment": "home-hero", "userId": user}
        self.ask(host, "POST", "/v1/decide", json=body, headers=basic(self.amber.server))

    @rule(host=HOSTS, user=USERS)
    def fetch(self, host, user):
        self.ask(host, "GET", f"/v1/page?userId={user}", headers=basic(self.amber.server))

    @rule(host=HOSTS)
    def ask_to_learn(self, host):
        self.ask(host, "POST", "/v1/learn", headers=basic(self.amber.server))

    @rule(host=HOSTS, page=PAGES)
    def look(self, host, page):
        answer = self.ask(host, "GET", page, headers={"cookie": f"__Host-equipoise={self.cookie}"})
        if host.startswith("birch"):
            assert answer.status_code in (303, 401, 404)

    @rule(
        wanted=st.sampled_from(["birch-customer-7261", "p_8", "p_s", "user_id:birch-customer-7261"])
    )
    def search_at_home(self, wanted):
        cookie = {"cookie": f"__Host-equipoise={self.cookie}"}
        answer = self.ask("amber.example", "GET", f"/people?q={wanted}", headers=cookie)
        self.shown[-1] = self.shown[-1].replace(wanted, "") if answer.status_code == 200 else ""

    @rule(seq=st.integers(1, 400))
    def read_a_decision(self, seq):
        cookie = {"cookie": f"__Host-equipoise={self.cookie}"}
        self.ask("amber.example", "GET", f"/decisions/{seq}", headers=cookie)

    @rule(host=st.sampled_from(["amber.example", SHARED]))
    def unsubscribe_from_the_neighbour(self, host):
        action = self.birch.engine.store.with_status("ready", 1)
        key = action[0].key if action else "d_1_x"
        assert self.ask(host, "POST", f"/unsubscribe/{key}").status_code in (404, 421)

    @rule(host=st.sampled_from(["birch.example", SHARED]))
    def sign_in_next_door(self, host):
        form = {"token": self.amber.token}
        answer = self.ask(
            host, "POST", "/login", data=form, headers={"origin": "https://birch.example"}
        )
        assert answer.status_code in (403, 421, 429)

    @invariant()
    def the_neighbours_files_are_as_they_were(self):
        assert self.birch.digest() == self.before

    @invariant()
    def nothing_of_the_neighbour_was_shown(self):
        said = "".join(self.shown)
        self.shown.clear()
        told = [mark for mark in self.birch.marks() if mark in said and mark != self.birch.user]
        assert not told
        assert f"{self.birch.user}@" not in said

    def teardown(self):
        self.amber.close()
        self.birch.close()
        shutil.rmtree(self.folder)


Apart.TestCase.settings = settings(
    max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
TestApart = Apart.TestCase


@pytest.fixture
def houses(tmp_path):
    both = [House(tmp_path, "amber").live(), House(tmp_path, "birch").live()]
    yield both
    for house in both:
        house.close()


def test_each_operation_would_change_the_house_that_it_is_for(houses):
    """The digest sees what is written, so that its sameness says something."""
    amber, birch = houses
    before = amber.digest()
    body = {"batch": [track("ana", "x", 1)]}
    client = browser(houses, SHARED)
    assert client.post("/v1/batch", json=body, headers=basic(amber.server)).status_code == 200
    assert amber.digest() != before
    assert birch.digest() == birch.digest()


def test_the_host_says_whose_a_request_is_and_a_key_of_another_is_unknown_there(houses):
    amber, birch = houses
    asked = {"moment": "home-hero", "userId": amber.user}
    for host, key, status in (
        (amber.host, amber.server, 200),
        (birch.host, amber.server, 401),
        (SHARED, amber.server, 200),
        (SHARED, birch.server, 200),
        (SHARED, "guess", 421),
    ):
        answer = browser(houses, host).post("/v1/decide", json=asked, headers=basic(key))
        assert answer.status_code == status, host


def test_where_no_host_and_no_key_says_whose_it_is_nobody_answers(houses):
    client = browser(houses, "nobody.example")
    for path in ("/", "/health", "/metrics", "/checkpoint", "/me", "/people"):
        assert client.get(path).status_code == 421
    twice = {"host": "nobody.example, amber.example"}
    assert client.get("/checkpoint", headers=twice).status_code == 421


def test_every_tenant_signs_its_own_ledger(houses):
    origins = [browser(houses, h.host).get("/checkpoint").text.split("\n")[0] for h in houses]
    assert origins == ["amber.example/equipoise", "birch.example/equipoise"]


def written(folder, name, **lines):
    place = folder / name
    place.mkdir()
    told = {
        "public_url": f"https://{name}.example",
        "origin": name,
        "store": "sqlite:shop.db",
        **lines,
    }
    text = "".join(f'{line} = "{value}"\n' for line, value in told.items())
    (place / "equipoise.toml").write_text(text)


def test_tenants_are_read_from_their_folders(tmp_path):
    written(tmp_path, "amber")
    written(tmp_path, "birch")
    told = [(tenant.name, tenant.host) for tenant in read_tenants(tmp_path)]
    assert told == [("amber", "amber.example"), ("birch", "birch.example")]


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ({"public_url": "https://amber.example"}, "same public_url"),
        ({"public_url": "https://amber.example:444"}, "one host"),
        ({"public_url": ""}, "needs public_url"),
        ({"origin": "amber"}, "same origin"),
        ({"store": "sqlite:../amber/shop.db"}, "same store"),
        ({"store": "memory:"}, "files of its own"),
        ({"keys": "../amber/a.keys"}, "same keys"),
    ],
)
def test_two_tenants_that_could_touch_each_other_are_refused(tmp_path, lines, complaint):
    written(tmp_path, "amber", keys="a.keys")
    written(tmp_path, "birch", **lines)
    with pytest.raises(SettingsError, match=complaint):
        read_tenants(tmp_path)


def test_a_folder_without_tenants_says_how_to_make_one(tmp_path):
    with pytest.raises(SettingsError, match="tenants add"):
        read_tenants(tmp_path)


def test_two_houses_are_served_on_one_port_each_with_its_own_step(tmp_path, monkeypatch):
    (tmp_path / "equipoise.toml").write_text('port = 0\n[tenants]\nfolder = "all"\n')
    monkeypatch.chdir(tmp_path)
    made = {}
    for name in ("amber", "birch"):
        commands.add(name, host=f"{name}.example", settings=tmp_path / "equipoise.toml")
        keys = tmp_path / "all" / name / "equipoise.keys"
        keyring = read_keyring(keys)
        made[name] = keyring.add_source("test", "server")
        write_keyring(keys, keyring)
    url, told = asyncio.Queue(), {}

    class Done(Exception):
        pass

    async def visit():
        place = urlsplit(await url.get())
        async with httpx2.AsyncClient(base_url=place.geturl(), timeout=20) as client:
            for name, key in made.items():
                for host in ("amber.example", "birch.example"):
                    answer = await client.post(
                        "/v1/track",
                        json={"userId": name, "event": "Seen"},
                        headers={**basic(key), "host": host},
                    )
                    told[name, host] = answer.status_code
        raise Done

    async def story():
        chosen = read_settings(tmp_path / "equipoise.toml", {})
        with pytest.raises(Done):
            await serve_all(chosen, read_tenants(tmp_path / "all"), url.put_nowait, [visit])

    asyncio.run(asyncio.wait_for(story(), 60))
    assert told == {
        ("amber", "amber.example"): 200,
        ("amber", "birch.example"): 401,
        ("birch", "amber.example"): 401,
        ("birch", "birch.example"): 200,
    }
