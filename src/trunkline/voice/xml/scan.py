"""From the text of a document to a tree of nodes, forgiving what SDKs are known to write.

Well-formed XML (1.0, with namespaces ignored) is read as it is meant. Besides are understood:
bare `&`, `<` before what cannot be a name, `"` inside of a value in `"`, references to halves of
a surrogate pair, entities of HTML, white space before the declaration. Nothing is ever expanded
or fetched: a document type with content is refused, not read.
"""

import re
from dataclasses import dataclass, field
from html.entities import html5

from trunkline.voice.xml.errors import Dangerous, Malformed, TooLarge

MAX_DEPTH = 32
MAX_NODES = 5_000
MAX_ATTRIBUTES = 64

_NAME = r"[A-Za-z_\u0080-\uffff][\w.:-]*"
_TAG = re.compile(rf"<(/?)({_NAME})")
_SPACE = re.compile(r"\s*")
_ATTRIBUTE = re.compile(rf"\s*({_NAME})\s*=\s*([\"'])")
_CLOSE = re.compile(r"\s*(/?)>")
# What may follow the quote that ends a value: the tag's end, or a further attribute. Any other
# quote of the same kind belongs to the value (Node, Ruby, PHP and .NET write it bare).
_AFTER_VALUE = re.compile(rf"\s*/?>|\s+{_NAME}\s*=\s*[\"']")
_REFERENCE = re.compile(r"&(?:#(\d{1,8})|#[xX]([0-9A-Fa-f]{1,7})|([A-Za-z][A-Za-z0-9]{1,31}));")
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_HALVES = re.compile("[\ud800-\udfff]")
_BARE_DOCTYPE = re.compile(rf"<!DOCTYPE\s+{_NAME}\s*>")
_FIVE = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


@dataclass(slots=True)
class Node:
    """An element as written: names without prefix (but `xml:lang`), references resolved."""

    name: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    content: list["Node | str"] = field(default_factory=list["Node | str"])

    @property
    def children(self) -> list["Node"]:
        """The elements in it, without the text between them."""
        return [item for item in self.content if isinstance(item, Node)]

    @property
    def text(self) -> str:
        """The text in it, without that of its children."""
        return "".join(item for item in self.content if isinstance(item, str))


def scan(text: str) -> Node:
    """Return the root of a document; raises Malformed, TooLarge and Dangerous."""
    return _Scanner(text).document()


