"""Text that is well-formed in XML, whatever the data holds."""

from __future__ import annotations

import re
from functools import lru_cache
from xml.sax.saxutils import escape

from kg.projection.formats.attributes import Scalar

# XML 1.0, production 2: what no escape can bring into a document.
_IMPOSSIBLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@lru_cache(maxsize=1 << 14, typed=True)
def text(value: Scalar) -> str:
    r"""Return a value as XML text or as an attribute in double quotes; truths as XML Schema writes them.

    >>> text('<a> & "b"'), text(True), text("bell\x07")
    ('&lt;a&gt; &amp; &quot;b&quot;', 'true', 'bell�')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    # A line break in an attribute would be read as a space.
    return escape(
        _IMPOSSIBLE.sub("\ufffd", value), {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
    )
