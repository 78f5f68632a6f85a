"""Texts to break things with: any text at all, and articles as scrapers bring them."""

from __future__ import annotations

import textwrap

from hypothesis import strategies as st

NEWLINES = ["\n", "\r", "\r\n", "\x0b", "\x0c", "\u2028", "\u2029", "\x85"]
INVISIBLE = [
    "\u200b",
    "\u200c",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\xad",
    "\u200e",
    "\u202e",
    "\u2066",
    "\u180e",
    "\x00",
    "\x07",
    "\x1b[31m",
    "\x7f",
]
SPACES = [" ", "\t", "\xa0", "\u2003", "\u3000", "\u202f", "\x1c"]
MOJIBAKE = [
    "â€™",
    "â€œ",
    "Ã©",
    "Ã¶",
    "Â ",
    "Ã\xa0",
    "Ð¿Ñ€Ð¸Ð²ÐµÑ‚",
    "â\x80\x99",
    "ï»¿",
    "Ã¢â‚¬â„¢",
    "\x85",
    "\x93quoted\x94",
    "Â«",
    "ã\x81",
    "ï¿½",
]
ENTITIES = [
    "&amp;",
    "&amp;amp;",
    "&lt;b&gt;",
    "&#39;",
    "&#x27;",
    "&nbsp;",
    "&#xD800;",
    "&eacute;",
    "&#3&#56;;",
    "&bogus;",
    "&",
    "&#;",
    "&#10;",
    "&shy;",
]
TAGS = [
    "<b>",
    "</b>",
    "<br/>",
    "<p class='x'>",
    '<a href="u?a=1&amp;b=2">',
    "</a>",
    "<!-- c -->",
    "<",
    ">",
    "<3",
    "<unknown>",
    "<<b>i>",
    "</p>",
]
SURROGATES = ["\ud800", "\udfff", "\ud83d", "\udc00\ud800", "\udce9"]
COMBINING = [
    "e\u0301",
    "\u0301",
    "a\u0323\u0307",
    "\u1100\u1161",
    "\u0915\u094d\u200d\u0937",
    "\u212b",
    "\ufb01",
    "\u1e9b\u0323",
    "가",
    "\u0345",
]
EMOJI = ["👩\u200d💻", "🏴\U000e0067\U000e0062\U000e007f", "🇩🇪", "❤\ufe0f", "👍🏽", "🙂"]
SCRIPTS = [
    "שלום עולם",
    "مرحبا بالعالم",
    "می\u200cخواهم",
    "日本語の文章。",
    "한국어",
    "ภาษาไทย",
    "привет",
    "Ελληνικά",
    "İstanbul ılık",
    "ﬁne",
]
PUNCTUATION = [
    "“",
    "”",
    "’",
    "–",
    "—",
    "…",
    "«",
    "»",
    "•",
    "·",
    "-",
    "\u2010",
    ".",
    ",",
    "!",
    "?",
    ":",
    "(",
    ")",
    "=",
    "{",
    ";",
    "|",
    "©",
    "™",
]

_PIECES = NEWLINES + INVISIBLE + SPACES + MOJIBAKE + ENTITIES + TAGS + SURROGATES + COMBINING + EMOJI + SCRIPTS + PUNCTUATION
_ANY_CHARACTER = st.characters()


def line_texts(max_size: int = 12) -> st.SearchStrategy[str]:
    """A line's text, surrogates and line ends left out."""
    pieces = [p for p in _PIECES if p not in NEWLINES and p not in SURROGATES]
    words = ["word", "The", "quick", "brown", "a", "i", "x", "12"]
    piece = st.one_of(st.sampled_from(pieces + words), st.characters(blacklist_categories=["Cs"], blacklist_characters="".join(NEWLINES)))
    return st.lists(piece, max_size=max_size).map("".join)


def any_text(max_size: int = 40) -> st.SearchStrategy[str]:
    """Any text: every kind of damage, in any order, between words."""
    words = ["word", "The", "quick", "brown", "Leave a Reply", "Share", "By Ann Smith", "a", "i"]
    piece = st.one_of(st.sampled_from(_PIECES + words), st.sampled_from(SENTENCES), _ANY_CHARACTER)
    return st.lists(piece, max_size=max_size).map("".join)


