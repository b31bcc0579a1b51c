"""The small pages behind the links in a letter."""

from equipoise.doors.one_tap import Button, language_of, page


def test_a_page_with_nothing_to_tap_has_no_form():
    assert b"<form" not in page("en", ("Done", "It is done.")).body


def test_what_stands_on_a_page_and_on_its_buttons_is_text_and_never_markup():
    body = page("en", ("<b>", "a & b"), (Button("<i>", 'na"me', "<>"),)).body

    assert b"<b>" not in body
    assert b"&lt;b&gt;" in body
    assert b'<button name="na&quot;me" value="&lt;&gt;">&lt;i&gt;</button>' in body


def test_a_page_is_not_kept_and_loads_nothing_from_elsewhere():
    answer = page("fr", ("Merci", "C’est fait."))

    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_link_that_belongs_to_nothing_is_answered_in_english():
    assert language_of(None) == "en"
