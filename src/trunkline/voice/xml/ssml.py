"""The markup inside of `<Speak>`: as SSML for a speech engine, and as the plain words.

W3C SSML 1.1, as far as the SDKs' builders write it. `<cont>` is a builder's bracket, not SSML.
"""

from xml.sax.saxutils import escape, quoteattr

from trunkline.voice.xml.elements import RULES
from trunkline.voice.xml.scan import Node

_PAUSES = frozenset({"p", "s", "break", "cont"})


def plain(node: Node) -> str:
    """Return the words to be said, white space folded; of `<sub>` its alias."""
    return " ".join("".join(_words(node)).split())


def markup(node: Node) -> str:
    """Return the content of an SSML `<speak>`, "" when the node has no markup in it."""
    return "".join(_written(node)).strip() if node.children else ""


def _words(node: Node) -> list[str]:
    words: list[str] = []
    for item in node.content:
        if isinstance(item, str):
            words.append(item)
        elif item.name == "sub" and item.attributes.get("alias"):
            words.append(item.attributes["alias"])
        else:
            pause = [" "] if item.name in _PAUSES else []
            words += [*pause, *_words(item), *pause]
    return words


def _written(node: Node) -> list[str]:
    parts: list[str] = []
    for item in node.content:
        if isinstance(item, str):
            parts.append(escape(item))
        elif item.name == "cont":
            parts += [" ", *_written(item), " "]
        else:
            known = {one.name for one in RULES[item.name].attributes}
            written = "".join(
                f" {name}={quoteattr(value)}"
                for name, value in item.attributes.items()
                if name in known
            )
            inside = _written(item)
            parts += [f"<{item.name}{written}", *([">", *inside, f"</{item.name}>"] if inside
                                                  else ["/>"])]  # fmt: skip
    return parts
