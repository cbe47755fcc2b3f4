"""`python docs/pictures.py`: draw every shipped projection with Chromium, for the README and docs/graph.md.

Needs a Chromium on the path, and the extra `test`, which brings playwright and pillow.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import kg

if TYPE_CHECKING:
    import networkx as nx
    from playwright.sync_api import Browser

HERE = Path(__file__).parent
SIZE = {"width": 1280, "height": 800}
COLOURS = 96
"""So few that a picture stays well below 200 kB, and still looks the same."""
FRONT = "main"
"""The projection that the README shows, with the relation open that most passages state in words."""


def main() -> None:
    """Write `docs/pictures/NAME.png` for each projection, and the README's `docs/picture.png`."""
    from playwright.sync_api import sync_playwright

    graph = kg.open()
    (HERE / "pictures").mkdir(exist_ok=True)
    with sync_playwright() as player, tempfile.TemporaryDirectory() as folder:
        browser = player.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for name in graph.projections():
            page = graph.view(name).save(Path(folder, f"{name}.html"))
            (HERE / "pictures" / f"{name}.png").write_bytes(shot(browser, page.as_uri()))
            if name == FRONT:
                address = f"{page.as_uri()}#{quoted(graph.to_networkx(name))}"
                (HERE / "picture.png").write_bytes(shot(browser, address))
        browser.close()


def quoted(graph: nx.MultiDiGraph[Any]) -> str:
    """The part of an address that opens the relation with the most passages in words."""
    _, names = max(
        (sum(bool(passage["quote"]) for passage in data["passages"]), (source, relation, target))
        for source, target, relation, data in graph.edges(keys=True, data=True)
    )
    return urlencode({"relation": " ".join(names)})


def shot(browser: Browser, address: str) -> bytes:
    """Return a picture of a page as it opens."""
    from PIL import Image

    opened = browser.new_page(viewport=SIZE, color_scheme="light", reduced_motion="reduce")
    opened.goto(address)
    opened.wait_for_timeout(1500)
    picture = Image.open(io.BytesIO(opened.screenshot())).convert("RGB")
    opened.close()
    few = picture.quantize(COLOURS, dither=Image.Dither.NONE)
    output = io.BytesIO()
    few.save(output, "PNG", optimize=True)
    return output.getvalue()


if __name__ == "__main__":
    main()
