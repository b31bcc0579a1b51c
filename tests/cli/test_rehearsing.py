"""`equipoise rehearse` answers launch or not, as a table, as JSON and as a page, and writes nothing."""

import pytest

from equipoise.testing.town.clocks import SteppedClock
from house import DAY_MS, NOON_MS, granted, house, identify, track

PLAY = """
name: letter
purpose: marketing
goal: {event: Order Completed, within_days: 3, value: 1, currency: EUR}
moment: {event: Basket Left}
audience: {field: orders.count, at_least: 1}
options:
  - {name: mail, channel: email, share: 1, subject: {en: T, fr: M}, body: {en: T, fr: M}}
chooser: fixed_shares
explore_floor: 0
"""


def write_log(folder, better="mail", n=3000):
    """Two in three of those who got `better` bought, one in three of the others; all have orders."""
    rows = [
        f"{i},{option},0.5,{int(i % 3 < (2 if option == better else 1))},1"
        for i in range(n)
        for option in [("mail", "silence")[i // 3 % 2]]
    ]
    path = folder / "trial.csv"
    path.write_text("person,option,propensity,reward,orders.count\n" + "\n".join(rows))
    (folder / "letter.yaml").write_text(PLAY)
    return path


def test_launch_ends_with_0_and_tells_why(equipoise, tmp_path):
    log = write_log(tmp_path)
    said = equipoise("rehearse", "letter.yaml", "--on", log)
    assert said.code == 0
    assert "✓ Launch · letter" in said.out
    assert "Silence for all" in said.out
    assert "Every" not in said.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["letter.yaml", "trial.csv"]


def test_do_not_launch_ends_with_1_in_french_too(equipoise, tmp_path):
    log = write_log(tmp_path, better="silence")
    said = equipoise("rehearse", "letter.yaml", "--on", log, "--lang", "fr")
    assert said.code == 1
    assert "✗ Ne pas lancer · letter" in said.out
    assert "Le silence pour tous" in said.out


def test_json_holds_the_whole_report_and_html_is_written_beside(equipoise, tmp_path):
    log = write_log(tmp_path)
    said = equipoise("rehearse", "letter.yaml", "--on", log, "--json", "--html", "report.html")
    assert said.json["conclusion"]["answer"] == "launch"
    assert said.json["play"] == "letter"
    assert {v["policy"] for v in said.json["values"]} >= {"candidate", "incumbent", "silence"}
    assert "report.html" in said.err
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")


def test_columns_are_mapped_by_a_file_or_by_pairs(equipoise, tmp_path):
    log = write_log(tmp_path)
    text = log.read_text().replace("person,option", "who,arm").replace("mail", "A")
    log.write_text(text)
    (tmp_path / "m.yaml").write_text("option: arm\noptions: {A: mail}\n")
    words = ("rehearse", "letter.yaml", "--on", log, "--mapping", "m.yaml", "--map", "person=who")
    assert equipoise(*words).code == 0
    missing = equipoise(*words[:-2])
    assert missing.code == 2
    assert "no column 'person'" in missing.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("rehearse", "letter.yaml", "--on", "gone.csv"), "there is no such file"),
        (("rehearse", "gone", "--on", "trial.csv"), "no play of that name"),
        (("rehearse", "letter.yaml", "--on", "gone.db"), "there is no such store"),
        (("rehearse", "letter.yaml", "--on", "shop.db", "--map", "a=b"), "a store needs none"),
        (("rehearse", "letter.yaml", "--on", "trial.csv", "--map", "reward=gain"), "'gain'"),
        (("rehearse", "bad.yaml", "--on", "trial.csv"), "purpose"),
    ],
)
def test_what_cannot_be_done_as_typed_says_what_to_do(equipoise, tmp_path, words, told):
    write_log(tmp_path, n=30)
    (tmp_path / "bad.yaml").write_text(PLAY.replace("purpose: marketing\n", ""))
    said = equipoise(*words)
    assert said.code == 2
    assert told in said.err
    assert "Traceback" not in said.err


def test_a_play_is_rehearsed_on_the_store_here_by_its_name(equipoise, shop):
    """Uniform play over people of whom half buy; the store is only read."""
    clock = SteppedClock(NOON_MS)
    settings = shop / "equipoise.toml"
    settings.write_text(settings.read_text().replace('# seed = ""', 'seed = "test"'))
    uniform = PLAY.replace("fixed_shares", "uniform").replace("share: 1, ", "")
    uniform = uniform.replace("explore_floor: 0\n", "").replace("at_least: 1", "at_least: 0")
    with house(shop / "equipoise.db", clock) as engine:
        engine.add_play(uniform)
        for n in range(80):
            user = f"user{n}"
            engine.take([identify(user, email=f"{user}@example.org"), granted(user)])
            engine.take([track(user, "Basket Left", "b")])
            if n % 2:
                engine.take([track(user, "Order Completed", "o", revenue=9.0)])
        clock.step_to(NOON_MS + 9 * DAY_MS)
        engine.tick()
    said = equipoise("rehearse", "letter", "--json")
    assert said.code == 1
    assert said.json["n"] == 80
    assert said.json["log"].endswith("equipoise.db")
    assert said.json["conclusion"]["answer"] in ("do_not_launch", "not_enough_support")


def test_a_house_without_history_is_told_to_wait_or_to_bring_a_file(equipoise, shop):
    """Nothing is matured on the day a play is written; that is no fault of the program."""
    (shop / "plays" / "letter.yaml").write_text(PLAY)
    said = equipoise("rehearse", "letter")
    assert said.code == 2
    assert "no matured decision" in said.err
    assert "rehearse on a file of logged decisions, or wait" in said.err
    assert "Traceback" not in said.err


def test_a_log_of_other_options_is_told_in_one_sentence(equipoise, tmp_path):
    """Options of a log that the play does not have leave nothing to judge it by."""
    log = write_log(tmp_path, n=30)
    log.write_text(log.read_text().replace("mail", "card").replace("silence", "call"))
    said = equipoise("rehearse", "letter.yaml", "--on", log)
    assert said.code == 2
    assert "none of its options (mail" in said.err
    assert "Traceback" not in said.err
