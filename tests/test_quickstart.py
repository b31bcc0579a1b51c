"""The first lines of Python that a newcomer copies do what they say, exactly as they stand."""

import re
import subprocess
import sys
from pathlib import Path

from house import HERO

README = Path(__file__).parents[1] / "README.md"


def test_the_quickstart_of_the_readme_runs_as_it_stands(tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert len(code.splitlines()) <= 10
    (tmp_path / "plays").mkdir()
    (tmp_path / "plays" / "home-hero.yaml").write_text(HERO, "utf-8")
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    option, _, why = run.stdout.strip().partition(" ")
    assert option in {"shoes", "coats", "silence"}
    assert "33,3 %" in why
    assert (tmp_path / "shop.keys").stat().st_mode & 0o077 == 0
