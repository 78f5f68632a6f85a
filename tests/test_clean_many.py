"""Many texts: lazily, in order, on threads, with bad items among them."""

from __future__ import annotations

import itertools
import pickle
import re
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import textclean
from textclean.errors import ConfigError, ItemError, NotTextError

every_worker = pytest.mark.parametrize("workers", [1, 2, 8])


class Counting:
    """An endless iterable that counts what was taken from it."""

    def __init__(self):
        self.taken = 0

    def __iter__(self):
        for number in itertools.count():
            self.taken += 1
            yield f"Text number {number}"


def threads():
    """The library's threads that are alive and that this test has started."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("textclean") and thread not in _OLDER]


def wait_for_no_threads():
    """Gives threads that were told to stop a moment to do so."""
    deadline = time.monotonic() + 10
    while threads() and time.monotonic() < deadline:
        time.sleep(0.01)
    return threads()


#: Threads from before the test: a test that fails keeps its frames, and so its threads.
_OLDER = set()


@pytest.fixture(autouse=True)
def _no_threads_of_others():
    """A test answers for the threads that it starts itself."""
    _OLDER.clear()
    _OLDER.update(threading.enumerate())


@every_worker
def test_nothing_is_read_before_the_first_is_asked_for(workers):
    """Making the iterator reads nothing and starts no thread."""
    texts = Counting()
    textclean.clean_many(texts, workers=workers)
    assert texts.taken == 0
    assert threads() == []


@every_worker
def test_reads_a_little_ahead(workers):
    """An endless iterable is read at most 128 texts a worker ahead."""
    texts = Counting()
    results = textclean.clean_many(texts, workers=workers)
    for number in range(1000):
        assert str(next(results)) == f"Text number {number}"
        assert texts.taken <= number + 1 + 128 * workers
    results.close()


def test_the_first_results_come_soon():
    """For the first result, few texts are read, whatever the iterable still holds."""
    texts = Counting()
    next(textclean.clean_many(texts, workers=1))
    assert texts.taken <= 2


@every_worker
def test_order(workers):
    """Results come in the order of the texts, however long each takes."""
    texts = [f"Text {number}. " + "word " * (20_000 if number % 7 == 0 else 1) for number in range(300)]
    results = [str(cleaned) for cleaned in textclean.clean_many(texts, workers=workers)]
    assert results == [text.strip() for text in texts]


@pytest.mark.parametrize("make", [list, tuple, iter, dict.fromkeys, lambda texts: (text for text in texts), lambda texts: map(str, texts)])
def test_any_iterable(make):
    """Any iterable is taken."""
    texts = [f"Text {number}" for number in range(200)]
    assert [str(cleaned) for cleaned in textclean.clean_many(make(texts), workers=2)] == texts


@every_worker
def test_nothing_in_nothing_out(workers):
    """An empty iterable gives no results."""
    assert list(textclean.clean_many([], workers=workers)) == []


def test_no_iterable():
    """What is no iterable of texts is refused at once, a single text too, which would be read letter by letter."""
    for texts in (3, None, "abc", b"abc"):
        with pytest.raises(textclean.errors.InputError, match="expected an iterable of texts"):
            textclean.clean_many(texts, workers=1)


@every_worker
def test_raise(workers):
    """A bad item is an error with its position, from which the cause can be had."""
    texts = ["good"] * 100 + [b"bad"] + ["good"] * 100
    with pytest.raises(ItemError) as caught:
        list(textclean.clean_many(texts, workers=workers))
    assert caught.value.position == 100
    assert isinstance(caught.value.__cause__, NotTextError)
    assert str(caught.value) == (
        "item 100: expected str, got bytes: decode it first, e.g. value.decode('utf-8', 'replace') "
        "(on_error='skip' leaves such items out, 'keep' passes them through as they are)"
    )


@every_worker
def test_the_items_before_a_bad_one_come_first(workers):
    """What stands before a bad item is cleaned and given before the error."""
    results = textclean.clean_many([*(f"good {n}" for n in range(75)), None], workers=workers)
    got = [str(next(results)) for _ in range(75)]
    with pytest.raises(ItemError):
        next(results)
    assert got == [f"good {n}" for n in range(75)]


@every_worker
def test_skip(workers):
    """Bad items are left out, the others come in order."""
    texts = [number if number % 3 == 0 else f"Text {number}" for number in range(300)]
    results = [str(cleaned) for cleaned in textclean.clean_many(texts, workers=workers, on_error="skip")]
    assert results == [f"Text {number}" for number in range(300) if number % 3]


@every_worker
def test_keep(workers):
    """Bad items come as they were, with the error; what is no text comes empty."""
    texts = ["one", None, "two", b"three", 4]
    results = list(textclean.clean_many(texts, workers=workers, on_error="keep"))
    assert [(c.text, c.source, c.removals, c.fields, c.fixes) for c in results] == [(t, t, [], {}, ()) for t in ("one", "", "two", "", "")]
    assert [type(cleaned.error) for cleaned in results] == [type(None), NotTextError, type(None), NotTextError, NotTextError]


@settings(max_examples=40)
@given(st.lists(st.one_of(st.just("text"), st.none()), max_size=150), st.sampled_from([1, 2, 8]))
def test_skip_and_keep_agree(texts, workers):
    """Skipping leaves out exactly what keeping passes through with an error."""
    kept = list(textclean.clean_many(texts, workers=workers, on_error="keep"))
    skipped = list(textclean.clean_many(texts, workers=workers, on_error="skip"))
    assert [cleaned.error is None for cleaned in kept] == [text is not None for text in texts]
    assert len(skipped) == texts.count("text")


class BrokenError(Exception):
    """The iterable's own error."""


