"""A file of logged decisions becomes columns; what cannot be read is counted and told by its row."""

import gzip

import numpy as np
import pytest

from equipoise.arrive.files import (
    FileError,
    MappingError,
    codes_of,
    read_decision_mapping,
    read_decisions,
)

LOG = """person,at,option,propensity,reward,segment,orders.count,has.email,town
ana,2026-01-02T10:00:00,mail,0.5,3.5,new,2,1,Lyon
zoe,2026-01-01T10:00:00,silence,0.25,0,old,0,0,Nice
ana,2026-01-03T10:00:00,call,0.25,1,new,,yes,
"""


def write(folder, text, name="log.csv"):
    path = folder / name
    path.write_text(text)
    return path


def kinds(field):
    return {"has.email": "boolean", "orders.count": "number"}.get(field)


def read(folder, text=LOG, *pairs, mapping=""):
    return read_decisions(write(folder, text), read_decision_mapping(mapping, pairs), kinds)


def test_columns_are_read_by_their_own_names_and_rows_stand_by_time(tmp_path):
    log = read(tmp_path)
    assert [log.options[taken] for taken in log.taken] == ["silence", "mail", "call"]
    assert log.number.tolist() == [2, 1, 3]
    assert log.people.tolist() == [0, 1, 1]
    assert log.propensity.tolist() == [0.25, 0.5, 0.25]
    assert log.reward.tolist() == [0.0, 3.5, 1.0]
    assert log.segments.tolist() == ["old", "new", "new"]
    assert log.fields["has.email"].tolist() == [False, True, True]
    assert log.fields["orders.count"].tolist()[:2] == [0.0, 2.0]
    assert np.isnan(log.fields["orders.count"][2])
    assert log.fields["town"].tolist() == ["Nice", "Lyon", None]
    assert log.at_ms[1] - log.at_ms[0] == 86_400_000


def test_other_names_are_mapped_and_options_translated(tmp_path):
    text = "who,arm,gain\n1,A,2\n2,B,0\n"
    mapping = "options: {A: mail, B: silence}\nreward: gain\n"
    log = read(tmp_path, text, "person=who", "option=arm", "propensity=0.5", mapping=mapping)
    assert log.options == ("mail", "silence")
    assert log.propensity.tolist() == [0.5, 0.5]
    assert log.at_ms is None


def test_each_row_is_a_person_of_its_own_where_nobody_is_named(tmp_path):
    text = "option,propensity,reward\nmail,0.5,1\nmail,0.5,0\n"
    assert read(tmp_path, text, "person=").people.tolist() == [0, 1]
    with pytest.raises(FileError, match=r"has no column 'person'.*--map person=COLUMN"):
        read(tmp_path, text)


def test_rows_that_cannot_be_read_are_counted_and_the_first_of_each_is_told(tmp_path):
    text = (
        "person,option,propensity,reward\n"
        "1,mail,0.5,1\n"
        "2,mail,0,1\n"
        "3,,0.5,1\n"
        "4,mail,1.5,1\n"
        "5,mail,0.5,much\n"
        ",mail,0.5,1\n"
        "7,mail\n"
        "8,silence,0.5,0\n"
    )
    log = read(tmp_path, text)
    assert log.n == 2
    assert log.refused == {
        "row_malformed": 1,
        "option_missing": 1,
        "propensity_unreadable": 2,
        "number_unreadable": 1,
        "person_missing": 1,
    }
    assert log.options == ("mail", "silence")
    assert log.first["propensity_unreadable"].startswith("log.csv, row 2: ")
    assert log.first["number_unreadable"].endswith("came 'much'")
    assert log.first["row_malformed"].startswith("log.csv, row 7: ")


def test_a_file_in_which_nothing_can_be_read_is_an_error_that_says_why(tmp_path):
    with pytest.raises(FileError, match=r"no decision in it can be read.*propensity"):
        read(tmp_path, "person,option,propensity,reward\n1,mail,2,1\n")


