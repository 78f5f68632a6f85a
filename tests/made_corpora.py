"""Corpora in which much is alike and little is the same: what the search for repeats is held against an exhaustive one on.

A corpus is a few texts and what becomes of them: words changed, put in, taken out and moved, numbers changed or written otherwise, case
and marks and Unicode forms changed, ends cut, texts put together. It may be empty, and may hold texts of nothing.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from random import Random

import strategies
from exhaustive import Asked, jaccard, shingles, tokens

#: Words of several languages and scripts, made for this; the sentences of `strategies` come beside.
LANGUAGES = [
    "the harbour was closed on Monday after a storm and nobody knew when it would open again said an officer of the port".split(),
    "die Straße nach Süden bleibt wegen größerer Schäden bis Freitag gesperrt teilte die Behörde am Abend noch mit".split(),
    "la côte a été fermée après l’orage et les élèves de l’école sont rentrés à pied jusqu’au village".split(),
    "Yarın İstanbul ve Iğdır için ılık bir hava bekleniyor dedi görevli sabah saatlerinde kıyıda".split(),
    "паром отменили третий день подряд из-за сильного ветра сообщили в порту города ещё вчера".split(),
    "το λιμάνι έκλεισε τη Δευτέρα μετά την καταιγίδα είπε ο υπεύθυνος ΣΟΦΟΣ του λιμένα χθες".split(),
    "أغلق الميناء يوم الإثنين بعد العاصفة وقال المسؤول إن السفن ستعود قريبا إلى المدينة القديمة".split(),
    "הנמל נסגר ביום שני אחרי הסערה ואמר הממונה כי הספינות ישובו בקרוב אל העיר העתיקה".split(),
    "बंदरगाह सोमवार को तूफ़ान के बाद बंद रहा और अधिकारी ने कहा कि जहाज़ जल्द लौटेंगे".split(),
    "항구는 월요일 폭풍 뒤에 닫혔고 담당자는 배가 곧 돌아온다고 시청에서 말했다".split(),
    list("強風のため離島へのフェリーは三日連続で欠航となり住民は食料の不足を心配している"),
    list("港口星期一在暴风雨之后关闭官员说船只很快会回来居民们正在等待消息"),
    ["ท่าเรือ", "ปิด", "วัน", "จันทร์", "หลัง", "พายุ", "เจ้าหน้าที่", "บอก", "ว่า", "เรือ", "จะ", "กลับ", "มา"],
    ["កំពង់ផែ", "បាន", "បិទ", "នៅ", "ថ្ងៃ", "ចន្ទ", "ក្រោយ", "ព្យុះ", "ဆိပ်ကမ်း", "ပိတ်", "ထား", "བོད་", "ཡིག", "ພາສາ", "ລາວ"],
]
ODDITIES = [
    *("ﬁne", "Ⅷ", "½", "x²", "①", "ｶﾞ", "Å", "Å", "e\u0301", "\u0301", "\u0345", "ẛ\u0323", "ŉ", "ǰ", "ß", "ẞ", "İ", "ı", "ſ", "ΐ", "K"),
    *(
        "\u200b",
        "\u200d",
        "\ufeff",
        "\xad",
        "\u202e",
        "\x00",
        "\x07",
        "\x1c",
        "\x85",
        "👩\u200d💻",
        "🏴",
        "❤\ufe0f",
        "—",
        "·",
        "_",
        "\ud800",
        "\udfff",
        "々",
        "ー",
    ),
    *(
        "〇",
        "٣٤",
        "๑๒",
        "१२",
        "𝟘𝟙",
        "𝔸",
        "㍿",
        "㌔",
        "가",
        "\u1100\u1161",
        "ᾳ",
        "Ǆ",
        "ա\u0582",
        "և",
        "\U0001e900",
        "\u2160\u2161",
        "a_b",
        "c++",
    ),
]
NUMBERS = [
    "3",
    "12",
    "100",
    "500",
    "1500",
    "1,500",
    "1.500",
    "1 500",
    "2019",
    "1,234,567",
    "1 234 567",
    "2.5",
    "007",
    "12,34",
    "1999 100",
    "b4",
    "4x4",
    "b4 500",
    "4x4 100",
    "1 500x",
    "〇 五百",
    "12 〇〇〇",
]
THRESHOLDS = [0.1, 0.3, 0.5, 2 / 3, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0]
LINE_ENDS = ["\x85", "\n", "\n\n", "\r\n", "\r", "\u2029", " \n\t\n", "\x0b", "\n\n\n", "\x0c"]


@dataclass(frozen=True)
class Corpus:
    """Documents with a key each, and how they are to be compared."""

    documents: list[dict[str, object]]
    asked: Asked
    keep: str
    method: str


def corpus(seed: int) -> Corpus:
    """The corpus of this number.

    >>> corpus(7) == corpus(7)
    True
    """
    random = Random(seed)
    unit = random.choice(["paragraph", "document"])
    asked = Asked(
        unit=unit,
        threshold=random.choice(THRESHOLDS),
        ngram_size=random.choice([1, 2, 3, 3, 5, 5, 8]),
        min_words=random.choice([0, 1, 3, 5, 10, 10]),
        same_numbers=random.random() < 0.5,
    )
    pool = [_text(random) for _ in range(random.choice([1, 1, 2, 4, 8, 20]))]
    size = random.choice([0, 1, 2, 3, *[random.randint(4, 40)] * 6, random.randint(40, 120), random.randint(120, 200)])
    # In some corpora each text is an edit of the one before, so that likeness runs in chains.
    chained = random.random() < 0.3
    documents: list[dict[str, object]] = []
    for _ in range(size):
        several = 1 if unit == "document" and random.random() < 0.7 else random.randint(0, 4)
        texts = [_edited(random, random.choice(pool), random.choice([0, 0, 1, 1, 2, 3, 6])) for _ in range(several)]
        if chained:
            pool += texts
        written = "".join(text + random.choice(LINE_ENDS) for text in texts)
        documents.append({"text": written, "date": random.choice([None, 1, 2, 3, 5, 8])})
    if random.random() < 0.4:
        asked = replace(asked, threshold=_at_the_border(random, [text for text in pool if text], asked))
    return Corpus(
        documents, asked, random.choice(["first", "first", "last", "longest", "date"]), random.choice(["exact", "exact", "minhash"])
    )


def _at_the_border(random: Random, pool: list[str], asked: Asked) -> float:
    """The similarity of some text and an edit of it, which is then right at the threshold."""
    if not pool:
        return asked.threshold
    text = random.choice(pool)
    one, other = (shingles(tokens(some), asked.ngram_size) for some in (text, _edited(random, text, 2)))
    similarity = jaccard(one, other) if one and other else 0.0
    return similarity if similarity >= 0.1 else asked.threshold


def _text(random: Random) -> str:
    """A text of one language, a sentence of the tests, a short line or next to nothing."""
    how = random.random()
    if how < 0.1:
        return random.choice(["", " ", "!!!", "…", "Share", "Read more: the harbour", "* * *", "3", "\u3000", "\x00", "a", "Ⅷ", "\u0301"])
    if how < 0.3:
        return " ".join(random.sample(strategies.SENTENCES, random.randint(1, 3)))
    words = random.choices(random.choice(LANGUAGES), k=random.choice([3, 8, 12, 20, 40, 80]))
    for _ in range(random.choice([0, 0, 1, 3])):
        words.insert(random.randint(0, len(words)), random.choice(NUMBERS))
    for _ in range(random.choice([0, 0, 0, 1, 4])):
        words.insert(random.randint(0, len(words)), random.choice(ODDITIES))
    return ("" if len(words) > 4 and len(words[0]) == len(words[1]) == len(words[2]) == 1 else " ").join(words)


def _edited(random: Random, text: str, count: int) -> str:
    for _ in range(count):
        text = random.choice(_EDITS)(random, text)
    return text


def _another_word(random: Random, text: str) -> str:
    words = text.split(" ")
    words[random.randrange(len(words))] = random.choice(random.choice([*LANGUAGES, ODDITIES]))
    return " ".join(words)


def _a_word_more(random: Random, text: str) -> str:
    words = text.split(" ")
    words.insert(random.randint(0, len(words)), random.choice(random.choice([*LANGUAGES, ODDITIES, NUMBERS])))
    return " ".join(words)


def _a_word_less(random: Random, text: str) -> str:
    words = text.split(" ")
    del words[random.randrange(len(words))]
    return " ".join(words)


def _moved(random: Random, text: str) -> str:
    words = text.split(" ")
    at = random.randint(0, len(words))
    return " ".join(words[at:] + words[:at])


def _said_twice(random: Random, text: str) -> str:
    return text + random.choice([" ", "", ". "]) + text


def _cut(random: Random, text: str) -> str:
    return text[: random.randint(0, len(text))] if random.random() < 0.5 else text[random.randint(0, len(text)) :]


def _other_number(random: Random, text: str) -> str:
    places = [i for i, c in enumerate(text) if c.isdecimal()]
    if not places:
        return text + " " + random.choice(NUMBERS)
    at = random.choice(places)
    return text[:at] + random.choice(["7", "", "77", " ", ","]) + text[at + 1 :]


def _other_separator(random: Random, text: str) -> str:
    return text.replace("1,500", random.choice(["1.500", "1500", "1 500", "1\u202f500", "1'500"]))


def _other_form(random: Random, text: str) -> str:
    forms = [str.upper, str.lower, str.swapcase, str.title, lambda s: s.replace(" ", "  "), lambda s: s.replace(" ", ", ")]
    forms += [lambda s, form=form: unicodedata.normalize(form, s) for form in ("NFC", "NFD", "NFKC", "NFKD")]
    return random.choice(forms)(text)


_EDITS = [
    *(_another_word, _another_word, _a_word_more, _a_word_less, _moved, _said_twice, _cut, _other_number, _other_separator, _other_form),
]
