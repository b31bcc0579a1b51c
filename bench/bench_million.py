"""As `decide`, with a million people beside a hundred thousand in the same run; takes some minutes."""

from bench_decide import measure

from equipoise.runners.stepper import calm_collector


def main() -> list[tuple[str, str, str]]:
    """Rows of (what, figure, target)."""
    calm_collector()
    small, large = measure(100_000, 100_000), measure(1_000_000, 100_000)
    return [
        ("100,000 people, decided end to end, events/s", f"{small['rate']:,.0f}", "10,000"),
        ("1,000,000 people, decided end to end, events/s", f"{large['rate']:,.0f}", "-"),
        ("  as a ratio of 100,000 people", f"{large['rate'] / small['rate']:.2f}", "0.70"),
        ("  all files, bytes a person", f"{large['disk']:,.0f}", "-"),
    ]
