"""Makes up a small corpus in the three files that `data.py` reads, so that the line model can be trained by anybody.

    python training/make_example.py FOLDER

The words of six languages stand in `example/`. Here they become articles, these become pages of sites that don't exist, with menus,
teasers, comments and forms around, and each page is written as several extractors would see it. The same seed gives the same bytes on every
machine and every Python.
"""

from __future__ import annotations

import argparse
import json
import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

WORDS = Path(__file__).parent / "example"
SITES = 40
#: Pages of each site; they have their menu, their footer and what stands beside the article in common.
PAGES = 2
SEED = 20


class Block(NamedTuple):
    """Lines of a page that belong together: `kind` says what they are, and whether they are the article."""

    kind: str
    lines: list[str]


#: The kinds of blocks that are the article.
ARTICLE = frozenset({"paragraph", "heading", "list", "table", "quote"})


class Dice:
    """Choices by chance, from the one method of `random` whose numbers Python promises to keep for all versions."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 (nothing here is a secret)

    def below(self, count: int) -> int:
        """Draws a whole number from 0 up to `count`, without it."""
        return int(self._random.random() * count)

    def between(self, low: int, high: int) -> int:
        """Draws a whole number, both ends included."""
        return low + self.below(high - low + 1)

    def often(self, share: float) -> bool:
        """Says yes with this probability."""
        return self._random.random() < share

    def some(self, items: list[str], count: int) -> list[str]:
        """Draws up to `count` different items, in any order."""
        rest = list(items)
        return [rest.pop(self.below(len(rest))) for _ in range(min(count, len(rest)))]


@dataclass
class Writer:
    """Makes up text of one language.

    Attributes:
        words: the file of the language: lists of phrases with blanks to fill, by name.
        dice: where chance comes from.
    """

    words: dict
    dice: Dice

    def fill(self, phrase: str, **parts: str) -> str:
        """Returns a phrase with its blanks filled, begun with a capital letter."""
        one = {name: self.dice.some(self.words[name], 1)[0] for name in ("who", "town", "day")}
        made = phrase.format(n=self.dice.between(11, 28), year=self.dice.between(1961, 2019), **one, **parts)
        return made[:1].upper() + made[1:]

    def lines(self, name: str, low: int, high: int | None = None) -> list[str]:
        """Returns `low` to `high` different filled phrases of a list."""
        return [self.fill(phrase) for phrase in self.dice.some(self.words[name], self.dice.between(low, high or low))]

    def sentence(self, main: str, form: str) -> str:
        """Returns a sentence (or a quotation) made from its main clause."""
        lead, tail = (self.dice.some(self.words[name], 1)[0] for name in ("lead", "tail"))
        # Twice: the clauses have blanks of their own.
        return self.fill(self.fill(form.replace("{who}", "{{who}}"), lead=lead, main=main, tail=tail))

    def article(self) -> list[Block]:
        """Returns the blocks of an article: paragraphs, and between some of them a heading, a list, a table or a quotation."""
        clauses = self.dice.some(self.words["main"], self.dice.between(6, len(self.words["main"])))
        blocks = []
        while clauses:
            count = min(self.dice.between(1, 3), len(clauses))
            forms = [self.dice.some(self.words["forms"], 1)[0] for _ in range(count)]
            paragraph = [self.sentence(clauses.pop(), form) for form in forms]
            blocks.append(Block("paragraph", [self.words["join"].join(paragraph)]))
            if clauses and self.dice.often(0.35):
                blocks.append(self.aside(clauses))
        return blocks

    def aside(self, clauses: list[str]) -> Block:
        """Returns what stands between two paragraphs; a quotation uses one of the clauses up."""
        chance = self.dice.below(6)
        if chance < 3:
            return Block("heading", self.lines("heading", 1))
        if chance == 3:
            return Block("list", self.lines("item", 3, 5))
        if chance == 4:
            rows = [
                f"{town} | {self.dice.between(200, 900)} | {self.dice.between(1990, 2019)}"
                for town in self.dice.some(self.words["town"], 3)
            ]
            return Block("table", [" | ".join(self.words["column"]), *rows])
        clause = clauses.pop()
        return Block("quote", [self.sentence(clause[:1].upper() + clause[1:], self.words["quote"])])


@dataclass
class Site:
    """A made-up site: its language, and the furniture that all its pages have.

    Attributes:
        name: the host, in a domain that nobody can own.
        writer: makes up its text.
    """

    name: str
    writer: Writer

    def __post_init__(self) -> None:
        """Draws the furniture."""
        write, dice = self.writer, self.writer.dice
        self.cookie = write.lines("cookie", 3) if dice.often(0.4) else []
        menu = write.lines("menu", 8, 22)
        self.menu = menu if dice.often(0.7) else [" | ".join(menu)]
        self.footer = write.lines("footer", 4, 8)
        self.byline = dice.some(write.words["byline"], 1)[0]
        self.has = {part: dice.often(0.6) for part in ("trail", "byline", "share", "caption", "inside", "summary", "comments", "aside")}

    def page(self) -> list[Block]:
        """Returns the blocks of a page, from top to bottom."""
        write, has = self.writer, self.has
        headline = write.lines("headline", 1)
        blocks = [Block("cookie", self.cookie), Block("menu", self.menu)]
        if has["trail"]:
            blocks.append(Block("trail", [" > ".join([self.menu[0].split(" | ")[0], *write.lines("town", 1), *headline])]))
        blocks += [Block("teasers", self.teasers(2, 4))] if has["aside"] else []
        blocks.append(Block("headline", headline))
        blocks += [Block("byline", [write.fill(self.byline)])] if has["byline"] else []
        blocks += [Block("share", write.lines("share", 2, 5))] if has["share"] else []
        blocks += [Block("caption", write.lines("caption", 1))] if has["caption"] else []
        article = write.article()
        if has["inside"]:
            article.insert(len(article) // 2, Block("inside", [*write.lines("more", 1), *write.lines("teaser", 1, 2)]))
        return blocks + article + self.below()

    def below(self) -> list[Block]:
        """Returns what stands below the article."""
        write = self.writer
        talk = [line for comment in write.lines("comment", 1, 4) for line in (*write.lines("who", 1), comment)]
        comments = [Block("comments", talk), Block("form", write.lines("form", 5))] if self.has["comments"] else []
        related = Block("teasers", [*write.lines("more", 1), *self.teasers(3, 9)])
        return [*comments, related, Block("footer", self.footer)]

    def teasers(self, low: int, high: int) -> list[str]:
        """Returns headlines of other articles, on some sites each with a sentence or a date below."""
        teasers = self.writer.lines("teaser", low, high)
        if self.has["summary"]:
            teasers = [line for teaser in teasers for line in (teaser, *self.writer.lines("summary", 1))]
        return teasers


def only(blocks: list[Block], kinds: frozenset[str] | set[str]) -> list[Block]:
    """Returns the blocks of these kinds."""
    return [block for block in blocks if block.kind in kinds]


def plain(blocks: list[Block], gap: str = "\n") -> str:
    """Returns the text of blocks, with `gap` between two of them."""
    return gap.join("\n".join(block.lines) for block in blocks if block.lines)


def dressed(blocks: list[Block]) -> str:
    """Returns the text of blocks with the marks of Markdown."""
    starts = {"headline": "# ", "heading": "## ", "list": "  * ", "menu": "  * ", "footer": "  * ", "quote": "> "}
    return plain([Block(kind, [starts.get(kind, "") + line for line in lines]) for kind, lines in blocks], "\n\n")


def bulleted(blocks: list[Block]) -> str:
    """Returns the text of blocks with bullets before the items of lists, and indented tables."""
    starts = {"list": "  * ", "menu": "  * ", "footer": "  * ", "table": "    "}
    return plain([Block(kind, [starts.get(kind, "") + line for line in lines]) for kind, lines in blocks], "\n\n")


def outputs(blocks: list[Block], dice: Dice) -> Iterator[tuple[str, str]]:
    """Gives a page as several extractors would see it: whole, and with the mistakes that finders of the main text make."""
    yield "bs4", plain(blocks)
    yield "html2text", dressed(blocks)
    yield "inscriptis", bulleted(blocks)
    yield "trafilatura", plain(only(blocks, ARTICLE | {"headline"} | ({"byline"} if dice.often(0.3) else set())))
    yield "readability", plain(only(blocks, ARTICLE | {"caption", "inside"} | ({"share"} if dice.often(0.5) else set())), "\n\n")
    yield "newspaper4k", plain(only(blocks, ARTICLE - {"list", "table"} | ({"inside"} if dice.often(0.5) else set())), "\n\n")
    long = [Block(block.kind, [line for line in block.lines if len(line.encode()) > 60]) for block in blocks]
    yield "justext", plain(long)


def records(seed: int = SEED) -> dict[str, list[dict]]:
    """Returns the records of the three files, by name: a page in two has its body, the others stretches that are or aren't the article."""
    files: dict[str, list[dict]] = {"texts": [], "bodies": [], "segments": []}
    languages = [tomllib.loads(path.read_text(encoding="utf8")) for path in sorted(WORDS.glob("*.toml"))]
    dice = Dice(seed)
    for number in range(SITES):
        site = Site(f"site{number:02}.example", Writer(languages[number % len(languages)], dice))
        for page in range(PAGES):
            blocks = site.page()
            name = f"{number:02}-{page}"
            base = {"id": name, "source": "made up", "site": site.name}
            files["texts"] += [base | {"extractor": extractor, "text": text} for extractor, text in outputs(blocks, dice)]
            if page % 2 == 0:
                files["bodies"].append({"id": name, "body": plain(only(blocks, ARTICLE))})
            else:
                files["segments"].append({"id": name} | segments(blocks))
    return files


def segments(blocks: list[Block]) -> dict[str, list[str]]:
    """Returns what somebody might have marked on a page: two paragraphs that must stay, two teasers that must go."""
    stay = [block.lines[0] for block in only(blocks, {"paragraph"})]
    go = [line for block in only(blocks, {"teasers"}) for line in block.lines]
    return {"with": [stay[0], stay[-1]], "without": go[-2:]}


def write(folder: Path) -> dict[str, Path]:
    """Writes the three files into a folder that is there, and returns their paths by name."""
    paths = {}
    for name, made in records().items():
        paths[name] = folder / f"{name}.jsonl"
        lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in made]
        paths[name].write_text("".join(lines), encoding="utf8", newline="\n")
    return paths


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the files go")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    for made in write(args.folder).values():
        print(made)
