"""Our stores and intakes take the published exams."""

import pytest

from equipoise.stores.memory import MemoryIntake, MemoryStore
from equipoise.stores.sqlite import SqliteIntake, SqliteStore
from equipoise.testing import exams_intake, exams_store
from equipoise.testing.exams_intake import INTAKE_QUESTIONS, IntakePlace, examine_intake
from equipoise.testing.exams_store import STORE_QUESTIONS, StorePlace, examine_store


def store_place(kind, folder):
    if kind == "memory":
        return StorePlace(MemoryStore, keeps=False)
    return StorePlace(lambda: SqliteStore(folder / "shop.db"))


def intake_place(kind, folder):
    if kind == "memory":
        return IntakePlace(MemoryIntake, keeps=False)
    return IntakePlace(lambda: SqliteIntake(folder / "shop.intake.db"))


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
@pytest.mark.parametrize("question", STORE_QUESTIONS, ids=lambda question: question.__name__)
def test_a_store_passes_its_exam(kind, question, tmp_path):
    store = store_place(kind, tmp_path).open()
    question(store)
    store.close()


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
@pytest.mark.parametrize("question", INTAKE_QUESTIONS, ids=lambda question: question.__name__)
def test_an_intake_passes_its_exam(kind, question, tmp_path):
    intake = intake_place(kind, tmp_path).open()
    question(intake)
    intake.close()


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_what_a_place_keeps_outlives_closing(kind, tmp_path):
    exams_store.outlives_closing(store_place(kind, tmp_path))
    exams_intake.outlives_closing(intake_place(kind, tmp_path))


def test_the_whole_exam_can_be_taken_by_others_in_one_call(tmp_path_factory):
    examine_store(lambda: store_place("sqlite", tmp_path_factory.mktemp("store")))
    examine_intake(lambda: intake_place("sqlite", tmp_path_factory.mktemp("intake")))
