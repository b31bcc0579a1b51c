"""The tables of a person's export: each column with its meaning, so that no manual is needed.

`rdf` names the property of a public vocabulary that means the same; `provenance` and `purpose` say how such
data came to be known and what they are for, or in which column each row says so; `art20` is True for data
that the person provided, by saying or by doing (GDPR article 20), and False for what was concluded.
"""

from typing import Literal

import msgspec

Kind = Literal["string", "integer", "number", "boolean", "datetime"]
"""Types of Table Schema (Data Package v2) that the tables use."""

SCHEMA = "https://schema.org/"
DPV = "https://w3id.org/dpv#"
DCT = "http://purl.org/dc/terms/"
STREAMS = "https://www.w3.org/ns/activitystreams#"
PROV = "http://www.w3.org/ns/prov#"


class Column(msgspec.Struct, frozen=True):
    """One column; `provenance` may be a value or `as in the column provenance`."""

    name: str
    kind: Kind
    title: str
    text: str
    rdf: str = ""
    art20: bool = True
    provenance: str = "observed"
    purpose: str = "service"


class Table(msgspec.Struct, frozen=True):
    """One CSV file: its columns in order, and those of them that name a row."""

    name: str
    title: str
    text: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]


_EACH = "as in the column provenance"
_NUMBER = Column(
    "number", "integer", "Number", "The place in the log of the company.", f"{DCT}identifier"
)


def _own(name: str, kind: Kind, title: str, text: str, rdf: str = "") -> Column:
    """A column of what the person did or said; each row says which."""
    return Column(name, kind, title, text, rdf, provenance=_EACH)


def _made(name: str, kind: Kind, title: str, text: str, rdf: str = "") -> Column:
    """A column of what the company concluded or did."""
    return Column(name, kind, title, text, rdf, art20=False, provenance="inferred")


def _said(name: str, kind: Kind, title: str, text: str, rdf: str = "") -> Column:
    """A column of what the person stated."""
    return Column(name, kind, title, text, rdf, provenance="stated")


def _seen(name: str, kind: Kind, title: str, text: str) -> Column:
    """A column of what was counted of what the person did."""
    return Column(name, kind, title, text)


