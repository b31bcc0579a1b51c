"""On the public logs of Open Bandit the estimators give the published errors, and the alarm sounds."""

import sys
from importlib import util
from pathlib import Path

import numpy as np
import pytest

from equipoise.learn.rehearsal import rehearse

CASES = Path(__file__).resolve().parents[3] / "cases"


def load(name):
    spec = util.spec_from_file_location(name, CASES / f"{name}.py")
    module = util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


finding, study = load("finding"), load("open_bandit")
FILES = [finding.find(name, finding.Options()) for name in (*study.LOGS, study.CHANCES)]
pytestmark = pytest.mark.skipif(None in FILES, reason=finding.absent(study.LOGS[0]))


@pytest.fixture(scope="module")
def logs():
    return study.read(FILES[0]), study.read(FILES[1]), np.load(FILES[2])


def test_ips_and_snips_equal_the_published_errors_to_six_decimals(logs):
    by_chance, by_bts, bts = logs
    found = study.errors(by_chance, bts, by_bts.click.mean(), study.RUNS)
    for name in study.EXACT:
        figures = found[name].mean(), found[name].std(ddof=1)
        assert tuple(round(float(f), 6) for f in figures) == study.PUBLISHED[name]
    assert found["dm"].mean() < found["ips"].mean(), "a model that shrinks errs less on rare clicks"


def test_the_random_log_can_speak_for_bts(logs):
    by_chance, by_bts, bts = logs
    n = len(by_chance.item)
    log = by_chance.log(chances=np.full((n, study.ITEMS), 1 / study.ITEMS))
    report = rehearse(log, bts.T[by_chance.position])
    assert by_bts.click.mean() == pytest.approx(0.0042)
    assert report.value("candidate", "ips").mean == pytest.approx(0.004567, abs=5e-7)
    assert report.value("candidate", "snips").mean == pytest.approx(0.004791, abs=5e-7)
    assert report.support.ess == pytest.approx(1_643, abs=0.5)
    assert report.support.largest_weight == pytest.approx(19.6, abs=0.05)
    assert report.support.alarms == ()
    assert report.value("candidate", "dr").covers(0.0042)


def test_the_log_of_bts_speaks_for_chance_with_an_alarm_and_not_at_all_for_a_rare_item(logs):
    _, by_bts, _ = logs
    log = by_bts.log()
    report = rehearse(log, np.full((log.n, study.ITEMS), 1 / study.ITEMS))
    assert report.support.ess < 0.04 * log.n
    assert report.support.alarms == ("thin_overlap",)
    rare = np.bincount(by_bts.item, minlength=study.ITEMS).argmin()
    report = rehearse(log, np.tile(np.arange(study.ITEMS) == rare, (log.n, 1)))
    assert "low_ess" in report.support.alarms
    assert report.conclusion.answer == "not_enough_support"
