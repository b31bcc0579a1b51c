"""What a key may ask of the door, and in which role an operator sees the console."""

from typing import Final, Literal, get_args

Scope = Literal["events:write", "decide", "read", "learn", "aggregate"]
"""What a write key is allowed: send events, ask for decisions, read what waits, teach, ask for figures
about many people. Partners have tokens of their own (`nouns.shares`)."""

SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)

SERVER_ONLY: Final[frozenset[Scope]] = frozenset(("learn", "aggregate"))
"""What a public key may never."""

Role = Literal["marketer", "analyst", "staff", "officer", "admin"]
"""Who an operator is; `show.roles` says what each may see and do."""

ROLES: Final[tuple[Role, ...]] = get_args(Role)
