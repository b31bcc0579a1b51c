"""All settings in one table: name, default, help. One TOML file and environment variables fill it."""

import math
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec


class SettingsError(ValueError):
    """A setting has an unknown name or a value of the wrong kind."""


class Setting(NamedTuple):
    """One row of the table: dotted name, default (its type is the type asked for), and help."""

    name: str
    default: str | int | float | bool
    help: str


SETTINGS = (
    Setting("company", "Your shop", "The name people see in pages, mails and receipts."),
    Setting("store", "sqlite:equipoise.db", "Where the engine remembers: sqlite:PATH or memory:."),
    Setting("plays", "plays", "Folder of the plays; read again when a file changes."),
    Setting("keys", "", "The key file; empty takes NAME.keys beside the store NAME.db."),
    Setting("origin", "ledger.localhost/equipoise", "Name of the ledger in its checkpoints."),
    Setting("witnesses", "", "Witnesses whose signatures are shown: KEY, or KEY@URL to ask them."),
    Setting("seed", "", "Seeds every draw; empty takes the one in the key file."),
    Setting("timezone", "Europe/Paris", "Time zone of people who have not shown another."),
    Setting("locale", "en", "Language of people who have not shown another: en or fr."),
    Setting("host", "127.0.0.1", "Address the server listens on."),
    Setting("port", 8080, "Port the server listens on; 0 takes a free one."),
    Setting(
        "public_url",
        "",
        "Address of the server as people see it; empty derives it from the request.",
    ),
    Setting(
        "open_console",
        False,
        "Show the console without a login (only sensible for the simulated town).",
    ),
    Setting("limits.event_bytes", 32_768, "Largest event, decompressed, in bytes."),
    Setting("limits.request_bytes", 512_000, "Largest request, decompressed, in bytes."),
    Setting("limits.batch_events", 2_500, "Most events in one request."),
    Setting(
        "limits.rudder_bytes",
        4_194_304,
        "Largest request and event of sources whose name starts with rudder.",
    ),
    Setting(
        "limits.backlog_rows", 20_000, "Unwalked intake rows beyond which the door answers 429."
    ),
    Setting(
        "limits.backlog_bytes",
        536_870_912,
        "Unwalked intake bytes beyond which the door answers 429.",
    ),
    Setting("intake.group_ms", 0.0, "How long a commit of the intake waits for company, in ms."),
    Setting("intake.keep_rows", 1_000, "Walked intake rows that are kept for inspection."),
    Setting("step.bytes", 1_000_000, "About how many bytes of intake one step walks."),
    Setting("step.people", 100_000, "Decoded people kept in memory between steps."),
    Setting("dedupe_hours", 24.0, "How long a message id is remembered, in hours; not under 24."),
    Setting(
        "budget.per_day",
        1,
        "Most contacts of one person in a calendar day, all plays and channels.",
    ),
    Setting("budget.per_7d", 3, "Most contacts of one person in seven days, rolling."),
    Setting("budget.per_28d", 8, "Most contacts of one person in twenty-eight days, rolling."),
    Setting("quiet.from", "21:00", "Start of the quiet hours in the person's own time zone."),
    Setting("quiet.to", "08:00", "End of the quiet hours in the person's own time zone."),
    Setting("holdout", 0.0, "Share of people whom no play ever contacts, 0 to 1."),
    Setting(
        "basis.default",
        "consent",
        "Basis of a purpose that is not listed: consent, interest or contract.",
    ),
    Setting(
        "basis.contract", "service", "Purposes served as part of the contract, separated by spaces."
    ),
    Setting(
        "basis.interest", "personalisation analytics", "Purposes served until the person objects."
    ),
    Setting(
        "explain.default",
        "exact",
        "How far a model must explain itself for a purpose: exact, approximate or none.",
    ),
    Setting(
        "explain.approximate", "", "Purposes content with reasons found afterwards, by spaces."
    ),
    Setting("explain.none", "", "Purposes content with a model without reasons, by spaces."),
    Setting("phrases", "", "TOML file with phrases of your own for features; empty has none."),
    Setting(
        "profile.purpose",
        "personalisation",
        "Purpose for which a profile is folded; an objection stops it.",
    ),
    Setting(
        "terms.accepts",
        "",
        "Agreements of the roster that the house accepts, by spaces; empty accepts all.",
    ),
    Setting(
        "terms.counter",
        "",
        "The agreement offered once to whoever proffers another; empty makes no offer.",
    ),
    Setting(
        "terms.default",
        "",
        "The agreement that holds for people who chose none; empty caps nothing.",
    ),
    Setting(
        "terms.analytics",
        "analytics",
        "Purposes that take analytics of an agreement, and no profiling.",
    ),
    Setting("terms.tracking", "", "Purposes that take tracking of an agreement, and no profiling."),
    Setting(
        "terms.gpc", "", "Purposes that Sec-GPC denies beside sharing and cross-site advertising."
    ),
    Setting(
        "terms.marketing",
        "marketing",
        "Purposes that are direct marketing, for objections by ADPC.",
    ),
    Setting("terms.notices", "", "TOML file of the notices that are served; empty has none."),
    Setting("terms.tcf_vendor", 0, "Vendor number of the house in TC strings; 0 reads none."),
    Setting(
        "terms.tcf",
        "analytics=7,8 personalisation=5,6 ads.cross_site=3,4",
        "Purposes with those of the framework that they need, by spaces.",
    ),
    Setting("terms.url", "", "Address of the terms of service, for /.well-known/myterms.json."),
    Setting("terms.since", "2026-11-22", "Day from which these terms are in force."),
    Setting("terms.jurisdiction", "EU", "Jurisdiction that records of consent and agreement name."),
    Setting(
        "aims.helps",
        "",
        "Purposes that help people keep their own limits, by spaces; they go on at a limit.",
    ),
    Setting(
        "sharing.epsilon",
        3.0,
        "What figures for one recipient may cost in a calendar year, in epsilon; 0: none leave.",
    ),
    Setting(
        "sharing.epsilon_together",
        6.0,
        "As sharing.epsilon, for all recipients together, should they lay their figures together.",
    ),
    Setting("sharing.per_s", 20.0, "Reads a second that one token of a partner may make; 0: any."),
    Setting("people.handles", 200, "Most handles of one person before further joins are held."),
    Setting(
        "joins.rule",
        "",
        "Confirms hypotheses by itself: a probability, then fields that must agree exactly; empty: none.",
    ),
    Setting(
        "joins.every_hours",
        0.0,
        "How often a served house looks for probable joins; 0: when asked.",
    ),
    Setting(
        "smtp.url",
        "",
        "Where e-mail goes: smtp://USER:PASSWORD@HOST:PORT or smtps://...; empty sends none.",
    ),
    Setting("smtp.from", "shop@localhost", "Sender address of e-mail."),
    Setting("webhook.url", "", "Where webhooks go."),
    Setting("webhook.secret", "", "Standard Webhooks secret (whsec_...)."),
    Setting("webhook.allow", "", "Private hosts that webhooks may reach, separated by spaces."),
    Setting("send.attempts", 8, "Attempts before an action goes to the dead-letter list."),
    Setting(
        "send.backoff_s",
        30.0,
        "Wait after the first failed attempt, in seconds; doubles each time.",
    ),
    Setting("send.concurrency", 8, "Deliveries under way at once for each sender and receiver."),
    Setting("send.timeout_s", 10.0, "Longest that one delivery may take, in seconds."),
    Setting("log.level", "info", "How much the server says: debug, info, warning or error."),
    Setting("security.env", "live", "The second part of every new key: live, test, ..."),
    Setting("security.key_per_s", 1000.0, "Requests a second that one write key may make; 0: any."),
    Setting(
        "security.address_per_s",
        5.0,
        "Requests a second that one address may make of /v1/terms without a key; 0: any.",
    ),
    Setting("security.idle_minutes", 60.0, "A console session ends after this long in silence."),
    Setting("security.session_hours", 12.0, "A console session ends after this long, used or not."),
    Setting(
        "security.proxies", "", "Addresses whose X-Forwarded-For is believed, separated by spaces."
    ),
    Setting(
        "tenants.folder", "tenants", "Where each house of a server for several has its folder."
    ),
    Setting("learn.every_hours", 24.0, "How often plays are taught, in hours; 0 for never."),
    Setting(
        "learn.forget", 0.0, "Share of what was learnt that each new version forgets, 0 to below 1."
    ),
    Setting(
        "learn.lifetime_value",
        50.0,
        "What is lost when a person leaves, in the goal's currency, until orders tell it.",
    ),
)
"""The table. The type of a default is the type that is asked for."""

