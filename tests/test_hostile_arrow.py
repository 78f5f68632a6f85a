"""Arrow memory that contradicts itself, streams whose producers need the interpreter, and native calls with numbers out of range."""

from __future__ import annotations

import ctypes
import struct
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

import textclean
from textclean import _native
from textclean.errors import InputError, TextcleanError

LINE = "The mayor said on Monday that the old bridge across the river would stay closed until spring."


class Schema(ctypes.Structure):
    """`struct ArrowSchema`."""

    _fields_ = [
        *((name, ctypes.c_char_p) for name in ("format", "name", "metadata")),
        *((name, ctypes.c_int64) for name in ("flags", "n_children")),
        *((name, ctypes.c_void_p) for name in ("children", "dictionary", "release", "private")),
    ]


class Array(ctypes.Structure):
    """`struct ArrowArray`."""

    _fields_ = [
        *((name, ctypes.c_int64) for name in ("length", "null_count", "offset", "n_buffers", "n_children")),
        *((name, ctypes.c_void_p) for name in ("buffers", "children", "dictionary", "release", "private")),
    ]


_release = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda place: None)
RELEASE = ctypes.cast(_release, ctypes.c_void_p).value


class Producer:
    """An object that hands out an array whose parts are what the test says, right or wrong."""

    def __init__(self, memory, *, format=b"u", schema=None, **claims):
        self.held = [buffer if buffer is None else ctypes.create_string_buffer(buffer, len(buffer)) for buffer in memory]
        places = [None if buffer is None else ctypes.addressof(buffer) for buffer in self.held]
        self.places = (ctypes.c_void_p * max(len(places), 1))(*places)
        claimed = {"length": 2, "n_buffers": len(places), "buffers": ctypes.addressof(self.places), "release": RELEASE} | claims
        self.array = Array(**claimed)
        self.schema = Schema(**({"format": format, "name": b"text", "release": RELEASE} | (schema or {})))

    def __arrow_c_array__(self, requested_schema=None):
        new = ctypes.pythonapi.PyCapsule_New
        new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        places = ctypes.addressof(self.schema), ctypes.addressof(self.array)
        return new(places[0], b"arrow_schema", None), new(places[1], b"arrow_array", None)


def offsets(*values):
    """Offsets of 32 bits."""
    return struct.pack(f"={len(values)}i", *values)


def large(*values):
    """Offsets of 64 bits."""
    return struct.pack(f"={len(values)}q", *values)


def view(length, buffer, start):
    """A view of a string."""
    return struct.pack("=i4sii", length, b"abcd", buffer, start)


GOOD = [None, offsets(0, 3, 6), b"abcdef"]
LIES = {
    "negative length": (GOOD, {"length": -1}),
    "length of all memory": (GOOD, {"length": 1 << 62}),
    "negative offset": (GOOD, {"offset": -100_000_000}),
    "offset of all memory": (GOOD, {"offset": 1 << 62}),
    "more nulls than rows": (GOOD, {"null_count": 3}),
    "nulls nobody marks": (GOOD, {"null_count": 1}),
    "no buffers": ([], {"buffers": None}),
    "one buffer": ([None], {}),
    "buffers nowhere": (GOOD, {"buffers": None}),
    "null offsets": ([None, None, b"abcdef"], {}),
    "null data": ([None, offsets(0, 3, 6), None], {}),
    "falling offsets": ([None, offsets(0, 5, 3), b"abcdef"], {}),
    "a negative offset of data": ([None, offsets(0, -5, 6), b"abcdef"], {}),
    "a negative first offset": ([None, offsets(-3, 0, 6), b"abcdef"], {}),
    "large offsets that fall": ([None, large(0, 1 << 40, 3), b"abcdef"], {"format": b"U"}),
    "a view outside": ([None, view(3, 0, 0) + view(20, 0, 9), b"x" * 20, large(20)], {"format": b"vu"}),
    "a view into no buffer": ([None, view(3, 0, 0) + view(20, 7, 0), b"x" * 20, large(20)], {"format": b"vu"}),
    "a view of negative length": ([None, view(3, 0, 0) + view(-20, 0, 0), b"x" * 20, large(20)], {"format": b"vu"}),
    "a view with negative sizes": ([None, view(3, 0, 0) * 2, b"x" * 20, large(-1)], {"format": b"vu"}),
    "a struct without fields": ([None], {"format": b"+s", "schema": {"n_children": 3}}),
    "a struct with a negative number of fields": ([None], {"format": b"+s", "schema": {"n_children": -3}}),
    "released": (GOOD, {"release": None}),
}


