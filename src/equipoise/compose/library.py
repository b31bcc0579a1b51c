"""The house as a library, and the walker that every way of running shares."""

import re
import time
from collections.abc import Iterable, Mapping
from functools import partial
from os import urandom
from pathlib import Path
from typing import Self, get_args

import msgspec

from equipoise import engine
from equipoise.account.ledger import seal
from equipoise.account.note import NoteSigner
from equipoise.act.outbox import Retries
from equipoise.arrive import native, segment
from equipoise.arrive.duplicates import Seen
from equipoise.compose.aggregates import limits_of
from equipoise.compose.agreements import agreed_rules
from equipoise.compose.explaining import Explainer, default_explain, explains_of, phrasebook_of
from equipoise.compose.models import read_model
from equipoise.compose.replaying import CannotReplay, Replayed, replay
from equipoise.compose.rights import right_habits, tombstones_beside
from equipoise.compose.tombstones import Tombstones
from equipoise.decide.choosers import find_choosers
from equipoise.decide.deciding import Deciders
from equipoise.decide.guards import find_guards
from equipoise.learn.own import OwnModel, find_models
from equipoise.learnt import Learnt
from equipoise.nouns.events import Value
from equipoise.nouns.explanations import Explanation
from equipoise.nouns.rehearsals import STANDARD, Report, Rule
from equipoise.nouns.rules import Basis, Rules
from equipoise.nouns.state import PersonState
from equipoise.plays import conditions
from equipoise.plays.features import Phrasebook
from equipoise.plays.reading import Known, read_play
from equipoise.ports import Clock, Entropy, Store
from equipoise.remember.fields import CATALOGUE, field_type, never, stored
from equipoise.remember.folding import Folds
from equipoise.remember.view import LOCALES, View, is_timezone
from equipoise.runners.embedded import Embedded
from equipoise.runners.sharing import ShareHabits
from equipoise.runners.teaching import Course, Finding, answered, row_of, study
from equipoise.runners.walking import Habits, Walker
from equipoise.settings import Settings, SettingsError, read_settings
from equipoise.stores import open_store
from equipoise.stores.keyring import Keyring, new_keyring, read_keyring, write_keyring

LEASE_SENDS = 6
"""How many times the longest delivery an attempt owns its action, before a crash is assumed."""


