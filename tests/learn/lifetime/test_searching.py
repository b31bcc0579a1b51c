"""The search for a likelihood's largest value says where it is not to be trusted."""

import numpy as np

from equipoise.learn.lifetime.searching import maximise


def test_a_hill_with_one_top_is_climbed_to_it():
    top = np.log([2.0, 0.5])

    def loglik(params):
        away = np.log(params) - top
        return float(-50 * away @ away), -100 * away / params

    found = maximise(loglik, (1.0, 1.0), people=100)
    assert found.converged
    assert np.allclose(found.params, [2.0, 0.5])
    assert np.allclose(found.covariance, np.eye(2) / 100, atol=1e-6)


def test_a_direction_in_which_nothing_is_known_is_no_result():
    """The likelihood of a product says nothing of its factors: its information matrix is singular."""

    def loglik(params):
        away = float(np.log(params).sum())
        return -50 * away**2, -100 * away / params

    found = maximise(loglik, (3.0, 1.0), people=100)
    assert not found.converged
    assert np.isnan(found.covariance).all()