def breaking(count):
    """So many texts, then an error."""
    for number in range(count):
        yield f"Text {number}"
    raise BrokenError("the disk is gone")


@every_worker
@pytest.mark.parametrize("on_error", ["raise", "skip", "keep"])
def test_errors_of_the_iterable_pass_through(workers, on_error):
    """An error of the iterable's own is not taken for a bad item, and leaves no thread behind."""
    with pytest.raises(BrokenError, match="the disk is gone"):
        list(textclean.clean_many(breaking(10), workers=workers, on_error=on_error))
    assert wait_for_no_threads() == []


@every_worker
def test_the_items_before_an_error_of_the_iterable_come_first(workers):
    """What was read before the iterable failed is given before its error."""
    results = textclean.clean_many(breaking(75), workers=workers)
    got = [str(next(results)) for _ in range(75)]
    with pytest.raises(BrokenError):
        next(results)
    assert got == [f"Text {number}" for number in range(75)]


def test_an_error_stops_the_threads():
    """An error that the caller holds on to holds no threads."""
    texts = itertools.chain(["good", None], itertools.repeat("good"))
    with pytest.raises(ItemError) as caught:
        list(textclean.clean_many(texts, workers=4))
    assert threads() == []
    assert caught.value.position == 1


def test_closing_early_stops_the_threads():
    """A consumer that has seen enough leaves no thread behind."""
    results = textclean.clean_many(Counting(), workers=4)
    assert str(next(results)) == "Text number 0"
    assert threads()
    results.close()
    assert wait_for_no_threads() == []


def test_breaking_off_stops_the_threads():
    """A consumer that breaks off its loop and forgets the iterator leaves no thread behind."""
    for cleaned in textclean.clean_many(Counting(), workers=2):
        assert cleaned.text
        break
    assert wait_for_no_threads() == []


def test_running_out_stops_the_threads():
    """An iterator that came to its end leaves no thread behind."""
    assert len(list(textclean.clean_many(["a"] * 500, workers=3))) == 500
    assert wait_for_no_threads() == []


@pytest.mark.parametrize("workers", [0, -1, 1.5, "2", "all"])
def test_workers_are_checked_at_once(workers):
    """A number of workers that is none is refused when the iterator is made."""
    with pytest.raises(ConfigError, match=re.escape(f"workers={workers!r} is out of range: use a whole number from 1 to 1,024")):
        textclean.clean_many([], workers=workers)


def test_on_error_is_checked_at_once():
    """A word for `on_error` that is none of the three is refused when the iterator is made."""
    with pytest.raises(ConfigError, match=re.escape("on_error='ignore' is unknown: use 'raise', 'skip', 'keep'")):
        textclean.clean_many([], on_error="ignore")


def test_options_are_checked_at_once():
    """An option with a value that it can't have is refused when the iterator is made."""
    with pytest.raises(ConfigError, match="min_words=1"):
        textclean.clean_many([], min_words=1)
    with pytest.raises(ConfigError, match="no option minwords"):
        textclean.clean_many([], minwords=10)


@every_worker
def test_two_at_once(workers):
    """Two iterators do not disturb each other."""
    one, two = (textclean.clean_many(map((name + " {}").format, range(300)), workers=workers) for name in "ab")
    assert [(str(a), str(b)) for a, b in zip(one, two, strict=True)] == [(f"a {n}", f"b {n}") for n in range(300)]


def test_results_can_be_pickled():
    """A result can be sent to another process."""
    result = textclean.explain("A headline\n\nBy Ann Smith\n\nThe text of it, long enough to be the prose of this page, ends here.")
    again = pickle.loads(pickle.dumps(result))
    assert again.to_dict() == result.to_dict()
    assert again.source == result.source


def test_generator_inside_a_generator():
    """The iterable that `clean_many` reads may itself call `clean_many`."""
    inner = (str(cleaned) for cleaned in textclean.clean_many((f"Text {n}\u200b" for n in range(200)), workers=2))
    assert [str(cleaned) for cleaned in textclean.clean_many(inner, workers=2)] == [f"Text {n}" for n in range(200)]