@pytest.mark.parametrize(("memory", "claims"), LIES.values(), ids=LIES)
def test_what_contradicts_itself_is_refused(memory, claims):
    """An array that can't be what it says is an error that says so, never a crash."""
    with pytest.raises(InputError, match=r"contradicts itself|could not be read"):
        textclean.deduplicate(Producer(memory, **claims), unit="document")


def test_the_same_producer_without_a_lie_is_read():
    """What the test above hands out would be read if it were right; so would an empty array without buffers."""
    found = textclean.deduplicate(Producer(GOOD), unit="document", min_words=0)
    assert found.unit_span.tolist() == [[0, 3], [0, 3]]
    assert len(textclean.deduplicate(Producer([None, None, None], length=0), unit="document")) == 0
    views = Producer([None, view(3, 0, 0) + view(20, 0, 0), b"x" * 20, large(20)], format=b"vu")
    assert len(textclean.deduplicate(views, unit="document")) == 2


def test_a_dictionary_that_is_too_short_is_refused():
    """Indices that name no value, from below or above, are refused."""
    for wrong in (2, -1, 1 << 30):
        column = pa.DictionaryArray.from_arrays(pa.array([0, wrong], pa.int32()), pa.array([LINE, "b"]), safe=False)
        for table in (column, pa.record_batch({"text": column}), _Foreign(pa.record_batch({"text": column}))):
            with pytest.raises(InputError, match="contradicts itself"):
                textclean.deduplicate(table, unit="document")


def test_an_index_that_no_signed_number_holds_is_refused():
    """An index of 64 bits without a sign is no negative number, and names none of the values either."""
    indices = pa.array([0, 1 << 63, (1 << 64) - 1], pa.uint64())
    column = pa.DictionaryArray.from_arrays(indices, pa.array([LINE, "b"]), safe=False)
    with pytest.raises(InputError, match="contradicts itself"):
        textclean.deduplicate(_Foreign(pa.record_batch({"text": column})), unit="document")


def test_rows_that_are_null_are_empty_texts():
    """A row of a struct may be null as a whole: its text is the empty one, whatever its field holds."""
    rows = pa.StructArray.from_arrays([pa.array([LINE, LINE, "other"])], ["text"], mask=pa.array([False, True, False]))
    found = textclean.deduplicate(_Foreign(rows), unit="document")
    assert len(found) == 3
    assert found.texts() == [LINE, "", "other"]


class _Foreign:
    """A table of which pyarrow does not know that it is its own, so that it comes through the C interface unchecked."""

    def __init__(self, table):
        self._table = table

    def __arrow_c_array__(self, requested_schema=None):
        return self._table.__arrow_c_array__(requested_schema)


def test_tables_of_pyarrow_are_checked_by_pyarrow():
    """It knows the sizes of its buffers: an offset far outside the data is refused before anything is read there."""
    column = pa.Array.from_buffers(pa.string(), 2, [None, pa.py_buffer(offsets(0, 100_000, 5)), pa.py_buffer(b"hello")])
    for table in (column, pa.table({"text": column}), pa.chunked_array([column]), pa.record_batch({"text": column})):
        with pytest.raises(InputError, match="contradicts itself"):
            textclean.deduplicate(table, unit="document")
    reader = pa.RecordBatchReader.from_batches(pa.schema({"text": pa.string()}), iter([pa.record_batch({"text": column})]))
    with pytest.raises(InputError, match="contradicts itself"):
        textclean.deduplicate(reader, unit="document")


