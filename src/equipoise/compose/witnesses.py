"""The witnesses that a house names, and the file beside its store that keeps what they signed."""

from pathlib import Path

from equipoise.account.cosignature import read_witness_key
from equipoise.account.note import NoteKey
from equipoise.account.publishing import Publisher
from equipoise.account.refusal import LedgerRefused
from equipoise.account.witnessed import Keep, Witnessed
from equipoise.compose.library import SystemClock
from equipoise.ports import Store
from equipoise.runners.asking import Asking
from equipoise.settings import Settings, SettingsError


class _File:
    """Keeps a text in a file, replaced as a whole."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> str:
        """What was written last, or ""."""
        try:
            return self._path.read_text("utf-8")
        except (FileNotFoundError, UnicodeDecodeError):
            return ""

    def write(self, text: str) -> None:
        """Replace the file; a crash leaves the former or the new one."""
        beside = self._path.with_name(f"{self._path.name}.new")
        beside.write_text(text, "utf-8")
        beside.replace(self._path)


class _Memory:
    """Keeps a text for as long as the process lives."""

    def __init__(self) -> None:
        self._text = ""

    def read(self) -> str:
        """What was written last, or ""."""
        return self._text

    def write(self, text: str) -> None:
        """Remember a text in place of the former."""
        self._text = text


def publisher_of(settings: Settings, store: Store, key: NoteKey) -> Publisher:
    """How the ledger of a house is published, with the witnesses that its settings name.

    Raises `SettingsError` where one of them is no key of a witness.
    """
    named = settings.text("witnesses").split()
    if not named:
        return Publisher(store, key)
    try:
        witnesses = [read_witness_key(one.partition("@")[0]) for one in named]
    except LedgerRefused as refused:
        raise SettingsError(
            f"setting witnesses: {refused}. Write the keys that `equipoise witness` prints, "
            "separated by spaces; KEY@URL where one is to be asked"
        ) from None
    kind, _, place = settings.text("store").partition(":")
    keep: Keep = _File(Path(place).with_suffix(".witnessed")) if kind == "sqlite" else _Memory()
    return Publisher(store, key, Witnessed(key, witnesses, keep, SystemClock()))


def asking_of(settings: Settings, publisher: Publisher) -> Asking | None:
    """How a house asks those of its witnesses that have an address (`KEY@URL`); None without any.

    Raises `SettingsError` where an address is none.
    """
    urls = [url for one in settings.text("witnesses").split() if (url := one.partition("@")[2])]
    for url in urls:
        if not url.startswith(("https://", "http://")):
            raise SettingsError(f"setting witnesses: {url!r} is no address; write KEY@https://...")
    return Asking(publisher, urls, post_text) if urls else None


async def post_text(url: str, text: str) -> tuple[int, str]:
    """Post a text; the status and the first 64 kB of the answer. Raises `OSError` where none comes."""
    import aiohttp

    wait = aiohttp.ClientTimeout(total=10)
    try:
        async with (
            aiohttp.ClientSession(timeout=wait) as session,
            session.post(url, data=text.encode(), allow_redirects=False) as answer,
        ):
            blob = await answer.content.read(65_536)
            return answer.status, blob.decode(errors="replace")
    except (aiohttp.ClientError, TimeoutError) as fault:
        raise OSError(f"{url} does not answer ({str(fault) or 'not in ten seconds'})") from None
