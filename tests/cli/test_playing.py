"""`equipoise play` shows each mistake at its place, begins plays, and overwrites none."""

from equipoise.cli.playing import excerpt

BAD = """name: thanks
purpose: marketing
moment: {event: Order Completed}
options:
  - {name: mail, do: notify, chanel: email, body: {en: Hi, fr: Salut}}
audience: {field: ordres.count, at_least: 1}
"""


def test_a_play_without_mistakes_can_run(equipoise, shop):
    said = equipoise("play", "check", "plays")
    assert said.code == 0
    assert "plays/thank-you.yaml can run" in said.out


def test_each_mistake_is_told_with_its_line_and_a_caret_under_its_column(equipoise, tmp_path):
    (tmp_path / "bad.yaml").write_text(BAD)
    said = equipoise("play", "check", "bad.yaml")
    assert said.code == 1
    lines = said.out.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("bad.yaml:5:30"))
    shown = next(n for n in range(at, len(lines)) if lines[n].lstrip().startswith("5 | "))
    assert lines[shown][lines[shown + 1].index("^") :].startswith("chanel")
    assert "orders.count" in said.out, "a field that is nearly right is suggested"
    assert "bad.yaml cannot run" in said.out


def test_a_program_reads_the_mistakes_as_json(equipoise, tmp_path, shop):
    (shop / "bad.yaml").write_text(BAD)
    said = equipoise("play", "check", "bad.yaml", "plays/thank-you.yaml", "--json")
    assert said.code == 1
    bad, good = said.json
    assert (bad["runs"], good["runs"]) == (False, True)
    assert {one["line"] for one in bad["mistakes"] if one["level"] == "error"} == {5, 6}


def test_a_long_line_is_cut_around_its_mistake():
    text = "x" * 500 + "HERE" + "y" * 500
    line, caret = excerpt([text], 1, 501)
    assert len(line) < 80
    assert line[caret.index("^") :].startswith("HERE")


def test_a_mistake_behind_the_end_has_no_excerpt():
    assert excerpt(["a"], 2, 1) == []


def test_a_new_play_can_run_and_is_never_overwritten(equipoise, shop):
    assert equipoise("play", "new", "win-back", "--name", "spring").code == 0
    play = shop / "plays" / "spring.yaml"
    assert "name: spring" in play.read_text()
    assert equipoise("play", "check", play).code == 0
    play.write_text("mine")
    assert equipoise("play", "new", "welcome", "--name", "spring").code == 2
    assert play.read_text() == "mine"


def test_an_unknown_template_names_those_that_there_are(equipoise, shop):
    said = equipoise("play", "new", "win-bak")
    assert said.code == 2
    assert "win-back" in said.err


def test_the_list_shows_which_version_the_store_decides_with(equipoise, lived_in):
    (lived_in / "plays" / "bad.yaml").write_text(BAD)
    rows = {row["play"]: row for row in equipoise("play", "list", "--json").json}
    assert rows["thank-you"]["in_store"] == "not yet"
    assert rows["thanks"]["in_store"] == "only there"
    assert rows["bad"]["status"] == "mistakes"
    assert "thank-you" in equipoise("play", "list").out


LEARNS = """name: learns
purpose: marketing
moment: {event: Order Completed}
goal: {event: Order Completed, within_days: 7}
options:
  - {name: mail, channel: email, subject: {en: a, fr: b}, body: {en: a, fr: b}}
chooser: learning
features: [orders.count, traits.level]
"""
PHRASES = """[features."traits.level"]
en = "your level is {value}"
fr = "votre niveau est {value}"
"""


def test_a_feature_needs_a_phrase_which_the_house_may_give(equipoise, shop):
    (shop / "learns.yaml").write_text(LEARNS)
    said = equipoise("play", "check", "learns.yaml")
    assert said.code == 1
    assert "traits.level has no phrase" in said.out
    (shop / "phrases.toml").write_text(PHRASES)
    settings = shop / "equipoise.toml"
    settings.write_text('phrases = "phrases.toml"\n' + settings.read_text())
    assert equipoise("play", "check", "learns.yaml").code == 0


def test_a_file_of_phrases_that_cannot_be_read_says_so(equipoise, shop):
    (shop / "learns.yaml").write_text(LEARNS)
    (shop / "phrases.toml").write_text(PHRASES.replace("{value}", ""))
    settings = shop / "equipoise.toml"
    settings.write_text('phrases = "phrases.toml"\n' + settings.read_text())
    said = equipoise("play", "check", "learns.yaml")
    assert said.code == 2
    assert "the phrase of traits.level needs {value} in it" in " ".join(said.err.split())
