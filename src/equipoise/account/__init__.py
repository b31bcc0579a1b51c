"""The ledger: receipts become leaves of a Merkle tree whose head is signed at every commit."""
