"""Holding a tree of nodes against the grammar: `read` is the whole way from bytes to a document."""

from trunkline.voice.xml import ssml
from trunkline.voice.xml.decode import decode
from trunkline.voice.xml.document import Document, Element
from trunkline.voice.xml.elements import ROOT, RULES
from trunkline.voice.xml.errors import AgainstGrammar
from trunkline.voice.xml.grammar import Attribute, Rule, Value, WrongValue, relative
from trunkline.voice.xml.languages import NoSuchVoice, choose
from trunkline.voice.xml.scan import Node, scan

MAX_SPEECH_CHARS = 3_000  # PLIVO XML: Speak
_OF_SOUNDS = frozenset({"GetDigits", "GetInput", "AgentHoldMusic", "CustomerHoldMusic"})
_HOLD_ADDRESSES = frozenset({"Play", "Redirect"})
_KEYS_OF_DTMF = frozenset("0123456789*#ABCDwW")


def read(body: bytes, content_type: str = "") -> Document:
    """Return a checked document; raises InvalidDocument.

    All of it is checked before any of it is done: one wrong element refuses the whole.
    """
    return check(scan(decode(body, content_type)))


def check(root: Node) -> Document:
    """Hold a tree against the grammar; raises AgainstGrammar."""
    if root.name != ROOT:
        raise AgainstGrammar(f"The root element must be <{ROOT}>, not <{root.name}>.")
    doubts: list[str] = []
    return Document(_Checker(doubts).children(root, RULES[ROOT]), tuple(doubts))


class _Checker:
    def __init__(self, doubts: list[str]) -> None:
        self._doubts = doubts

    def children(self, node: Node, rule: Rule) -> tuple[Element, ...]:
        if rule.content == "nothing" and node.text.strip():
            self._doubt(node, "has text in it, which means nothing there")
        for child in node.children:
            if child.name not in rule.children:
                raise AgainstGrammar(_misplaced(child, node))
        found = tuple(self._element(child) for child in node.children)
        if node.name in _OF_SOUNDS:
            for child, element in zip(node.children, found, strict=True):
                self._pauses_only(child, element)
        return found

    def _pauses_only(self, node: Node, element: Element) -> None:
        for name in ("silence", "beep"):
            if element.name == "Wait" and element.flag(name):
                self._doubt(node, f"{name} is passed over: among sounds it is a pause")

    def _element(self, node: Node) -> Element:
        rule = RULES[node.name]
        values, given = self._values(node, rule)
        speech = node.name == "Speak"
        if rule.content == "markup":
            self._markup(node, rule)
            children: tuple[Element, ...] = ()
        else:
            children = self.children(node, rule)
        text = ssml.plain(node) if speech else node.text.strip()
        if node.name in _HOLD_ADDRESSES and (problem := relative(text)):
            self._doubt(node, problem)
        if rule.text_required and not text:
            raise AgainstGrammar(f"Line {node.line}: <{node.name}> must not be empty.")
        if speech:
            self._voice(node, values)
            if len(text) > MAX_SPEECH_CHARS:
                raise AgainstGrammar(
                    f"Line {node.line}: <Speak> has more than {MAX_SPEECH_CHARS} characters."
                )
        if node.name == "DTMF":
            text = _dtmf(node, text or str(values["digits"]))
        return Element(
            node.name, node.line, values, given, children, text,
            ssml.markup(node) if speech else "",
        )  # fmt: skip

    def _markup(self, node: Node, rule: Rule) -> None:
        for child in node.children:
            if child.name not in rule.children:
                raise AgainstGrammar(_misplaced(child, node))
            self._values(child, RULES[child.name])
            self._markup(child, RULES[child.name])

    def _values(self, node: Node, rule: Rule) -> tuple[dict[str, Value], frozenset[str]]:
        values: dict[str, Value] = {one.name: one.default for one in rule.attributes}
        given: set[str] = set()
        for name, written in node.attributes.items():
            attribute = rule.attribute(name)
            if attribute is None:
                self._doubt(node, f"has no attribute {name}: it is passed over")
            else:
                values[attribute.name] = self._value(node, attribute, written)
                given.add(attribute.name)
        for one in rule.attributes:
            if one.required and not values[one.name]:
                raise AgainstGrammar(f"Line {node.line}: <{node.name}> must have {one.name}.")
        return values, frozenset(given)

    def _value(self, node: Node, attribute: Attribute, written: str) -> Value:
        lowered = written.strip().lower()
        if not lowered or (lowered == "none" and not attribute.none_is_a_value):
            return attribute.unset
        try:
            reading = attribute.read(written)
        except WrongValue as problem:
            raise AgainstGrammar(
                f"Line {node.line}: <{node.name}> {attribute.name} {problem}."
            ) from None
        if reading.doubt:
            self._doubt(node, f"{attribute.name} {reading.doubt}")
        if attribute.idle and reading.value != attribute.default:
            self._doubt(node, f"{attribute.name} is passed over: {attribute.idle}")
        return reading.value

    def _voice(self, node: Node, values: dict[str, Value]) -> None:
        try:
            voice, language, doubt = choose(str(values["voice"]), str(values["language"]))
        except NoSuchVoice as problem:
            raise AgainstGrammar(
                f"Line {node.line}: <Speak> {problem.attribute} {problem}."
            ) from None
        values["voice"], values["language"] = voice, language
        if doubt:
            self._doubt(node, doubt)

    def _doubt(self, node: Node, text: str) -> None:
        self._doubts.append(f"Line {node.line}: <{node.name}> {text}.")


def _misplaced(child: Node, parent: Node) -> str:
    if child.name not in RULES or child.name == ROOT:
        return f"Line {child.line}: there is no element <{child.name}>."
    return f"Line {child.line}: <{child.name}> cannot be in <{parent.name}>."


def _dtmf(node: Node, text: str) -> str:
    digits = "".join(text.split())
    strange = [key for key in digits if key not in _KEYS_OF_DTMF]
    if strange or not digits:
        raise AgainstGrammar(
            f"Line {node.line}: <DTMF> must hold keys (0-9, *, #, w, W), not {text[:40]!r}."
        )
    return digits