EVENTS = Table(
    "events",
    "What happened",
    "Every event that was recorded about you, oldest first.",
    (
        _NUMBER,
        _own("id", "string", "Event", "The id that its source gave it.", f"{DCT}identifier"),
        _own("kind", "string", "Kind", "What kind of event it is.", f"{STREAMS}Activity"),
        _own("at", "datetime", "When", "When it happened.", f"{STREAMS}published"),
        _own("received", "datetime", "Received", "When the company had it.", f"{DCT}dateAccepted"),
        _own("channel", "string", "Channel", "Through which channel.", f"{STREAMS}instrument"),
        _own("source", "string", "Source", "Who said so.", f"{DPV}hasDataSource"),
        _own("provenance", "string", "Provenance", "stated, observed, inferred or third_party."),
        _own("trust", "string", "Trust", "Whether the source may speak for known people."),
        _own("history", "boolean", "History", "Whether it was brought in as a thing of the past."),
        _own("handles", "string", "Handles", "How you were recognised, as JSON."),
        _own("facts", "string", "Facts", "What the event says, as JSON.", f"{SCHEMA}object"),
        _own("context", "string", "Surroundings", "Time zone, language, page, as JSON."),
        _own("sent", "datetime", "Sent", "When the sender's clock says it was sent."),
        _own("original", "datetime", "Original time", "The time as the sender wrote it."),
    ),
    ("number",),
)
RECORDS = Table(
    "records",
    "Other records",
    "Records that are no events: questions of a page, deliveries, answers of staff, your requests.",
    (
        _NUMBER,
        Column("kind", "string", "Kind", "What the record is about."),
        Column("body", "string", "Record", "The record itself, as JSON."),
    ),
    ("number",),
)
ATTRIBUTES = Table(
    "attributes",
    "What you said and what was seen",
    "Your handles, and the last value of each thing that was said about you.",
    (
        _own("name", "string", "Name", "What it is called in the profile.", f"{SCHEMA}name"),
        _own("value", "string", "Value", "Its value, as JSON.", f"{SCHEMA}value"),
        _own("provenance", "string", "Provenance", "stated, observed, inferred or third_party."),
        _own("since", "datetime", "Since", "When it was said.", f"{PROV}generatedAtTime"),
        _own("meaning", "string", "Meaning", "What it means.", f"{SCHEMA}description"),
        _own("art20", "boolean", "Yours to take", "Whether article 20 of the GDPR covers it."),
    ),
    ("name", "value"),
)
INFERRED = Table(
    "inferred",
    "What was concluded",
    "Numbers folded from events, and what a model expected of you when something was decided.",
    (
        _made("name", "string", "Name", "A profile field, or DECISION.OPTION.MEASURE."),
        _made("value", "string", "Value", "Its value, as JSON.", f"{SCHEMA}value"),
        _made("unit", "string", "Unit", "What it counts in.", f"{SCHEMA}unitText"),
        _made("provenance", "string", "Provenance", "observed: folded from events; or inferred."),
        _made("by", "string", "By", "fold, or the version of the model.", f"{PROV}wasGeneratedBy"),
        _made("as_of", "datetime", "As of", "The time for which it holds."),
        _made("meaning", "string", "Meaning", "What it means.", f"{SCHEMA}description"),
    ),
    ("name",),
)
DECISIONS = Table(
    "decisions",
    "What was decided",
    "Every decision about you, silence too. The whole of each is in receipts/.",
    (
        _NUMBER,
        _made("id", "string", "Decision", "Its public name; the receipt is receipts/ID.json."),
        _made("at", "datetime", "When", "When it was decided.", f"{DCT}created"),
        _made("play", "string", "Play", "By which play of the company."),
        _made("version", "string", "Version", "The version of the play, a SHA-256."),
        _made("purpose", "string", "Purpose", "For which purpose.", f"{DPV}hasPurpose"),
        _made("basis", "string", "Basis", "On which legal basis, as JSON.", f"{DPV}hasLegalBasis"),
        _made("moment", "string", "Moment", "What it was an answer to."),
        _made("outcome", "string", "Outcome", "act, silence, held or review."),
        _made("chosen", "string", "Chosen", "The option that was chosen.", f"{SCHEMA}result"),
        _made("reason", "string", "Reason", "Why it ended so, as a code."),
        _made("reason_en", "string", "Reason in English", "The same as a sentence."),
        _made("reason_fr", "string", "Reason in French", "The same as a sentence."),
        _made(
            "chooser", "string", "Chooser", "What chose; empty where nothing was left to choose."
        ),
        _made("model", "string", "Model", "The version of the model that was asked."),
        _made("data_used", "string", "Data used", "What was looked at, as JSON."),
        _made("draw", "string", "Draw", "The number that was drawn, from 0 to 1."),
        _made(
            "status", "string", "Delivery", "Where the action stands, empty where there is none."
        ),
        _made("attempts", "integer", "Attempts", "How often its delivery was tried."),
        _made("content", "string", "Content", "What was said to you, as JSON."),
    ),
    ("number",),
)
CONSENTS = Table(
    "consents",
    "What you allowed",
    "Every yes, no, objection and withdrawal, with the notice that was served.",
    (
        _NUMBER,
        _said("at", "datetime", "When", "When you said so.", f"{DPV}isIndicatedAtTime"),
        _said("kind", "string", "Act", "terms.granted, .withdrawn or .objected."),
        _said("purpose", "string", "Purpose", "For which purpose.", f"{DPV}hasPurpose"),
        _said("channel", "string", "Channel", "On which channel; * means all."),
        _said("source", "string", "Source", "Through whom it was said.", f"{DPV}isIndicatedBy"),
        _said("notice", "string", "Notice", "The notice that was served.", f"{DPV}hasNotice"),
        _said("notice_sha256", "string", "Notice digest", "The SHA-256 of its text."),
        _said("language", "string", "Language", "The language of the notice.", f"{DCT}language"),
        _said("in_force", "boolean", "In force", "Whether it is your newest word on the matter."),
    ),
    ("number",),
)
TERMS = Table(
    "terms",
    "What you asked of the company",
    "Agreements, negotiations, signals of your software, budget of attention, quiet hours, restriction.",
    (
        _said("name", "string", "Name", "What kind of term it is."),
        _said("value", "string", "Value", "What was asked, as JSON."),
        _said("status", "string", "Status", "Where it stands.", f"{DPV}hasStatus"),
        _said("since", "datetime", "Since", "When it was said."),
        _said("until", "datetime", "Until", "When it ends; empty has no end."),
        _NUMBER,
    ),
    ("name", "value", "number"),
)
FELT = Table(
    "felt",
    "How contacts felt",
    "What you answered when you were asked how a contact felt.",
    (
        _NUMBER,
        _said("at", "datetime", "When", "When you said so.", f"{STREAMS}published"),
        _said("felt", "string", "Felt", "welcome, not_now, too_much or untrue."),
        _said("decision", "string", "Decision", "The decision that brought the contact, if named."),
        _said("play", "string", "Play", "The play of the company that it came from."),
        _said("option", "string", "Option", "Which of its options it was."),
        _said("source", "string", "Source", "Through whom you said it.", f"{DPV}hasDataSource"),
        _said("in_force", "boolean", "In force", "Whether it is what counts about that contact."),
    ),
    ("number",),
)
AIMS = Table(
    "aims",
    "What you want of yourself",
    "Limits and goals that you set, and where those stand that hold.",
    (
        _NUMBER,
        _said("id", "string", "Aim", "The name that it goes by."),
        _said("kind", "string", "Kind", "spend_at_most, contacts_at_most, use_less or goal."),
        _said("status", "string", "Status", "in force, withdrawn, or over.", f"{DPV}hasStatus"),
        _said("most", "number", "At most", "The limit, in what it counts.", f"{SCHEMA}maxValue"),
        _said("percent_below", "number", "Per cent below", "As a share below the period before."),
        _said("per", "string", "Per", "month or week."),
        _said("zone", "string", "Clock", "The time zone whose calendar counts."),
        _said("what", "string", "What", "The kind of event that is used less."),
        _said("quantity", "string", "Quantity", "What is added up of it; empty counts events."),
        _said("category", "string", "Category", "Of which category alone."),
        _said("currency", "string", "Currency", "In which currency.", f"{SCHEMA}currency"),
        _said("text", "string", "Goal", "A goal in your own words.", f"{SCHEMA}description"),
        _said("since", "datetime", "Since", "When you said so.", f"{SCHEMA}validFrom"),
        _said("until", "datetime", "Until", "When it ends.", f"{SCHEMA}validThrough"),
        _seen("used", "number", "Used", "What was counted in the present period."),
        _seen("left", "number", "Left", "What is left of the limit; empty where none is known."),
        _seen("from", "datetime", "From", "When the present period began."),
        _said("facts", "string", "Facts", "The facts that declare the same elsewhere, as JSON."),
    ),
    ("number",),
)
INTENTS = Table(
    "intents",
    "What you are looking for",
    "What you said you look for, and who may know of it.",
    (
        _NUMBER,
        _said("id", "string", "Intent", "The name that it goes by."),
        _said("status", "string", "Status", "in force, withdrawn, or over.", f"{DPV}hasStatus"),
        _said("category", "string", "Category", "What you look for.", f"{SCHEMA}category"),
        _said("must", "string", "Must", "What it has to have, as JSON."),
        _said("nice", "string", "Nice", "What would be welcome, as JSON."),
        _said("budget", "number", "Budget", "The most you would pay.", f"{SCHEMA}maxPrice"),
        _said("currency", "string", "Currency", "In which currency.", f"{SCHEMA}priceCurrency"),
        _said("audience", "string", "Audience", "Who may know of it, as JSON."),
        _said("since", "datetime", "Since", "When you said so.", f"{SCHEMA}validFrom"),
        _said("until", "datetime", "Until", "When it ends.", f"{SCHEMA}validThrough"),
        _said("facts", "string", "Facts", "The facts that declare the same elsewhere, as JSON."),
    ),
    ("number",),
)
SHARES = Table(
    "shares",
    "Who was given what",
    "Every time that a partner asked for something about you, and what it was told.",
    (
        _NUMBER,
        _made("at", "datetime", "When", "When it was asked."),
        _made("recipient", "string", "Recipient", "Who asked.", f"{DPV}hasRecipient"),
        _made("purpose", "string", "Purpose", "For which purpose.", f"{DPV}hasPurpose"),
        _made("outcome", "string", "Outcome", "granted or refused."),
        _made("reason", "string", "Reason", "Why it was refused, as a code; empty where granted."),
        _made("asked", "string", "Asked", "The questions or fields asked for, as JSON."),
        _made("what", "string", "What", "The fields or the answer, as JSON; empty where refused."),
        _made("duties", "string", "Duties", "What the recipient owes, as JSON."),
        _made("body", "string", "Receipt", "The whole receipt, as JSON."),
    ),
    ("number",),
)
LESSONS = Table(
    "lessons",
    "What was learnt from you",
    "What each decision led to, as those who learn from it see it.",
    (
        _NUMBER,
        _made("decision", "string", "Decision", "The decision; empty for a comparison of plays."),
        _made("play", "string", "Play", "The play it belongs to."),
        _made("kind", "string", "Kind", "lesson, open (still awaited) or comparison."),
        _made("option", "string", "Option", "What was chosen."),
        _made("arm", "string", "Arm", "Who chose: the engine, or a control."),
        _made("at", "datetime", "When", "When it was decided, or the comparison began."),
        _made("over", "datetime", "Over", "When its window was over."),
        _made("n", "integer", "Events", "How many events of the goal followed."),
        _made("value", "number", "Value", "What they were worth."),
        _made("left", "boolean", "Left", "Whether you opted out meanwhile."),
        _made("propensity", "number", "Propensity", "The probability of the option drawn."),
        _made("inputs", "string", "Inputs", "The features that were looked at, as JSON."),
    ),
    ("kind", "number", "play"),
)
REQUESTS = Table(
    "requests",
    "What you asked for",
    "Your requests under the law, with their clock.",
    (
        _NUMBER,
        _said("kind", "string", "Right", "Which right.", f"{DPV}hasRight"),
        _said("status", "string", "Status", "Where it stands.", f"{DPV}hasStatus"),
        _said("asked", "datetime", "Asked", "When you asked."),
        _said("due", "datetime", "Due", "When an answer is owed."),
        _said("answered", "datetime", "Answered", "When it was answered."),
        _said("reason", "string", "Reason", "Why it was refused or put off."),
        _said("text", "string", "Text", "What you wrote."),
        _said("body", "string", "Request", "The whole request, as JSON."),
    ),
    ("number",),
)

TABLES = (
    EVENTS,
    ATTRIBUTES,
    INFERRED,
    DECISIONS,
    CONSENTS,
    TERMS,
    FELT,
    AIMS,
    INTENTS,
    SHARES,
    LESSONS,
    REQUESTS,
    RECORDS,
)
"""Every table of a person's export, in the order of the descriptor."""
