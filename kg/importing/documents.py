"""Documents: the plain text of a file, whatever its format; what has no text is refused by name."""

from __future__ import annotations

import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from kg.errors import InputError, LimitError

MAX_BYTES = 20_000_000
PLAIN = frozenset((".txt", ".text", ".md", ".markdown"))
DOCUMENTS = PLAIN | {".html", ".htm", ".docx", ".pdf"}
_BLOCKS = frozenset(
    (
        "p",
        "div",
        "br",
        "li",
        "tr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "section",
        "article",
        "pre",
    )
)
_SILENT = frozenset(("script", "style", "template", "noscript", "head"))


def read_document(path: Path) -> str:
    """Return the text of a document, its line ends as they are.

    Raises `InputError` for what is not text, `LimitError` for what is too large.
    """
    if not path.is_file():
        raise InputError(f"{path} is not a file; name a text to import, such as letter.txt.")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise LimitError(f"{path} has {size / 1e6:.0f} MB; texts of up to {MAX_BYTES / 1e6:.0f} MB are read.")
    match path.suffix.lower():
        case ".docx":
            text = _docx(path)
        case ".pdf":
            text = _pdf(path)
        case ".html" | ".htm":
            text = html_text(_decode(path))
        case _:
            text = _decode(path)
    if not text.strip():
        raise InputError(f"{path} holds no text; a scanned page must be read by OCR first.")
    return text


def _decode(path: Path) -> str:
    """Decode a text file: UTF-8, or UTF-16 where it says so."""
    data = path.read_bytes()
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not UTF-8 text (byte {error.start}: {data[error.start]:#04x}); save it as UTF-8."
        ) from error
    if "\0" in text:
        raise InputError(
            f"{path} holds NUL characters, so it is not a text (character {text.index(chr(0))})."
        )
    return text


class _Extractor(HTMLParser):
    """Collects the words of a page, a line end for every block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - HTMLParser's signature
        """Note where a block or an invisible part begins."""
        self._silent += tag in _SILENT
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Note where it ends."""
        self._silent -= tag in _SILENT and self._silent > 0
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Take visible words, white space as browsers show it."""
        if not self._silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def html_text(page: str) -> str:
    r"""Return the visible text of a page.

    >>> html_text("<p>One &amp; <b>two</b>.</p><script>x</script><p>Three.</p>")
    'One & two.\nThree.'
    """
    extractor = _Extractor()
    extractor.feed(page)
    extractor.close()
    lines = (line.strip() for line in "".join(extractor.parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _docx(path: Path) -> str:
    try:
        from docx import Document
        from docx.opc.exceptions import PackageNotFoundError
    except ImportError as error:
        raise InputError("Reading .docx needs python-docx: pip install 'kg-footnote[import]'.") from error
    try:
        parts = [_part(item) for item in Document(str(path)).iter_inner_content()]
    except (PackageNotFoundError, zipfile.BadZipFile, SyntaxError, KeyError, ValueError) as error:
        raise InputError(f"{path} is not a Word document: {error}.") from error
    return "\n\n".join(part for part in parts if part.strip())


def _part(item: Any) -> str:
    """Return the text of a paragraph, or of a table with its cells parted by tabs."""
    if hasattr(item, "text"):
        return str(item.text)
    return "\n".join("\t".join(cell.text for cell in row.cells) for row in item.rows)


def _pdf(path: Path) -> str:
    try:
        from pypdf import PdfReader
        from pypdf.errors import DependencyError, PyPdfError
    except ImportError as error:
        raise InputError("Reading .pdf needs pypdf: pip install 'kg-footnote[import]'.") from error
    try:
        # Every page ends a paragraph, so that line ends inside one do not.
        return "".join(page.extract_text() + "\n\n" for page in PdfReader(path).pages)
    except (PyPdfError, DependencyError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path} is not a PDF that can be read: {error}.") from error