SENTENCES = [
    "The ferry to the outer islands was cancelled for a third day on Tuesday because of high winds.",
    "Residents of the lower town were told to keep sandbags at their doors until the river falls.",
    "“We have never seen water come over the mill wall before,” said the warden of the sluice.",
    "A spokesman for the port said that the cranes would be inspected before any ship is unloaded.",
    "The council has set aside 2.4 million for repairs, a third of what engineers say is needed.",
    "Schools will open two hours late, and the library stays closed until further notice.",
    "Farmers upstream fear for the winter barley, which stands in 30 centimetres of water.",
    "In 1987 a similar flood destroyed the old bridge and cut the valley off for eleven days.",
    "The baker on Mill Street gave away what she had before the power failed at half past nine.",
    "Insurance firms have sent assessors, but many householders found that floods were excluded.",
    "Die Fähre zu den Inseln fiel am Dienstag wegen des starken Windes schon zum dritten Mal aus.",
    "Les habitants de la ville basse ont passé la nuit dans le gymnase du collège, sans électricité.",
    "Паром на острова отменили третий день подряд из-за сильного ветра, сообщили в порту.",
    "強風のため、離島へのフェリーは三日連続で欠航となり、住民は食料の不足を心配している。",
    "عُطلت العبارة إلى الجزر لليوم الثالث على التوالي بسبب الرياح القوية، حسبما قال الميناء.",
]
HEADLINES = [
    "Ferry Cancelled for Third Day",
    "Flood Waters Reach the Mill Wall",
    "Hochwasser erreicht die Altstadt",
    "How we count the votes",
]
FURNITURE = [
    "Share this",
    "Share",
    "Facebook Twitter WhatsApp Email",
    "By Ann Smith",
    "By Ann Smith | May 4, 2019 | 5:11 AM EDT",
    "Politics",
    "Advertisement",
    "Leave a Reply",
    "Your email address will not be published. Required fields are marked *",
    "*",
    "Related Articles",
    "Read more: A winter without ice",
    "Sign up for our newsletter",
    "Send a tip to the news team at the Harbour Post.",
    "Home > News > Local",
    "1 2 3 ... 10",
    "Getty Images",
    "© 2019 The Harbour Post. All rights reserved.",
    "Photo: Ann Smith",
    "0 Comments",
    "The Latest",
    "03.05.2018",
    "A short line",
    "* * *",
    "Teilen",
    "Kommentare",
]


@st.composite
def paragraphs(draw: st.DrawFn) -> str:
    """A paragraph of some sentences."""
    return " ".join(draw(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4)))


@st.composite
def _teaser(draw: st.DrawFn, before: list[str]) -> str:
    """A stretch stitched together from paragraphs, cut off somewhere."""
    parts = draw(st.lists(st.sampled_from(before), min_size=1, max_size=3))
    text = " ".join(parts)
    return text[: draw(st.integers(min_value=len(text) // 2, max_value=len(text)))]


@st.composite
def articles(draw: st.DrawFn, *, damaged: bool = True) -> str:
    """An article as scraped: headline, paragraphs, furniture, repeats, some of it hard-wrapped; then words cut and other damage."""
    body = draw(st.lists(paragraphs(), min_size=1, max_size=6))
    blocks = [draw(st.sampled_from(HEADLINES)), *body]
    for _ in range(draw(st.integers(0, 6))):
        extra = draw(st.one_of(st.sampled_from(FURNITURE), st.sampled_from(blocks), _teaser(body), st.sampled_from(SENTENCES)))
        blocks.insert(draw(st.integers(0, len(blocks))), extra)
    if draw(st.booleans()):
        width = draw(st.integers(45, 100))
        blocks = ["\n".join(textwrap.wrap(block, width, break_on_hyphens=damaged)) if draw(st.booleans()) else block for block in blocks]
    newline = draw(st.sampled_from(["\n", "\n\n", "\r\n\r\n", "\n \n", "\u2029"]))
    text = newline.join(blocks)
    return draw(mutated(text)) if damaged else text


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """A text with a few pieces put in, taken out or doubled."""
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text)))
        how = draw(st.sampled_from(["insert", "cut", "double"]))
        end = min(len(text), at + draw(st.integers(1, 80)))
        if how == "insert":
            text = text[:at] + draw(st.sampled_from(_PIECES)) + text[at:]
        elif how == "cut":
            text = text[:at] + text[end:]
        else:
            text = text[:end] + text[at:end] + text[end:]
    return text


WORDS = [
    *("Home", "News", "Sport", "Weather", "Culture", "Travel", "Jobs", "Contact", "Imprint", "Archive", "Statistics", "Yes", "No", "4 cm"),
    *("Rovers 2", "United 1", "Startseite", "Wetter", "Accueil", "Météo", "Inicio", "Deportes", "首页", "新闻", "الرئيسية", "Главная"),
    *("Swans are back on the mill pond", "Five walks for a long weekend", "3 May 2019", "14:30", "Ann", "Ben", "o Introduction"),
]


@st.composite
def pages(draw: st.DrawFn) -> str:
    """A page put together from the lines of several: short lines above, an article with short lines in it, short lines below.

    Its first line may come again, right below and further on, and a stretch of short lines may be longer than anybody looks.
    """
    short = st.one_of(st.sampled_from(WORDS), st.sampled_from(FURNITURE), st.sampled_from(HEADLINES))
    above, below = (draw(st.lists(short, max_size=16)) for _ in range(2))
    inside = draw(st.lists(st.one_of(paragraphs(), paragraphs(), short), max_size=14))
    first = draw(st.sampled_from(HEADLINES + WORDS))
    above = [first] * draw(st.integers(0, 3)) + above * draw(st.sampled_from([1, 1, 1, 1, 40]))
    for _ in range(draw(st.integers(0, 3))):
        region = draw(st.sampled_from([above, inside, below]))
        region.insert(draw(st.integers(0, len(region))), first)
    ends = draw(st.lists(st.sampled_from(["\n", "\n\n"]), min_size=1, max_size=7))
    return "".join(line + ends[i % len(ends)] for i, line in enumerate([*above, *inside, *below][:800]))


def texts() -> st.SearchStrategy[str]:
    """Articles, pages and anything else."""
    return st.one_of(articles(), pages(), any_text(), st.text(max_size=60))
