"""The case studies run on the first rows of public data, and say so where the data is absent."""

import subprocess
import sys
from importlib import util
from math import sqrt
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "cases"


def load(name):
    """A module of the cases, which are run and not imported."""
    spec = util.spec_from_file_location(name, CASES / f"{name}.py")
    module = util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


finding, estimating = load("finding"), load("estimating")


def study(*words):
    """What `python cases ...` prints, as one line without borders; it must end well."""
    run = subprocess.run(
        [sys.executable, CASES, *words], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert run.returncode == 0, run.stderr
    return " ".join(run.stdout.replace("│", " ").split())


def needs(name):
    return pytest.mark.skipif(
        finding.find(name, finding.Options()) is None, reason=finding.absent(name)
    )


@needs("hillstrom/hillstrom.csv.gz")
def test_hillstroms_customers_go_through_the_engine_and_the_plays_land_where_arithmetic_says():
    told = study("hillstrom", "--customers", "600")
    assert "3,000 events of 600 people" in told
    assert "with 1,200 moments" in told
    assert "by-chance replay" in told
    assert told.count("agrees with") == 2
    assert "DISAGREES" not in told


@needs("online_retail/online_retail.parquet")
def test_retails_orders_add_up_and_rows_that_name_nobody_are_refused():
    told = study("retail", "--customers", "300")
    assert "9,000 rows read" in told
    assert "2,290 × identity_missing" in told
    assert "they agree" in told
    assert "consent_missing" in told, "nobody in these data ever allowed a mail"


@needs("hillstrom/hillstrom.csv.gz")
def test_hillstroms_mails_are_worth_something_and_losing_visitors_of_an_arm_is_an_alarm():
    told = study("effects")
    assert "mens visit 0.0766 [0.0700, 0.0832]" in told
    assert "mens, as published: 21,307 / 21,306 people, p 1: no alarm" in told
    assert "21,307 / 20,241 people, p 1.03e-05: ALARM" in told


@needs("hillstrom/hillstrom.csv.gz")
def test_a_policy_that_remembers_spend_looks_good_on_its_own_rows_only():
    told = study("rehearsal", "--customers", "2400")
    rows = told.split("nearest neighbour on ")[1:3]
    assert "other folds" in rows[0]
    assert "do not launch" in rows[0]
    assert "its own rows" in rows[1]
    assert "do not launch" not in rows[1].partition("boosted")[0].partition("mens for all")[0]


@pytest.mark.parametrize("name", ["hillstrom", "retail"])
def test_a_study_whose_data_is_absent_says_so_and_ends_well(tmp_path, name):
    told = study(name, "--data", str(tmp_path))
    assert "SKIPPED" in told
    assert "--data FOLDER" in told


def test_a_study_that_is_not_there_is_named():
    run = subprocess.run(
        [sys.executable, CASES, "moon"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert "there is no study 'moon'; there are hillstrom, retail" in run.stderr


def test_replay_keeps_the_rows_where_choice_and_trial_agree():
    told = estimating.replay([1.0, 0.0, 5.0, 1.0], ["a", "b", "a", "b"], ["a", "b", "b", "b"])
    assert told.mean == pytest.approx(2 / 3)
    assert told.n == 3
    assert told.half == pytest.approx(1.959964 * sqrt((1 / 9 + 4 / 9 + 1 / 9) / 2 / 3), rel=1e-6)


def test_weighting_a_uniform_policy_gives_the_mean_and_one_arm_gives_that_arm():
    rewards, shown = [1.0, 2.0, 6.0], ["a", "b", "c"]
    assert estimating.weighted(rewards, [1 / 3] * 3).mean == pytest.approx(3.0)
    only_c = [float(arm == "c") for arm in shown]
    assert estimating.weighted(rewards, only_c).mean == pytest.approx(6.0)


def test_an_interval_says_what_it_holds_and_one_row_says_nothing():
    assert estimating.Estimate(0.5, 0.1, 9).holds(0.59)
    assert not estimating.Estimate(0.5, 0.1, 9).holds(0.61)
    assert estimating.mean_of([3.0]).holds(100.0)
    assert estimating.mean_of([]).n == 0


@needs("hillstrom/hillstrom.csv.gz")
def test_figures_with_noise_are_as_near_as_their_table_says():
    pytest.importorskip("opendp")
    told = study("aggregates", "--customers", "400")
    assert [row.split()[0] for row in told.split(" count ")[1:]] == ["25", "100", "400"]
    assert "of 100 draws each" in told


def test_data_is_found_in_the_folder_that_is_given_and_by_the_variable(tmp_path, monkeypatch):
    (tmp_path / "trial").mkdir()
    file = tmp_path / "trial" / "rows.csv"
    file.write_text("a\n")
    assert finding.find("trial/rows.csv", finding.Options(data=tmp_path)) == file
    assert finding.find("trial/others.csv", finding.Options(data=tmp_path)) is None
    monkeypatch.setenv(finding.VARIABLE, str(tmp_path))
    assert finding.find("trial/rows.csv", finding.Options()) == file