class _Stream:
    """A stream that pyarrow does not know for its own."""

    def __init__(self, reader):
        self._reader = reader

    def __arrow_c_stream__(self, requested_schema=None):
        return self._reader.__arrow_c_stream__(requested_schema)


def _reader(batches):
    return pa.RecordBatchReader.from_batches(pa.schema([("text", pa.string())]), batches)


@pytest.mark.parametrize("wrap", [lambda reader: reader, _Stream], ids=["pyarrow", "foreign"])
def test_a_producer_may_need_the_interpreter(wrap):
    """Batches that another thread makes, in Python, come: the stream is read without the lock that it needs."""
    import queue
    import threading

    made = queue.Queue()

    def make():
        for _ in range(3):
            made.put(pa.record_batch({"text": [LINE, "other words"]}))
        made.put(None)

    thread = threading.Thread(target=make)
    thread.start()
    found = textclean.deduplicate(wrap(_reader(iter(made.get, None))), unit="document")
    thread.join()
    assert found.witness.tolist() == [-1, -1, 0, -1, 0, -1]


def test_what_a_producer_raises_is_told():
    """An error of a producer in Python comes as it was raised where pyarrow hands it on, and else with its message."""

    def failing():
        yield pa.record_batch({"text": [LINE]})
        raise ValueError("no more of it")

    with pytest.raises(ValueError, match="no more of it"):
        textclean.deduplicate(_reader(failing()), unit="document")
    with pytest.raises(InputError, match="no more of it"):
        textclean.deduplicate(_Stream(_reader(failing())), unit="document")


STORED = """
import os, sys, textclean
import pyarrow as pa, pyarrow.dataset as ds, pyarrow.fs as fs, pyarrow.parquet as pq

class Handler(fs.FileSystemHandler):
    local = fs.LocalFileSystem()
    def get_type_name(self): return "h"
    def __eq__(self, other): return self is other
    def __ne__(self, other): return self is not other
    def normalize_path(self, path): return path
    def get_file_info(self, paths): return self.local.get_file_info(paths)
    def get_file_info_selector(self, selector): return self.local.get_file_info(selector)
    def open_input_stream(self, path): return pa.PythonFile(open(path, "rb"), mode="r")
    def open_input_file(self, path): return pa.PythonFile(open(path, "rb"), mode="r")
    def create_dir(self, *a): pass
    delete_dir = delete_dir_contents = delete_root_dir_contents = delete_file = move = copy_file = create_dir
    open_output_stream = open_append_stream = create_dir

folder, wrapped = sys.argv[1:]
for i in range(2):
    pq.write_table(pa.table({"text": [f"document {j} of file {i} says {j * 7}" for j in range(500)]}), f"{folder}/{i}.parquet")
reader = ds.dataset(folder, format="parquet", filesystem=fs.PyFileSystem(Handler())).scanner().to_reader()

class Stream:
    def __arrow_c_stream__(self, requested_schema=None): return reader.__arrow_c_stream__(requested_schema)

print(len(textclean.deduplicate(Stream() if wrapped == "1" else reader, unit="document")), flush=True)
# Threads of pyarrow may still hold files that are Python's.
os._exit(0)
"""


@pytest.mark.parametrize("wrapped", ["0", "1"])
def test_a_file_system_in_python_does_not_stop_the_reading(tmp_path, wrapped):
    """A scanner whose threads call Python code is read to its end."""
    command = [sys.executable, "-c", STORED, str(tmp_path), wrapped]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.returncode) == ("1000", 0), done.stderr


