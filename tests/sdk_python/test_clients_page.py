"""The lines of docs/clients.md that are Python do what the page says, as they stand there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from journeys.served import KEY, served

PAGE = Path(__file__).parents[2] / "docs/clients.md"


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_the_page_shows_both_libraries():
    assert [block.split()[1].partition(".")[0] for block in blocks("python")] == [
        "segment",
        "rudderstack",
    ]


@pytest.mark.parametrize("block", blocks("python"))
def test_the_lines_for_python_store_one_order(tmp_path, block):
    with served(tmp_path) as house:
        text = block.replace("https://events.shop.example", house.url).replace("KEY", KEY)
        env = {"PATH": os.environ["PATH"], "NO_PROXY": "*"}
        subprocess.run([sys.executable, "-c", text], check=True, timeout=30, env=env)
        (event,) = house.walked().events()
    assert (event.kind, event.facts["revenue"]) == ("Order Completed", 42.0)


def test_the_line_for_curl_stores_an_order_once(tmp_path):
    (block,) = blocks("sh")
    with served(tmp_path) as house:
        text = block.replace("https://events.shop.example", house.url).replace("KEY", KEY)
        for _ in range(2):
            done = subprocess.run(["sh", "-c", text], check=True, timeout=30, capture_output=True)
            assert done.stdout == b'{"success":true}'
        assert house.walked().ids() == {"order-1009": 1}
