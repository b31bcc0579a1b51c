"""The published figures of CDNOW come out, and the case study that shows them ends well."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from equipoise.learn.lifetime.fitting import fit, fit_value
from equipoise.learn.lifetime.foreseeing import expected_purchases

CASES = Path(__file__).resolve().parents[3] / "cases"


@pytest.fixture(scope="module")
def cdnow():
    """The purchases of the sample, read by the case study; skipped where they are absent."""
    sys.path.insert(0, str(CASES))
    try:
        import cdnow as study
    finally:
        sys.path.remove(str(CASES))
    path = study.find(study.SAMPLE, study.Options())
    if path is None:
        pytest.skip(study.absent(study.SAMPLE))
    return study, study.read(path, 0)


def test_bg_nbd_gives_the_published_parameters(cdnow):
    found = fit(cdnow[1].people())
    published = (0.2425945, 4.4136019, 0.7929199, 2.4258881)
    assert found.params == pytest.approx(published, abs=1e-4)
    assert found.loglik == pytest.approx(-9582.429, abs=1e-3)
    assert (found.people, found.repeaters, found.supported) == (2_357, 946, True)


def test_pareto_nbd_gives_the_published_parameters(cdnow):
    found = fit(cdnow[1].people(), "pareto_nbd")
    assert found.params == pytest.approx((0.553, 10.578, 0.606, 11.669), abs=1e-3)
    assert found.loglik == pytest.approx(-9595.0, abs=0.05)


def test_gamma_gamma_gives_the_published_parameters(cdnow):
    found = fit_value(cdnow[1].people())
    assert found.params == pytest.approx((6.25, 3.74, 15.44), abs=5e-3)
    assert found.loglik == pytest.approx(-4055.9177, abs=1e-3)
    assert found.repeaters == 946


def test_the_holdout_is_foreseen_as_published(cdnow):
    people, (later, spent) = cdnow[1].people(), cdnow[1].later()
    expected = expected_purchases(fit(people), people, 273).estimate
    assert later.sum() == 1_882
    assert expected.sum() == pytest.approx(1_653, abs=0.5)
    assert np.abs(expected - later).mean() == pytest.approx(0.7855, abs=5e-5)
    assert np.corrcoef(expected, later)[0, 1] == pytest.approx(0.6256, abs=1e-4)
    assert spent.sum() > 70_000


def test_the_study_runs_on_its_first_buyers(cdnow):
    run = subprocess.run(
        [sys.executable, CASES, "cdnow", "--customers", "900"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "bg_nbd from profiles" in run.stdout
    assert "fitted the sample, 900 buyers" in run.stdout
    assert "published" not in run.stdout.split("Parameters")[1], (
        "part of the sample is not the sample"
    )


def test_too_few_buyers_are_told_and_nothing_is_shown(cdnow):
    run = subprocess.run(
        [sys.executable, CASES, "cdnow", "--customers", "60"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "bg_nbd is not supported: 60 people have bought" in run.stdout


def test_absent_data_is_told(tmp_path):
    run = subprocess.run(
        [sys.executable, CASES, "cdnow", "--data", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "SKIPPED" in run.stdout
