"""A server key may ask the server to learn now; a key that stands in a page may not."""

import msgspec
import pytest

from doors.asking import SOURCES, Client, basic
from equipoise.doors.answers import Refusal
from equipoise.doors.learning import learning_app
from equipoise.ports import Overloaded


class Learner(Client):
    """Asks a wire with the door for learning in front; `learnt` counts, `trouble` is raised."""

    def __init__(self) -> None:
        super().__init__()
        self.learnt = 0
        self.trouble: Exception | None = None
        self.app = learning_app(self._learn, SOURCES.get, self.app)

    async def _learn(self) -> bytes:
        if self.trouble is not None:
            raise self.trouble
        self.learnt += 1
        return b'[{"model":"play/p"}]'


def test_a_server_key_gets_what_was_found() -> None:
    client = Learner()
    reply = client.post("/v1/learn", b"")
    assert (reply.status, reply.body) == (200, b'[{"model":"play/p"}]')
    assert client.ask("POST", "/v1/learn/", b"", {"authorization": "Bearer server"}).status == 200
    assert client.learnt == 2


@pytest.mark.parametrize(
    ("method", "headers", "status", "code"),
    [
        ("POST", {}, 401, "unknown_key"),
        ("POST", basic("strange"), 401, "unknown_key"),
        ("POST", basic("public"), 403, "source_not_trusted"),
        ("GET", basic("server"), 405, "method_not_allowed"),
    ],
)
def test_nobody_else_makes_the_server_work(
    method: str, headers: dict[str, str], status: int, code: str
) -> None:
    client = Learner()
    reply = client.ask(method, "/v1/learn", b"", headers)
    assert (reply.status, reply.json()["code"]) == (status, code)
    assert client.learnt == 0


@pytest.mark.parametrize(
    ("trouble", "status"), [(Overloaded(7), 429), (Refusal(500, "not_taught", "it ended"), 500)]
)
def test_what_stands_in_the_way_is_told(trouble: Exception, status: int) -> None:
    client = Learner()
    client.trouble = trouble
    reply = client.post("/v1/learn", b"")
    assert reply.status == status
    assert reply.json()["message"] == str(trouble)
    if status == 429:
        assert reply.headers["retry-after"] == "7"


def test_every_other_path_is_handed_on() -> None:
    client = Learner()
    assert client.ask("GET", "/health").json() == {"status": "ok"}
    assert (
        client.post("/v1/track", msgspec.json.encode({"userId": "a", "event": "e"})).status == 200
    )