def test_native_calls_refuse_what_is_out_of_range():
    """Numbers that no caller of ours passes are errors of Python, never a panic, which no `except Exception` stops."""
    texts = _native.Texts.from_list([LINE, LINE])
    good = {"threshold": 0.8, "ngram_size": 3, "min_words": 1, "same_numbers": False, "workers": 1}
    ones = np.ones(4, np.uint32)
    calls = [
        lambda: texts.find_repeats(None, **(good | {"ngram_size": 0})),
        lambda: texts.find_repeats(np.array([2], np.uint32), **good),
        lambda: texts.find_repeats(None, **(good | {"threshold": 0.0})),
        lambda: texts.find_repeats(None, **good, bands=(ones, ones, 0, 0)),
        lambda: texts.get(2),
        lambda: _native.signature(LINE, 0, ones, ones),
        lambda: _native.jaccard(LINE, LINE, 0),
    ]
    scanner = _native.Scanner("\u00c3", False, False)
    batch = _native.Batch([LINE], scanner, True)
    calls += [
        lambda: batch.units(1),
        lambda: batch.answer([0]),
        lambda: batch.settle(["x"]),
        lambda: batch.judge(None, "page", (0, 0, 0), False),
    ]
    for number, call in enumerate(calls):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - any of Python's own
            call()
        assert isinstance(caught.value, (ValueError, IndexError, TypeError)), (number, caught.value)


def test_a_text_that_is_too_long_to_be_compared_is_refused(monkeypatch):
    """The error is the same as that of cleaning, whichever way the text came."""
    long = OverflowError(5_000_000_000)

    class Texts:
        from_list = from_arrow = staticmethod(lambda *args: (_ for _ in ()).throw(long))

    monkeypatch.setattr("textclean.dedup.documents.Texts", Texts)
    for docs in ([LINE], pa.table({"text": [LINE]})):
        with pytest.raises(textclean.errors.TextTooLongError, match="5,000,000,000 bytes is over the limit"):
            textclean.deduplicate(docs)


class Odd(str):
    """A str with methods of its own in the place of all that code might call."""

    __slots__ = ()

    def encode(self, *args):  # noqa: D102
        return b"\xff\xfe"

    def __len__(self):
        return 3

    def __getitem__(self, key):
        return "elsewhere"

    def __str__(self):
        return "elsewhere"

    def __iter__(self):
        raise RuntimeError("not to be asked")

    isascii = isprintable = strip = split = __contains__ = lambda self, *args: 1 / 0


ODD_TEXTS = [
    "A headline\n\nThe harbour was closed.\n\nLeave a Reply",
    "Ein \ud800 Satz\n\nLeave a Reply",
    "Über die Brücke.\n\nLeave a Reply",
]


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_a_subclass_of_str_is_the_text_that_it_holds(text):
    """Overridden methods are never asked: results and spans are those of the plain str, through every entrance."""
    odd, whole = Odd(text), textclean.explain(text)
    assert textclean.clean(odd) == whole.text
    assert textclean.normalize(odd) == textclean.normalize(text)
    assert textclean.explain(odd).removals == whole.removals
    (many,) = textclean.clean_many([odd], workers=1, on_error="keep")
    assert (many.text, many.removals, type(many.source)) == (whole.text, whole.removals, str)
    for unit in ("document", "paragraph"):
        plain, found = (textclean.deduplicate([each, each], unit=unit, min_words=0) for each in (text, odd))
        assert found.witness.tolist() == plain.witness.tolist()
        assert list(found.records()) == list(plain.records())


def test_what_only_says_that_it_is_a_str_is_none():
    """An object whose `__class__` is str is refused as any other object."""

    class Liar:
        __class__ = str

    for call in (
        textclean.clean,
        textclean.normalize,
        lambda liar: textclean.deduplicate([liar]),
        lambda liar: list(textclean.clean_many([liar])),
    ):
        with pytest.raises(TextcleanError, match="expected str, got Liar"):
            call(Liar())
