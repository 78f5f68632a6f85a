"""Lines as a whole: code that no step touches, HTML that was passed in by mistake, inline elements as units."""

from __future__ import annotations

import subprocess
import sys
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

import oracle
import textclean
from textclean.errors import MarkupWarning

PROSE = "The harbour was closed on Monday after the storm broke two of the three cranes on the northern quay, officials said."
CODE = (
    'def share(page):\n    """Share this."""\n    comments = page.read()\n    print("Leave a Reply")\n'
    '    print("Leave a Reply")\n    return comments'
)


def test_no_step_takes_lines_of_code():
    """Lines of code stay whatever they say and however often, while the same words elsewhere go."""
    text = f"{PROSE}\n\n{CODE}\n\nShare this\n\n{PROSE}\n\nLeave a Reply"
    assert textclean.clean(text) == f"{PROSE}\n\n{CODE}"


def test_code_is_not_the_title():
    """The title is a line of text, where code stands above it too."""
    headline = "Storm closes the northern harbour"
    assert textclean.explain(f"{headline}\n\n{PROSE}").fields["title"] == headline
    assert textclean.explain(f"{CODE}\n\n{headline}\n\n{PROSE}").fields.get("title") in (None, headline)


def test_unwrapping_leaves_code():
    """What was filled above code is joined, and the code is not."""
    filled = (
        "The committee met on Tuesday to discuss the new proposals for the\n"
        "harbour, which had been delayed since the spring by a lack of news."
    )
    assert textclean.normalize(f"{filled}\n\n{CODE}") == filled.replace("\n", " ") + f"\n\n{CODE}"


HTML = (
    "<!doctype html><html><head><title>Tab</title><script>var a;</script></head><body>\n<ul><li><a href=/>Home</a></li></ul>"
    f"<h1>Storm closes\nharbour</h1>\n<p class=lead>{PROSE}</p>\r\n<p>Share this</p>"
    "<p>Nobody was hurt, and <b>ferries</b> run&nbsp;again.</p></body></html>"
)


def test_html_keeps_its_paragraphs():
    """A document that was passed in loses head, scripts and tags, and keeps the ends of its blocks."""
    result = textclean.explain(HTML)
    assert result.text == f"Storm closes harbour\n\n{PROSE}\n\nNobody was hurt, and ferries run again."
    assert "markup" in result.fixes
    assert [removal.text for removal in result.removals][-1] == "Share this"
    assert textclean.normalize(oracle.without(HTML, result.removals)) == result.text


@pytest.mark.parametrize("text", [PROSE, f"<b>{PROSE}</b>", "Use <p>, <br>, <hr> and <li> in <body>, wrote she.", "a < b > c", CODE])
def test_text_is_no_html(text):
    """Text, with a stray tag or with tags that it talks of, is not taken for HTML."""
    assert "markup" not in textclean.explain(text).fixes


_WARNS = """
import sys, warnings, textclean
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for _ in range(2):
        textclean.clean(sys.argv[1])
print([w.category.__name__ for w in caught])
"""


def test_html_warns_once():
    """The first text of a process that is HTML gives a warning, others give none."""
    for text, expected in ((HTML, "['MarkupWarning']"), (PROSE, "[]")):
        child = subprocess.run([sys.executable, "-P", "-c", _WARNS, text], capture_output=True, text=True, check=True)
        assert child.stdout.strip() == expected


def test_warning_can_be_an_error():
    """The warning is of a category of its own."""
    assert issubclass(MarkupWarning, UserWarning)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MarkupWarning)
        assert textclean.clean(HTML)


def test_inline_elements_are_one_unit():
    """A paragraph that was put together from inline elements is removed as one stretch."""
    again = "The mayor of\nLeeds\n, Ann Jones, said on Monday that the\nnew bridge\nwill be built by the end of the year."
    text = f"{PROSE}\n\n{again}\n\nNobody else spoke.\n\n{again}"
    (removal,) = textclean.explain(text).removals
    assert removal.text == again


_PIECES = [
    *("<p>", "</p>", "<br>", "<div class='x'>", "</div>", "<b>", "</b>", "<html>", "<body>", "<script>", "</script>", "<!-- c -->", "<li>"),
    *("&lt;b&gt;", "&lt;p&gt;", "&lt;/p&gt;", "&lt;html&gt;", "&lt;br/&gt;", "&amp;lt;i&amp;gt;", "Vec<u>", " <a> ", "<", ">", "&lt;"),
    *(
        "def f(x):",
        "    return x",
        "server:",
        "  port: 80",
        "x = 1;",
        "}",
        "\tcc -o a a.c",
        "Name      Score",
        "Anna         12",
        "```",
        "a\tb",
    ),
    *("Share this", "Leave a Reply", PROSE, "The mayor of", "Leeds", ", who said that the", "new bridge", "is there.", ". It is."),
]
SHAPES = st.lists(st.sampled_from([*_PIECES, *["\n"] * 8, *["\n\n", "\n    ", " "] * 3]), max_size=40).map("".join)


@pytest.mark.parametrize("head", ["diff --git a/x b/x", "@@ -1 +1 @@", "--- a/x", "+++ b/x", "index 1a2b..3c4d", "import os", "return x"])
@pytest.mark.parametrize("line", ["  d=", "   x", "  key: value", "  go(on)"])
def test_a_space_at_a_line_end_makes_no_code(head, line):
    """What is code beside a line is so too once nobody sees a space behind that line any more."""
    for text in (f"{line}\n{head}  ", f"{head}  \n{line}", f"{line}  \n{head}"):
        once = textclean.normalize(text)
        assert textclean.normalize(once) == once


@given(SHAPES)
def test_shapes_are_at_rest(text):
    """Texts of code, tags, escapes and inline elements: normalizing and cleaning twice is doing so once."""
    once = textclean.normalize(text)
    assert textclean.normalize(once) == once
    clean = textclean.clean(text)
    assert textclean.clean(clean) == clean


@given(
    st.lists(st.sampled_from(["b", "p", "br", "title", "a", "table"]), min_size=1, max_size=4),
    st.sampled_from(["the", "das", "и", "(", ""]),
)
def test_what_was_escaped_is_never_lost(names, before):
    """Each element that a text names by an entity is still named in the result, decoded or escaped."""
    text = " and ".join(f"{before} &lt;{name}&gt;x&lt;/{name}&gt;" for name in names)
    for result in (textclean.normalize(text), textclean.normalize(text.replace("&lt;/", "&lt;"))):
        plain = result.replace("&lt;", "<").replace("&gt;", ">")
        assert all(f"<{name}>" in plain for name in names)
