"""`POST /v1/decide`, 500 a second, while 5,000 events a second arrive."""

import statistics

from served import House, load, quantile, result

HERO = """
name: hero
purpose: personalisation
moment: {decide: home-hero}
options:
  - {name: shoes, do: notify, channel: page, title: {en: Shoes, fr: Chaussures}, body: {en: S, fr: C}}
  - {name: coats, do: notify, channel: page, title: {en: Coats, fr: Manteaux}, body: {en: C, fr: M}}
"""


def main(rounds: int = 3) -> list[tuple[str, str, str]]:
    """Rows of (what, figure, target)."""
    p50, p99, asked, events, errors = [], [], [], [], 0
    for _ in range(rounds):
        with House({"hero": HERO}) as house:
            # Most of those who come are known already: let the house meet them first.
            result(load(house.port, "small", 4, 4.0, 0))
            result(load(house.port, "decide", 4, 1.0, 100))
            house.settle()
            background = load(house.port, "small", 4, 7.0, 100)
            got = result(load(house.port, "decide", 32, 5.0, 500))
            behind = result(background)
            p50.append(quantile(got["ms"], 0.5))
            p99.append(quantile(got["ms"], 0.99))
            asked.append(got["requests"] / got["seconds"])
            events.append(50 * behind["requests"] / behind["seconds"])
            errors += got["errors"] + behind["errors"]
    median = statistics.median
    return [
        ("decide, asked /s", f"{median(asked):,.0f}", "500"),
        ("  events/s meanwhile", f"{median(events):,.0f}", "5,000"),
        ("  p50, ms", f"{median(p50):.1f}", "5"),
        ("  p99, ms", f"{median(p99):.1f}", "25"),
        ("  answers that were not 200", str(errors), "0"),
    ]
