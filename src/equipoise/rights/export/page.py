"""The page of an export that a person opens first, in English and in French; it needs no other file."""

from collections.abc import Mapping
from html import escape

from equipoise.rights.export.columns import TABLES
from equipoise.rights.export.rows import newest_reasons
from equipoise.rights.export.taking import Row, Sentence, Taking, iso

NEWEST = 50
"""How many decisions the page itself tells; all are in data/decisions.csv."""

WORDS = {
    "en": {
        "title": "Everything that {company} keeps about you",
        "as_of": "As of {time}. You are called {person} here.",
        "files": "What is in this archive",
        "file": "File",
        "rows": "Rows",
        "what": "What it holds",
        "you": "How you are known, and what you said",
        "value": "Value",
        "from": "How it is known",
        "allowed": "What you allowed",
        "purpose": "Purpose",
        "channel": "Channel",
        "when": "When",
        "act": "Your word",
        "decided": "The newest decisions about you",
        "none": "Nothing.",
        "check": "Check it yourself",
        "how": (
            "Each file in receipts/ is a receipt that stands in a log which nobody can change unseen. "
            "With Python and its library cryptography, write"
        ),
        "key": "The key must be the one that the company publishes.",
        "all": "receipts: every decision and every change of terms, with its proof",
        "consents": "what you allowed, for programs (JSON-LD, DPV)",
        "activity": "what you did, for programs (ActivityStreams)",
        "state": "all that is remembered of you, as it is kept",
    },
    "fr": {
        "title": "Tout ce que {company} garde à votre sujet",
        "as_of": "État au {time}. Vous y êtes désigné par {person}.",
        "files": "Ce que contient cette archive",
        "file": "Fichier",
        "rows": "Lignes",
        "what": "Ce qu’il contient",
        "you": "Comment on vous reconnaît, et ce que vous avez dit",
        "value": "Valeur",
        "from": "D’où on le sait",
        "allowed": "Ce que vous avez permis",
        "purpose": "Finalité",
        "channel": "Canal",
        "when": "Quand",
        "act": "Votre parole",
        "decided": "Les dernières décisions à votre sujet",
        "none": "Rien.",
        "check": "Vérifiez vous-même",
        "how": (
            "Chaque fichier de receipts/ est un reçu inscrit dans un registre que personne ne peut "
            "modifier sans que cela se voie. Avec Python et sa bibliothèque cryptography, écrivez"
        ),
        "key": "La clé doit être celle que l’entreprise publie.",
        "all": "reçus : chaque décision et chaque changement de vos conditions, avec sa preuve",
        "consents": "ce que vous avez permis, pour les logiciels (JSON-LD, DPV)",
        "activity": "ce que vous avez fait, pour les logiciels (ActivityStreams)",
        "state": "tout ce que l’on retient de vous, tel qu’il est gardé",
    },
}
"""Every text of the page."""

TABLE_NAMES = {
    "events": "tout ce qui a été enregistré à votre sujet",
    "attributes": "vos identifiants, et ce qui a été dit de vous",
    "inferred": "ce qui a été calculé ou supposé",
    "decisions": "chaque décision, silence compris",
    "consents": "chaque oui, non, opposition et retrait",
    "terms": "ce que vous avez demandé à l’entreprise",
    "felt": "comment vous avez reçu les contacts",
    "aims": "ce que vous voulez pour vous-même, et où cela en est",
    "intents": "ce que vous avez dit chercher, et qui peut le savoir",
    "shares": "ce qui a été transmis, et à qui",
    "lessons": "ce qui a été appris de vous",
    "requests": "vos demandes et leurs délais",
    "records": "les autres enregistrements",
}
"""What each table holds, in French; in English the table says so itself."""

STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#1b1b1b;background:#fff}table{border-collapse:collapse;width:100%;margin:1rem 0}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #ccc;"
    "overflow-wrap:anywhere}code{background:#f2f2f2;padding:.1rem .3rem}"
)


def page(taking: Taking, language: str, rows: Mapping[str, list[Row]], sentence: Sentence) -> bytes:
    """The page in one language, as HTML in UTF-8 without scripts."""
    words = WORDS[language]
    title = escape(words["title"].format(company=taking.company))
    as_of = words["as_of"].format(time=iso(taking.as_of_ms), person=taking.person)
    parts = [
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title><style>{STYLE}</style></head><body><main><h1>{title}</h1>",
        f"<p>{escape(as_of)}</p>",
        _section(words["files"], _files(taking, language, rows)),
        _section(words["you"], _attributes(words, rows["attributes"])),
        _section(words["allowed"], _consents(words, rows["consents"])),
        _section(words["decided"], _decided(taking, language, sentence)),
        _section(words["check"], _check(taking, words)),
        "</main></body></html>\n",
    ]
    return "\n".join(parts).encode()


def _section(title: str, body: str) -> str:
    return f"<h2>{escape(title)}</h2>\n{body}"


def _table(heads: list[str], rows: list[list[str]], none: str) -> str:
    if not rows:
        return f"<p>{escape(none)}</p>"
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"


def _files(taking: Taking, language: str, rows: Mapping[str, list[Row]]) -> str:
    words = WORDS[language]
    told = [
        [
            f"data/{table.name}.csv",
            str(len(rows[table.name])),
            table.text if language == "en" else TABLE_NAMES[table.name],
        ]
        for table in TABLES
    ]
    told += [
        ["receipts/", str(len(taking.receipts)), words["all"]],
        ["jsonld/consents.jsonld", "", words["consents"]],
        ["activity/outbox.json", str(len(taking.events)), words["activity"]],
        ["state.json", "", words["state"]],
    ]
    return _table([words["file"], words["rows"], words["what"]], told, words["none"])


def _attributes(words: Mapping[str, str], rows: list[Row]) -> str:
    told = [[str(row[0]), str(row[1]).strip('"'), str(row[2])] for row in rows]
    return _table(["", words["value"], words["from"]], told, words["none"])


def _consents(words: Mapping[str, str], rows: list[Row]) -> str:
    told = [[str(row[3]), str(row[4]), str(row[2]), str(row[1])] for row in rows if row[-1]]
    heads = [words["purpose"], words["channel"], words["act"], words["when"]]
    return _table(heads, told, words["none"])


def _decided(taking: Taking, language: str, sentence: Sentence) -> str:
    words = WORDS[language]
    told = [
        [at, str(receipt.body["play"]), str(receipt.body["chosen"]), why, receipt.name]
        for at, why, receipt in newest_reasons(taking, language, sentence, NEWEST)
    ]
    return _table([words["when"], "", "", "", words["file"]], told, words["none"])


def _check(taking: Taking, words: Mapping[str, str]) -> str:
    name = taking.receipts[-1].name if taking.receipts else "d_1"
    command = f"python3 verify.py receipts/{name}.json {taking.vkey}"
    return (
        f"<p>{escape(words['how'])}</p>\n<p><code>{escape(command)}</code></p>\n"
        f"<p>{escape(words['key'])}</p>"
    )
