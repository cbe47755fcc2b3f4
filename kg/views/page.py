"""A page: the text of one HTML file, which can save itself and shows itself in a notebook."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from kg.files import replacing


class Page(str):
    """The text of an HTML page; in Jupyter it shows itself in a frame that can reach nothing outside.

    >>> Page("<p>Anna</p>")._repr_html_().partition("srcdoc=")[2]
    '"&lt;p&gt;Anna&lt;/p&gt;"></iframe>'
    """

    __slots__ = ()

    def save(self, path: str | Path) -> Path:
        """Write the page to a file and return its path; raises `InputError` where it cannot be written."""
        with replacing(Path(path)) as file:
            file.write(self.encode())
        return Path(path)

    def _repr_html_(self) -> str:
        return (
            '<iframe sandbox="allow-scripts allow-downloads allow-popups" '
            'style="width:100%;height:640px;border:0" title="Relationship graph" '
            f'srcdoc="{escape(self)}"></iframe>'
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Give a notebook the frame, and one line where it shows text only."""
        return {"text/html": self._repr_html_(), "text/plain": f"a page of {len(self):,} characters"}