class _Scanner:
    """One walk over a text; `_open` is the way from the root to where it is."""

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n").replace("\r", "\n")  # XML 1.0 2.11
        self._at: int = 0
        self._open: list[Node] = []
        self._root: Node | None = None
        self._nodes = 0
        self._line: int = 1
        self._counted: int = 0

    def document(self) -> Node:
        while self._at < len(self._text):
            start = self._text.find("<", self._at)
            if start < 0:
                self._characters(self._text[self._at :])
                break
            if start > self._at:
                self._characters(self._text[self._at : start])
            self._at = start
            self._markup()
        if self._open:
            node = self._open[-1]
            raise Malformed(f"<{node.name}> of line {node.line} is not closed.")
        if self._root is None:
            raise Malformed("The document is empty.")
        return self._root

    def _markup(self) -> None:
        text, at = self._text, self._at
        if text.startswith("<!--", at):
            self._at = self._end_of("-->", at + 4, "A comment")
        elif text.startswith("<![CDATA[", at):
            end = self._end_of("]]>", at + 9, "CDATA")
            self._add(text[at + 9 : end - 3])
            self._at = end
        elif text.startswith("<?", at):
            self._at = self._end_of("?>", at + 2, "A processing instruction")
        elif text.startswith("<!", at):
            self._document_type()
        elif (tag := _TAG.match(text, at)) is not None:
            self._at = tag.end()
            name = _local(tag[2])
            if tag[1]:
                self._end_tag(name)
            else:
                self._start_tag(name)
        else:
            # Java and Go write text as it comes: "<" before what is no name is itself.
            self._characters("<")
            self._at = at + 1

    def _document_type(self) -> None:
        bare = _BARE_DOCTYPE.match(self._text, self._at)
        if bare is not None and self._root is None:
            self._at = bare.end()
            return
        if self._text.startswith("<!DOCTYPE", self._at):
            raise Dangerous("A document type with entities or outside parts is not accepted.")
        raise Malformed(f"Line {self._line_here()}: a declaration where none may be.")

    def _start_tag(self, name: str) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise TooLarge(f"The document has more than {MAX_NODES} elements.")
        if len(self._open) >= MAX_DEPTH:
            raise TooLarge(f"Elements are nested more than {MAX_DEPTH} deep.")
        node = Node(name, self._line_here())
        if self._open:
            self._open[-1].content.append(node)
        elif self._root is None:
            self._root = node
        else:
            raise Malformed(f"Line {node.line}: <{name}> after the end of the document.")
        self._attributes(node)
        close = _CLOSE.match(self._text, self._at)
        if close is None:
            raise Malformed(f"Line {node.line}: the tag <{name}> is not well-formed.")
        self._at = close.end()
        if not close[1]:
            self._open.append(node)

    def _attributes(self, node: Node) -> None:
        while (start := _ATTRIBUTE.match(self._text, self._at)) is not None:
            value, self._at = self._value(start[2], start.end(), node)
            name = start[1]
            if name == "xmlns" or name.startswith("xmlns:"):
                continue
            if ":" in name and not name.startswith("xml:"):
                continue  # an attribute of somebody else's namespace
            if name in node.attributes:
                raise Malformed(f"Line {node.line}: <{node.name}> has {name} twice.")
            if len(node.attributes) >= MAX_ATTRIBUTES:
                raise TooLarge(f"<{node.name}> has more than {MAX_ATTRIBUTES} attributes.")
            # XML 1.0 3.3.3: white space in a value is a space
            node.attributes[name] = _resolved(re.sub(r"[\t\n]", " ", value))

    def _value(self, quote: str, start: int, node: Node) -> tuple[str, int]:
        end = self._text.find(quote, start)
        while end >= 0:
            if _AFTER_VALUE.match(self._text, end + 1):
                return self._text[start:end], end + 1
            end = self._text.find(quote, end + 1)
        raise Malformed(f"Line {node.line}: a value in <{node.name}> does not end.")

    def _end_tag(self, name: str) -> None:
        close = _CLOSE.match(self._text, self._at)
        line = self._line_here()
        if close is None or close[1]:
            raise Malformed(f"Line {line}: the tag </{name}> is not well-formed.")
        if not self._open:
            raise Malformed(f"Line {line}: </{name}> closes nothing.")
        node = self._open.pop()
        if node.name != name:
            raise Malformed(f"Line {line}: </{name}> where </{node.name}> should be.")
        self._at = close.end()

    def _characters(self, raw: str) -> None:
        if self._open:
            self._add(_resolved(raw))
        elif raw.strip(" \t\n\ufeff"):
            raise Malformed(f"Line {self._line_here()}: text outside of the root element.")

    def _add(self, text: str) -> None:
        if not self._open:
            raise Malformed(f"Line {self._line_here()}: text outside of the root element.")
        if text:
            self._open[-1].content.append(text)

    def _end_of(self, mark: str, start: int, what: str) -> int:
        end = self._text.find(mark, start)
        if end < 0:
            raise Malformed(f"Line {self._line_here()}: {what} does not end.")
        return end + len(mark)

    def _line_here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _resolved(raw: str) -> str:
    if "&" not in raw:
        return raw
    text = _REFERENCE.sub(_meant, raw)
    if not _HALVES.search(text):
        return text
    # .NET writes characters beyond U+FFFF as references to two surrogates.
    text = _SURROGATES.sub(lambda two: two[0].encode("utf-16", "surrogatepass").decode("utf-16"),
                           text)  # fmt: skip
    return _HALVES.sub("\ufffd", text)


def _meant(reference: "re.Match[str]") -> str:
    decimal, hexadecimal, name = reference.groups()
    if name is not None:
        return _FIVE.get(name) or html5.get(name + ";") or reference[0]
    code = int(decimal) if decimal is not None else int(hexadecimal, 16)
    if code > 0x10FFFF or (code < 0x20 and code not in (9, 10, 13)):
        return "\ufffd"  # XML 1.0 2.2: no characters of XML
    return chr(code)
