"""What can be chosen, and what can't."""

from __future__ import annotations

import dataclasses
import inspect
import math
import re
from pathlib import Path

import pytest

import textclean
from textclean import Config, Kind
from textclean.config import resolve
from textclean.errors import ConfigError

FIELDS = [field.name for field in dataclasses.fields(Config)]


def test_frozen():
    """A configuration does not change."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Config().min_words = 3


def test_equal_configurations_are_equal():
    """The form of a value makes no difference: lists, sets, strings for kinds and paths."""
    one = Config(drop_kinds=["byline", Kind.SHARE], languages=["en"], rules=["a.toml"])
    two = Config(drop_kinds={Kind.BYLINE, "share"}, languages=("en",), rules=(Path("a.toml"),))
    assert one == two
    assert hash(one) == hash(two)


def test_defaults():
    """By default all kinds but the headline go, by all rules, and nothing is changed that is not damage."""
    config = Config()
    assert config.dropped == frozenset(Kind) - {Kind.HEADLINE}
    assert (config.languages, config.rules, config.straighten_quotes, config.narrow_width) == (None, (), False, False)


def test_every_default_says_why():
    """Each field of `Config` is followed by its reason, for editors, and help() says what it is."""
    source = inspect.getsource(Config)
    for name in FIELDS:
        assert re.search(rf'^    {name}: .*\n    """', source, re.MULTILINE), name
        assert re.search(rf"^ +{name}: \w", Config.__doc__, re.MULTILINE), f"help(Config) does not tell of {name}"


def test_dropped():
    """`dropped` is `drop_kinds` without `keep_kinds`."""
    assert Config(drop_kinds=["byline", "share"], keep_kinds=["share", "legal"]).dropped == {Kind.BYLINE}


def test_overrides_change_one_option():
    """An override changes its own option and leaves the others as the configuration has them."""
    config = Config(min_words=7, keep_kinds=["byline"])
    assert resolve(config, {"min_words": 8}) == Config(min_words=8, keep_kinds=["byline"])
    assert resolve(config, {}) is config
    assert resolve(None, {}) == Config()