PATHS = ("store", "plays", "keys", "phrases", "terms.notices", "tenants.folder")
"""The settings that name a file or a folder; `store` names one after `sqlite:`."""

_BY_NAME = {setting.name: setting for setting in SETTINGS}


class Settings(msgspec.Struct, frozen=True):
    """Values by name, complete: what is not set has its default."""

    values: dict[str, Any]

    def text(self, name: str) -> str:
        """A setting that is a text."""
        return str(self.values[name])

    def whole(self, name: str) -> int:
        """A setting that is a whole number."""
        return int(self.values[name])

    def number(self, name: str) -> float:
        """A setting that is a number."""
        return float(self.values[name])

    def yes(self, name: str) -> bool:
        """A setting that is yes or no."""
        return bool(self.values[name])


def _coerce(setting: Setting, value: Any, origin: str) -> Any:
    kind = type(setting.default)
    try:
        if kind is bool and isinstance(value, str):
            return {
                "true": True,
                "1": True,
                "yes": True,
                "false": False,
                "0": False,
                "no": False,
                "": False,
            }[value.lower()]
        if isinstance(value, bool) != (kind is bool) and kind is not str:
            raise TypeError
        made = kind(value)
        if isinstance(made, float) and not math.isfinite(made):
            raise ValueError
        if kind is int and isinstance(value, float) and made != value:
            raise ValueError
        return made
    except (KeyError, TypeError, ValueError):
        message = (
            f"{origin}: setting {setting.name} needs {kind.__name__}, got {value!r}. "
            f"Write for example {setting.default!r}; `equipoise settings` lists all."
        )
        raise SettingsError(message) from None


