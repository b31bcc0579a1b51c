"""The Node client libraries of Segment and RudderStack, at their current versions, unchanged."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from journeys.clients import VIEWED, Sending
from journeys.served import KEY, served

HERE = Path(__file__).parent
NODE = shutil.which("node")
INSTALLED = (HERE / "node_modules/@segment/analytics-node/package.json").is_file()

pytestmark = [
    pytest.mark.skipif(NODE is None, reason="NODE IS NOT HERE: the Node clients were not tested"),
    pytest.mark.skipif(
        not INSTALLED, reason="NODE CLIENTS ARE NOT INSTALLED: run `make sdk-node` to test them"
    ),
]


def blocks():
    """The lines of docs/clients.md for Node; those for browsers need one."""
    found = re.findall(
        r"```js\n(.*?)```", (HERE.parents[1] / "docs/clients.md").read_text(), re.DOTALL
    )
    return [block for block in found if "Browser" not in block]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with served(tmp_path_factory.mktemp("house"), VIEWED) as house:
        yield house


def sending(house, library, *, packed):
    return Sending(house, [NODE, str(HERE / "send.mjs"), library], packed=packed)


def test_what_segments_node_client_sends_is_stored_and_decided_once_whatever_breaks(house):
    """It never packs what it sends."""
    sent = sending(house, "segment", packed=False)
    assert sent.errors == {}
    sent.check()
    sent.check_repeats()


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_what_rudderstacks_node_client_sends_is_stored_and_decided_once_whatever_breaks(
    house, packed
):
    """It does not try again after a timeout, and says so: what it sent was stored all the same."""
    sent = sending(house, "rudder", packed=packed)
    assert sent.errors == {"too slow": ["AxiosError: timeout of 1000ms exceeded"]}
    sent.check()
    sent.check_repeats()


@pytest.mark.parametrize("block", blocks())
def test_the_lines_for_node_store_one_order(house, block):
    """As they stand in docs/clients.md."""
    text = block.replace("https://events.shop.example", house.url).replace("KEY", KEY)
    command = [NODE, "--input-type=module", "--eval", text]
    before = sum(event.kind == "Order Completed" for event in house.events())
    subprocess.run(command, check=True, timeout=30, cwd=HERE, env={"NO_PROXY": "*"})
    orders = [e for e in house.walked().events() if e.kind == "Order Completed"]
    assert (len(orders) - before, orders[0].facts["revenue"]) == (1, 42.0)


def test_these_are_the_versions_that_were_promised():
    asked = json.loads((HERE / "package.json").read_text())["dependencies"]
    for name, version in asked.items():
        installed = json.loads((HERE / "node_modules" / name / "package.json").read_text())
        assert installed["version"] == version
    assert asked["@segment/analytics-node"] == "3.1.0"
    assert asked["@rudderstack/rudder-sdk-node"] == "3.0.13"