KINDS = ", ".join(Kind)
NUMBER = "is out of range: use a whole number from 3 to 1,000,000"
BAD = [
    ({"min_words": 2}, f"min_words=2 {NUMBER}"),
    ({"min_words": 1_000_001}, f"min_words=1000001 {NUMBER}"),
    ({"min_words": 10.0}, f"min_words=10.0 {NUMBER}"),
    ({"min_words": "10"}, f"min_words='10' {NUMBER}"),
    ({"min_words": None}, f"min_words=None {NUMBER}"),
    ({"near_threshold": 0}, "near_threshold=0 is no Jaccard similarity to ask for: use 0 < near_threshold <= 1, e.g. 0.8"),
    ({"near_threshold": 1.01}, "near_threshold=1.01 is no Jaccard similarity to ask for: use 0 < near_threshold <= 1, e.g. 0.8"),
    ({"near_threshold": math.nan}, "near_threshold=nan is no Jaccard similarity to ask for: use 0 < near_threshold <= 1, e.g. 0.8"),
    ({"near_threshold": "0.8"}, "near_threshold='0.8' is no Jaccard similarity to ask for: use 0 < near_threshold <= 1, e.g. 0.8"),
    ({"near_threshold": None}, "near_threshold=None is no Jaccard similarity to ask for: use 0 < near_threshold <= 1, e.g. 0.8"),
    ({"effort": "careless"}, "effort='careless': one of 'careful', 'balanced', 'thorough' or a number from 0 to 1 is needed"),
    ({"effort": 1.01}, "effort=1.01: one of 'careful', 'balanced', 'thorough' or a number from 0 to 1 is needed"),
    ({"effort": math.nan}, "effort=nan: one of 'careful', 'balanced', 'thorough' or a number from 0 to 1 is needed"),
    ({"effort": True}, "effort=True: one of 'careful', 'balanced', 'thorough' or a number from 0 to 1 is needed"),
    ({"effort": None}, "effort=None: one of 'careful', 'balanced', 'thorough' or a number from 0 to 1 is needed"),
    ({"regex_timeout": 0}, "regex_timeout=0: seconds over 0 and at most 3,600 are needed"),
    ({"regex_timeout": -1}, "regex_timeout=-1: seconds over 0 and at most 3,600 are needed"),
    ({"regex_timeout": math.nan}, "regex_timeout=nan: seconds over 0 and at most 3,600 are needed"),
    ({"regex_timeout": "1"}, "regex_timeout='1': seconds over 0 and at most 3,600 are needed"),
    ({"regex_timeout": None}, "regex_timeout=None: seconds over 0 and at most 3,600 are needed"),
    ({"languages": "en"}, "languages='en': a list or set of strings is needed"),
    ({"languages": 3}, "languages=3: a list or set of strings is needed"),
    ({"rules": "mine.toml"}, "rules='mine.toml': a list or set of strings is needed"),
    ({"rules": Path("mine.toml")}, f"rules={Path('mine.toml')!r}: a list or set of strings is needed"),
    ({"drop_kinds": "byline"}, "drop_kinds='byline': a list or set of strings is needed"),
    ({"keep_kinds": "byline"}, "keep_kinds='byline': a list or set of strings is needed"),
    ({"keep_kinds": None}, "keep_kinds=None: a list or set of strings is needed"),
    ({"drop_kinds": ["bylines"]}, f"drop_kinds: no kind 'bylines'; the kinds are {KINDS}"),
    ({"drop_kinds": ["bylines", "byline", "x"]}, f"drop_kinds: no kind 'bylines', 'x'; the kinds are {KINDS}"),
    ({"drop_kinds": [3]}, "drop_kinds=[3]: a list or set of strings is needed"),
    ({"rules": [3]}, "rules=[3]: a list or set of strings is needed"),
    ({"languages": [3]}, "languages=[3]: a list or set of strings is needed"),
    ({"unwrap": None}, "unwrap=None: True or False is needed"),
    ({"unwrap": 2}, "unwrap=2: True or False is needed"),
    ({"repeats": "no"}, "repeats='no': True or False is needed"),
    ({"straighten_quotes": "yes"}, "straighten_quotes='yes': True or False is needed"),
    ({"narrow_width": 0.5}, "narrow_width=0.5: True or False is needed"),
    ({"regex_timeout": math.inf}, "regex_timeout=inf: seconds over 0 and at most 3,600 are needed"),
    ({"words": 3}, f"no option words: the options are {', '.join(FIELDS)}"),
    ({"b": 3, "a": 1}, f"no option a, b: the options are {', '.join(FIELDS)}"),
]


@pytest.mark.parametrize(
    ("options", "message"), BAD, ids=[f"{name}-{value!r}"[:40] for options, _ in BAD for name, value in [next(iter(options.items()))]]
)
@pytest.mark.parametrize(
    "function",
    [textclean.clean, textclean.explain, lambda text, **options: textclean.clean_many([text], **options)],
    ids=["clean", "explain", "clean_many"],
)
def test_bad_value(function, options, message):
    """A value that an option can't have is refused at once, with the option, the value and what is needed."""
    with pytest.raises(ConfigError) as caught:
        function("text", **options)
    assert str(caught.value) == message
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("good", "bad"),
    [({"min_words": 10}, {"min_words": 10.0}), ({"unwrap": True}, {"unwrap": 1}), ({"near_threshold": 1}, {"near_threshold": True})],
)
def test_equal_values_of_other_types(good, bad):
    """A value of the wrong type is refused, whatever was accepted before."""
    textclean.clean("text", **good)
    with pytest.raises(ConfigError):
        textclean.clean("text", **bad)


def test_no_such_language():
    """A language without rules is refused with those that have some."""
    with pytest.raises(ConfigError, match=r"^languages: no rules for xx, yy; there are any, .*\ben\b.*$"):
        textclean.clean("text", languages=["yy", "en", "xx"])


def test_no_configuration():
    """A configuration that is no `Config` is refused."""
    with pytest.raises(ConfigError, match=re.escape("config={'keep_kinds': ['byline']}: a textclean.Config is needed")):
        textclean.clean("text", {"keep_kinds": ["byline"]})


def test_languages_leave_out_the_others():
    """With one language asked for, another's lines stay."""
    text = "A headline\n\nThe text of it, long enough to be the prose of this page, ends here, as texts do.\n\nKommentar schreiben"
    assert textclean.clean(text, languages=["de"]) != text
    assert textclean.clean(text, languages=["en"]) == text