def test_a_time_that_is_none_refuses_its_row(tmp_path):
    log = read(tmp_path, LOG.replace("2026-01-03T10:00:00", "soon"))
    assert (log.n, log.refused) == (2, {"time_unreadable": 1})


def test_the_whole_distribution_is_read_where_each_option_has_a_column(tmp_path):
    text = (
        "person,option,propensity,reward,propensity.mail,propensity.silence\n"
        "1,mail,0.7,1,0.7,0.3\n2,silence,0.5,0,0.5,0.5\n"
    )
    log = read(tmp_path, text)
    assert log.incumbent.tolist() == [[0.7, 0.3], [0.5, 0.5]]
    assert log.fields == {}


def test_several_columns_together_name_the_segment(tmp_path):
    log = read(tmp_path, LOG, "segment=segment", "segment=town")
    assert log.segments.tolist() == ["old / Nice", "new / Lyon", "new / –"]


def test_leaving_costs_and_consent_are_read_where_they_are_told(tmp_path):
    text = "person,option,propensity,reward,left,cost,consent\n1,mail,1,1,yes,0.5,no\n2,mail,1,1,,0.5,\n"
    log = read(tmp_path, text)
    assert log.left.tolist() == [True, False]
    assert log.cost.tolist() == [0.5, 0.5]
    assert log.consent.tolist() == [False, None]


def test_parquet_and_packed_csv_say_the_same(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    csv = pytest.importorskip("pyarrow.csv")
    path = write(tmp_path, LOG)
    parquet.write_table(csv.read_csv(path), tmp_path / "log.parquet")
    (tmp_path / "log.csv.gz").write_bytes(gzip.compress(LOG.encode()))
    plain = read_decisions(path, read_decision_mapping(), kinds)
    for name in ("log.parquet", "log.csv.gz"):
        other = read_decisions(tmp_path / name, read_decision_mapping(), kinds)
        assert other.options == plain.options
        for column in ("taken", "propensity", "reward", "people", "at_ms", "segments"):
            assert getattr(other, column).tolist() == getattr(plain, column).tolist(), column
        assert other.fields["has.email"].tolist() == plain.fields["has.email"].tolist()


def test_a_leading_zero_makes_a_text_and_a_late_word_makes_a_column_of_texts(tmp_path):
    rows = "".join(f"{n},mail,0.5,1,0{n},{n}\n" for n in range(1, 1100))
    text = f"person,option,propensity,reward,zip,size\n{rows}x,mail,0.5,1,1,big\n"
    log = read(tmp_path, text)
    assert log.fields["zip"][0] == "01"
    assert log.fields["size"][0] == "1"


@pytest.mark.parametrize(
    ("name", "told"),
    [("log.xlsx", "ends in .csv"), ("log.csv", "first row has to name the columns")],
)
def test_a_file_of_another_kind_or_without_a_head_says_what_is_needed(tmp_path, name, told):
    with pytest.raises(FileError, match=told):
        read_decisions(write(tmp_path, "", name), read_decision_mapping())


def test_a_file_in_another_encoding_says_how_to_name_it(tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes(LOG.replace("Lyon", "Mâcon").encode("cp1252"))
    with pytest.raises(FileError, match="Set `encoding`"):
        read_decisions(path, read_decision_mapping())
    assert read_decisions(path, read_decision_mapping("", ["encoding=cp1252"])).n == 3


@pytest.mark.parametrize(
    ("text", "pairs", "told"),
    [
        ("- a\n", (), "needs names with columns"),
        ("opton: arm\n", (), "unknown field `opton`"),
        ("a: [", (), "is not YAML"),
        ("", ("option",), "--map needs NAME=COLUMN"),
    ],
)
def test_a_mapping_with_a_mistake_says_where(text, pairs, told):
    with pytest.raises(MappingError, match=told):
        read_decision_mapping(text, pairs)


def test_codes_count_from_nought_in_order_of_appearance_and_what_is_no_number_is_one_value():
    codes, values = codes_of(np.array([3.0, np.nan, 3.0, 1.0, np.nan]))
    assert codes.tolist() == [0, 1, 0, 2, 1]
    assert values == [3.0, None, 1.0]