def _flatten(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            flat |= _flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _anchored(name: str, value: Any, folder: Path) -> Any:
    """A path as seen from where we are, when it was written as seen from a folder."""
    if name not in PATHS or not isinstance(value, str) or not value:
        return value
    kind, colon, place = value.rpartition(":") if name == "store" else ("", "", value)
    return f"{kind}{colon}{folder / place}" if place and kind in ("", "sqlite") else value


def _read_file(file: Path) -> dict[str, Any]:
    """The settings in a TOML file, flat, after the defaults: both are seen from the file's folder."""
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        message = f"{file}: there is no such settings file. `equipoise init FOLDER` makes one."
        raise SettingsError(message) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{file}: is not TOML ({error}). Look at the quotes and brackets there."
        raise SettingsError(message) from None
    values = {name: _BY_NAME[name].default for name in PATHS} | _flatten(table)
    return {name: _anchored(name, value, file.parent) for name, value in values.items()}


def read_settings(
    file: Path | None = None,
    environ: Mapping[str, str] | None = None,
    given: Mapping[str, Any] | None = None,
) -> Settings:
    """Defaults, then the TOML file, then `EQUIPOISE_...` variables, then what is given.

    `smtp.url` is the variable `EQUIPOISE_SMTP_URL`; paths in a file are taken from the file's folder.
    Raises `SettingsError` on an unknown name or a value of the wrong kind.
    """
    values: dict[str, Any] = {setting.name: setting.default for setting in SETTINGS}
    layers: list[tuple[str, dict[str, Any]]] = []
    if file is not None:
        layers.append((str(file), _read_file(file)))
    source = os.environ if environ is None else environ
    named = {f"EQUIPOISE_{name.replace('.', '_').upper()}": name for name in _BY_NAME}
    layers.append(
        ("environment", {named[key]: value for key, value in source.items() if key in named})
    )
    layers.append(("given", dict(given or {})))
    for origin, layer in layers:
        for name, value in layer.items():
            if name not in _BY_NAME:
                message = f"{origin}: there is no setting {name!r}. `equipoise settings` lists all of them."
                raise SettingsError(message)
            values[name] = _coerce(_BY_NAME[name], value, origin)
    return Settings(values)