class SystemClock:
    """The clock of the machine."""

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC."""
        return time.time_ns() // 1_000_000


class SystemEntropy:
    """Salts from the operating system."""

    def salt(self, seq: int) -> bytes:  # noqa: ARG002 - the port names what a seeded one needs
        """32 random bytes."""
        return urandom(32)


class Engine(Embedded):
    """The engine as a library: one process, one store, no server.

    `Engine.open("shop.db")` makes or opens `shop.db`, `shop.intake.db` and `shop.keys`.
    """

    forget = 0.0
    at_stake = 0.0
    explainer: Explainer

    @classmethod
    def open(
        cls,
        place: str | Path = "memory:",
        *,
        settings: Settings | None = None,
        clock: Clock | None = None,
        entropy: Entropy | None = None,
        models: Iterable[OwnModel] = (),
    ) -> Self:
        """Open a house at a path or store URL; a missing one is made, with a fresh key file.

        `models` are value models of one's own that plays may name, beside those that are installed.
        Raises `SettingsError`, `KeyringError`, `StoreError` or `OwnModelError` with what to do.
        """
        text = str(place)
        url = text if text.partition(":")[0] in {"memory", "sqlite"} else f"sqlite:{text}"
        settings = settings or read_settings(environ={})
        own = find_models() | {model.name: model for model in models}
        keyring = keyring_of(url, settings)
        store, intake = open_store(url)
        stones = tombstones_beside(keyring_path(url, settings), keyring.digests)
        walker = build_walker(settings, keyring, store, entropy, own, stones)
        opened = cls(walker, intake, clock or SystemClock())
        opened.forget = forget_of(settings)
        opened.at_stake = settings.number("learn.lifetime_value")
        opened.explainer = Explainer(store, phrasebook_of(settings))
        return opened

    def learn(self) -> list[Finding]:
        """Learn from every decision whose outcome is known; the next decisions use what is new.

        One finding for each play that asks a model, and one for what people are worth who leave: its
        version, or what is still missing.
        """
        read_play = self.walker.habits.read_play
        course = Course(read_play=read_play, now_ms=self.clock.now_ms(), forget=self.forget)
        findings = list(study(self.store, course))
        return [
            answered(finding, self.hand_in(row_of(finding, self.clock.now_ms()))[1])
            if finding.is_new
            else finding
            for finding in findings
        ]

    def rehearse(
        self,
        play: str,
        on: str | Path | None = None,
        mapping: Mapping[str, object] | None = None,
        rule: Rule = STANDARD,
    ) -> Report:
        """What a play would have done on history, what that is worth, and whether to launch it.

        `play` is its text (YAML), or the name of one in the log; `on` a CSV, TSV or Parquet file of
        logged decisions, with `mapping` as in a mapping file, else this engine's own log. Writes nothing.
        Raises `PlayMistakes`, `FileError`, `MappingError`, `LogMistake` or `CannotRehearse`.
        """
        from equipoise.compose.rehearsing import Wish, mapping_of, rehearse_on

        read_play = self.walker.habits.read_play
        newest = {row.name: row.text for row in self.store.plays()}
        wish = Wish(
            mapping=mapping_of(mapping or {}),
            rule=rule,
            at_stake=self.at_stake,
            read_play=read_play,
        )
        log = self.store if on is None else Path(on)
        return rehearse_on(self.walker.engine, read_play(newest.get(play, play)), log, wish)

    def explain(self, decision: str, locale: str = "en") -> Explanation | None:
        """How a stored decision (`d_48`) came about, in English or French; None where there is none."""
        found = re.fullmatch(r"d_(\d+)", decision)
        row = self.store.receipts([int(found[1])]).get(int(found[1])) if found else None
        return None if row is None else self.explainer(msgspec.json.decode(row.body), locale)

    def replay(self, decision: str) -> Replayed:
        """Make a stored decision again (`d_48`) from its receipt, and compare every number.

        Raises `CannotReplay` where there is no such decision, or something it was made with is gone.
        """
        found = re.fullmatch(r"d_(\d+)", decision)
        row = self.store.receipts([int(found[1])]).get(int(found[1])) if found else None
        if row is None:
            raise CannotReplay(
                f"decision {decision!r}: there is no such receipt here. Write it as d_48; "
                "`equipoise why PERSON` lists those of a person"
            )
        receipt = msgspec.json.decode(row.body)
        held = self.store.states(atom.person for atom in self.store.atoms([row.atom]).values())
        state = msgspec.msgpack.decode(next(iter(held.values())), type=PersonState)
        pure = self.walker.engine
        view = View(state, int(receipt["at_ms"]), pure.rules)
        return replay(receipt, self.store, view, pure.learnt)


def keyring_path(url: str, settings: Settings) -> Path | None:
    """The key file of a store: the one that is set, else `shop.keys` beside `sqlite:shop.db`."""
    if settings.text("keys"):
        return Path(settings.text("keys"))
    kind, _, place = url.partition(":")
    return None if kind == "memory" else Path(place).with_suffix(".keys")


def keyring_of(url: str, settings: Settings) -> Keyring:
    """The secrets of a store; a key file that is missing is made, unless the store is already there.

    A second key would fork its ledger and draw anew, so that raises `KeyringError`. A set `seed` gives
    secrets that anybody can repeat: for the simulated town and for tests.
    """
    if settings.text("seed"):
        return new_keyring(settings.text("seed").encode())
    path = keyring_path(url, settings)
    if path is None:
        return new_keyring()
    if not path.exists() and not _is_there(url):
        write_keyring(path, new_keyring())
    return read_keyring(path)


def _is_there(url: str) -> bool:
    kind, _, place = url.partition(":")
    return kind == "sqlite" and Path(place).exists()


def rules_of(settings: Settings) -> Rules:
    """The house rules that guards see; raises `SettingsError` on a value that makes no sense."""
    budgets = ("per_day", "per_7d", "per_28d")
    for name in budgets:
        _owed(settings, f"budget.{name}", "0 or more", settings.whole(f"budget.{name}") >= 0)
    _owed(settings, "holdout", "a share from 0 to 1", 0.0 <= settings.number("holdout") <= 1.0)
    _owed(settings, "timezone", "an IANA name", is_timezone(settings.text("timezone")))
    _owed(settings, "locale", " or ".join(LOCALES), settings.text("locale") in LOCALES)
    grounds = get_args(Basis)
    _owed(
        settings, "basis.default", " or ".join(grounds), settings.text("basis.default") in grounds
    )
    bases = dict.fromkeys(settings.text("basis.contract").split(), "contract")
    bases |= dict.fromkeys(settings.text("basis.interest").split(), "interest")
    return msgspec.convert(
        {
            **{name: settings.whole(f"budget.{name}") for name in budgets},
            "quiet": (_minutes(settings, "quiet.from"), _minutes(settings, "quiet.to")),
            "timezone": settings.text("timezone"),
            "locale": settings.text("locale"),
            "holdout": settings.number("holdout"),
            "bases": bases,
            "default_basis": settings.text("basis.default"),
            "explains": explains_of(settings),
            "default_explain": default_explain(settings),
            **agreed_rules(settings),
        },
        Rules,
    )


def forget_of(settings: Settings) -> float:
    """The share that a new version of a model forgets; raises `SettingsError` outside 0 to below 1."""
    share = settings.number("learn.forget")
    _owed(settings, "learn.forget", "a share from 0 to below 1", 0.0 <= share < 1.0)
    return share


def _minutes(settings: Settings, name: str) -> int:
    """A time of the day in minutes since midnight."""
    told = re.fullmatch(r"([01]?\d|2[0-3])(?::([0-5]\d))?", settings.text(name))
    if told is None:
        raise _nonsense(settings, name, "a time of the day such as 21:00")
    return int(told[1]) * 60 + int(told[2] or 0)


def _owed(settings: Settings, name: str, needs: str, kept: bool) -> None:  # noqa: FBT001 - it reads as a sentence
    if not kept:
        raise _nonsense(settings, name, needs)


def _nonsense(settings: Settings, name: str, needs: str) -> SettingsError:
    return SettingsError(
        f"setting {name} needs {needs}, got {settings.values[name]!r}. `equipoise settings` lists all."
    )


def build_engine(
    settings: Settings, keyring: Keyring, own: Mapping[str, OwnModel] | None = None
) -> engine.Engine:
    """The pure engine: rules, folds, guards, choosers, models and the seed of every draw.

    Without `own`, the models of one's own are those that are installed.
    """
    rules, purpose = rules_of(settings), settings.text("profile.purpose")
    worth = settings.number("learn.lifetime_value")
    _owed(settings, "learn.lifetime_value", "0 or more", worth >= 0.0)
    pure = engine.Engine(
        rules,
        Folds(purpose, rules.basis(purpose), rules.need(purpose), rules.default_cap),
        Deciders.of(find_guards(), find_choosers()),
        keyring.seed,
        Retries(
            settings.whole("send.attempts"),
            settings.number("send.backoff_s"),
            lease_ms=round(LEASE_SENDS * settings.number("send.timeout_s") * 1000),
        ),
    )
    own = find_models() if own is None else own
    pure.learnt = Learnt(lambda _: worth, {name: model.behind for name, model in own.items()})
    return pure


def known_here(
    own: Mapping[str, OwnModel] | None = None, settings: Settings | None = None
) -> Known:
    """What a play may name in this house: its profile fields, choosers, and models of one's own.

    Without `own`, these are those that are installed. Of the settings it takes the phrases of one's own
    and how far a model must explain itself; raises `SettingsError`.
    """
    own = find_models() if own is None else own
    measures = ("count", "total", "mean", "days_since", "first_days_ago")
    names = {row.name.replace("MEASURE", measure) for row in CATALOGUE for measure in measures}
    return Known(
        field=field_type,
        fields=tuple(sorted(names)),
        sliding=never,
        choosers=tuple(find_choosers()),
        phrased=(Phrasebook() if settings is None else phrasebook_of(settings)).phrased,
        models={name: model.explains for name, model in own.items()},
        explain=None if settings is None else rules_of(settings).explain,
    )


def _lasting(known: Known) -> Known:
    """What still holds for a play that was taken: that its model explains too little is told each time."""
    return msgspec.structs.replace(known, explain=None)


def columns_of(state: PersonState, names: Mapping[str, str]) -> dict[str, Value]:
    """What a store keeps of one person in typed columns, so that SQL can select them."""
    return conditions.row(names, stored(state))


def build_walker(
    settings: Settings,
    keyring: Keyring,
    store: Store,
    entropy: Entropy | None = None,
    own: Mapping[str, OwnModel] | None = None,
    stones: Tombstones | None = None,
) -> Walker:
    """The step over one store, which it alone writes; without `own`, with the models installed.

    `stones` tell who was erased: whoever a restored backup brought back goes again.
    """
    if stones is not None:
        stones.bury_again(store)
    pure = build_engine(settings, keyring, own)
    signer = NoteSigner(settings.text("origin"), keyring.ledger)
    dedupe_ms = round(max(24.0, settings.number("dedupe_hours")) * 3_600_000)
    return Walker(
        pure,
        store,
        Habits(
            parsers={"segment": segment.parse, "events": native.parse},
            entropy=entropy or SystemEntropy(),
            seal=partial(seal, origin=settings.text("origin"), signers=(signer,)),
            seen=Seen(keyring.digests, store.seen(0)),
            read_play=partial(read_play, known=_lasting(known_here(own, settings))),
            columns=columns_of,
            read_model=read_model,
            rights=right_habits(pure, store, stones),
            shares=ShareHabits(is_field=lambda name: field_type(name) is not None),
            aggregates=limits_of(settings),
            most_handles=settings.whole("people.handles"),
            dedupe_ms=dedupe_ms,
            people_kept=settings.whole("step.people"),
        ),
    )
