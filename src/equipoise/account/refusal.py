"""The one error of this room."""


class LedgerRefused(ValueError):
    """A leaf, proof, note, tile or bundle is malformed or does not prove what it claims.

    The message says what was needed and what came.
    """
