"""`equipoise aggregate`: who may ask, what is answered in their name, what is left, and the end of it."""

import pytest

from house import house, identify

pytest.importorskip("opendp")

ASKED = ("aggregate", "ask", "sete", "--purpose", "analytics", "--by", "traits.city")


@pytest.fixture
def lively(lived_in):
    """The house with a hundred people more, long before today."""
    with house(lived_in / "equipoise.db") as engine:
        engine.take([identify(f"u{i}", city="Sète", age=40) for i in range(100)])
    return lived_in


def allow(equipoise, *words):
    return equipoise("aggregate", "allow", "sete", "--purpose", "analytics", "--by", "zoe", *words)


def test_a_recipient_is_allowed_asks_is_listed_and_ended(equipoise, lively):
    assert "nobody may ask" in equipoise("aggregate", "list").out
    assert allow(equipoise, "--field", "traits.city", "--epsilon", "1").code == 0
    told = equipoise(*ASKED, "--keys", "Sète,Nîmes", "--epsilon", "0.4", "--json").json
    assert [cell["key"] for cell in told["cells"]] == ["Nîmes", "Sète"]
    assert (told["left"], told["recipient"]) == (0.6, "sete")
    again = equipoise(*ASKED, "--keys", "Nîmes,Sète", "--epsilon", "0.4")
    assert told["receipt"] in again.out + again.err
    listed = equipoise("aggregate", "list", "--json").json
    assert [row["epsilon"] for row in listed["releases"]] == [0.4]
    assert listed["recipients"][0]["budget"] == 1_000_000
    assert told["receipt"] in equipoise("aggregate", "list").out
    assert equipoise("aggregate", "end", "sete", "--by", "zoe").code == 0
    refused = equipoise(*ASKED, "--keys", "Nîmes,Sète")
    assert (refused.code, "may not ask" in refused.err) == (1, True)
    assert equipoise("aggregate", "end", "sete", "--by", "zoe").code == 1


def test_a_mean_has_bounds_and_a_condition_is_written_as_in_a_play(equipoise, lively):
    allow(equipoise, "--field", "traits.age", "--days", "3")
    mean = ("aggregate", "ask", "sete", "mean", "--purpose", "analytics", "--field", "traits.age")
    told = equipoise(
        *mean, "--bounds", "0:80", "--epsilon", "2", "--where",
        "{field: traits.age, at_least: 18}", "--json",
    ).json  # fmt: skip
    assert told["cells"][0]["key"] == "*"
    assert 20 < told["cells"][0]["value"] < 60
    for words, needs in (
        ((*mean, "--bounds", "low:80"), "LOWER:UPPER"),
        ((*mean, "--bounds", "80:0"), "below upper"),
        (mean, "below upper"),
        (("aggregate", "ask", "sete", "median", "--purpose", "analytics"), "needs one of"),
        ((*mean, "--bounds", "0:80", "--day", "soon"), "needs a date"),
        ((*mean, "--bounds", "0:80", "--where", "age over 18"), "where"),
        ((*mean, "--bounds", "0:80", "--epsilon", "1.5"), "1 left of 3 this year"),
    ):
        said = equipoise(*words)
        assert said.code != 0
        assert needs in " ".join(said.err.split())
