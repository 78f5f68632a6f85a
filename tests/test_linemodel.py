"""The line model: what it takes from a page, what it leaves in an article, and that its kernels do what they say."""

from __future__ import annotations

import json
import math
from importlib import resources

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import oracle_lines
import textclean
from textclean import Config, Kind, _native
from textclean.cleaning import pipeline
from textclean.cleaning.plan import Run, plan
from textclean.cleaning.split import split
from textclean.config import EFFORTS
from textclean.errors import ConfigError
from textclean.model import reader as linemodel

STORY = """\
The harbour of the old town was closed on Monday after the storm broke two of the three cranes on the northern quay, officials said.
Nobody was hurt, and the ferries to the islands are expected to run again from Thursday, if the wind drops as the forecasters say it will.
“We have seen storms before, but none that came so early in the year,” said the harbour master, who has worked on the quay since 1987.
The town has asked the government for help, since the insurance that it took out ten years ago covers boats and not cranes.
Fishermen spent the night on their boats, and in the morning they counted eleven that had been torn from their moorings.
A decision on the new breakwater, which the council has put off three times, is now expected before the end of the summer."""
TITLE = "Storm breaks cranes and closes the harbour"
MENU = [
    *("Home", "News", "Harbour watch", "Sport", "Rowing", "Weather", "Tides and sunrise", "Culture", "Stage", "Books", "Travel", "Opinion"),
    *("Letters", "Video", "Jobs", "Property", "Motors", "Puzzles", "Chess", "Gardens", "Town hall", "Schools", "My account"),
]
TEASERS = [
    "Ferry company cuts winter timetable",
    "Five walks for a long weekend",
    "Who will run the market hall?",
    "Old cinema to become a library",
    "Council tax: what changes in April",
    "Lifeboat crew wins award",
    "Swans are back on the mill pond",
    "The baker who gets up at two",
    "Seven things to do in the rain",
    "Rowers through to the final",
    "How the pier lost its clock",
    "Bus drivers vote on new shifts",
    "Recipe: mussels as my aunt makes them",
    "Letters: the trees on Mill Street",
    "What the tide brought in",
    "Choir looks for basses",
]
FOOTER = ["Contact", "Imprint", "Accessibility", "Advertise with us", "Archive", "Site map", "Press", "Apps"]


def page(story=STORY, menu=MENU, teasers=TEASERS, footer=FOOTER):
    """The text of a whole page."""
    return "\n".join([f"{TITLE} - The Quay Gazette", *menu, TITLE, story, *teasers, *footer])


def removed(text, **options):
    """What the line model takes from a text."""
    return [removal.text for removal in textclean.explain(text, **options).removals if removal.rule == "line-model"]


def test_a_page_becomes_its_article():
    """Of a whole page the headline and the story stay, and most of the menus, teasers and the footer goes."""
    left = textclean.clean(page())
    assert left.startswith(f"{TITLE}\n{STORY}")
    assert len(left.split("\n")) - 7 <= len(MENU + TEASERS + FOOTER) / 3
    assert textclean.clean(page(), line_model=False).count("\n") > left.count("\n")


def test_an_article_stays_whole():
    """Nothing goes from a text that is nothing but an article, with a heading and a list in it."""
    lines = STORY.split("\n")
    text = "\n\n".join([TITLE, *lines[:3], "What is known so far", "Two cranes are broken", "Nobody was hurt", *lines[3:]])
    assert removed(text) == []


@pytest.mark.parametrize(
    "text",
    [
        TITLE,
        "A note.",
        "\n".join(MENU),
        "Roses are red\nViolets are blue\nSugar is sweet\nAnd so are you",
        "x = 1\ny = 2\nprint(x + y)",
        "",
    ],
    ids=["headline", "note", "menu", "poem", "code", "nothing"],
)
def test_a_text_without_an_article_is_left_alone(text):
    """Where the model finds no article, it takes nothing: it could only take everything."""
    for mode in ("auto", "page"):
        assert removed(text, page=mode) == []


@pytest.mark.parametrize(
    ("menu", "story", "teasers", "footer"),
    [
        (
            ["首页", "新闻", "体育", "财经", "娱乐", "科技", "汽车", "房产", "视频", "图片", "论坛", "博客"],
            "周一，暴风雨折断了北码头三台起重机中的两台，官员说，老城的港口因此关闭。\n没有人受伤，如果风势像预报的那样减弱，前往岛屿的渡轮预计将从周四起恢复通航。\n"
            "“我们以前见过暴风雨，但从来没有来得这么早的，”自1987年以来一直在码头工作的港务长说。\n镇上已向政府请求援助，因为十年前购买的保险只包括船只，不包括起重机。\n"
            "渔民们在船上过了一夜，早上他们数了数，有十一艘船从系泊处被扯断。",
            [
                "渡轮公司缩减冬季班次",
                "长周末的五条步行路线",
                "老电影院将变成图书馆",
                "天鹅回到磨坊池塘",
                "救生艇队员获奖",
                "凌晨两点起床的面包师",
            ],
            ["联系我们", "版权声明", "广告服务", "网站地图", "招聘信息", "意见反馈"],
        ),
        (
            ["الرئيسية", "أخبار", "رياضة", "اقتصاد", "ثقافة", "فيديو", "صور", "آراء", "سفر", "صحة"],
            "أغلق ميناء المدينة القديمة يوم الاثنين بعد أن كسرت العاصفة رافعتين من ثلاث رافعات على الرصيف الشمالي، كما قال مسؤولون.\n"
            "لم يصب أحد بأذى، ومن المتوقع أن تعود العبارات إلى الجزر ابتداء من يوم الخميس إذا هدأت الرياح كما تقول التوقعات.\n"
            "وقال مدير الميناء الذي يعمل على الرصيف منذ عام 1987: لقد رأينا عواصف من قبل، ولكن لم تأت أي منها في وقت مبكر من العام.\n"
            "وطلبت البلدة المساعدة من الحكومة لأن التأمين الذي حصلت عليه قبل عشر سنوات يغطي القوارب ولا يغطي الرافعات.\n"
            "وقضى الصيادون الليل على قواربهم، وفي الصباح أحصوا أحد عشر قاربا انقطعت عن مراسيها.",
            ["شركة العبارات تقلص جدول الشتاء", "خمس جولات لعطلة طويلة", "السينما القديمة تصبح مكتبة", "الخباز الذي يستيقظ في الثانية"],
            ["اتصل بنا", "من نحن", "أعلن معنا", "خريطة الموقع", "وظائف", "الأرشيف"],
        ),
    ],
    ids=["zh", "ar"],
)
def test_pages_in_scripts_without_case(menu, story, teasers, footer):
    """The story stays and most of the page around it goes, without capitals or spaces to go by."""
    text = "\n".join([*menu, story, *teasers, *footer])
    left = textclean.clean(text).split("\n")
    assert [line for line in left if line in story.split("\n")] == story.split("\n")
    assert len(left) - len(story.split("\n")) <= len(menu + teasers + footer) // 4


def test_the_mode_can_be_chosen():
    """Read as an article, a page keeps more than read as a page; what it is found to be lies between."""
    sizes = [len(textclean.clean(page(), page=mode)) for mode in ("page", "auto", "article")]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[2]
    with pytest.raises(ConfigError, match="page='whole' is unknown: use 'auto', 'article', 'page'"):
        Config(page="whole")


def test_it_can_be_switched_off():
    """Without the model, lines that no rule knows stay."""
    assert removed(page(), line_model=False) == []
    assert "Swans are back on the mill pond" in textclean.clean(page(), line_model=False)


def test_kinds_that_are_kept_stay():
    """A line that the model takes for a menu stays where menus are to be kept, and all else is as it was."""
    kinds = {removal.kind for removal in textclean.explain(page()).removals if removal.rule == "line-model"}
    assert kinds
    left = textclean.clean(page(), keep_kinds=kinds)
    # With the site's name behind it, the title is the headline again.
    assert set(removed(page())) - {f"{TITLE} - The Quay Gazette"} <= set(left.split("\n"))


def test_removals_say_why():
    """`explain` names the features that spoke against a line, with their values; the score is a probability."""
    for removal in textclean.explain(page()).removals:
        if removal.rule == "line-model":
            assert 0.5 < removal.score <= 1
            assert len(removal.reasons) == 3
            assert all(reason.split(" = ")[0] in linemodel.feature_names() for reason in removal.reasons)
            assert removal.to_dict()["reasons"] == list(removal.reasons)
        else:
            assert removal.reasons == ()


# Python and the native half may know different versions of Unicode.
ASSIGNED = st.characters(exclude_categories=["Cs", "Cn", "Co"])
PARTS = st.lists(
    st.one_of(
        st.sampled_from([*MENU, *TEASERS, *FOOTER, TITLE, "Related stories", "3 comments", "By Ann Smith", "Share this", ""]),
        st.sampled_from(STORY.split("\n")),
        st.text(ASSIGNED, min_size=1, max_size=30),
        st.lists(st.sampled_from(STORY.split()), min_size=1, max_size=60).map(" ".join),
    ),
    max_size=60,
).map("\n".join)


@given(PARTS, st.sampled_from(["auto", "article", "page"]))
def test_cleaning_a_page_again_changes_nothing(text, mode):
    """What the model leaves of a page, it leaves again."""
    once = textclean.clean(text, page=mode)
    assert textclean.clean(once, page=mode) == once


@given(st.lists(PARTS, max_size=4))
def test_pages_are_judged_one_by_one(texts):
    """A page is judged the same alone and among others."""
    assert [str(c) for c in textclean.clean_many(texts, workers=1)] == [textclean.clean(text) for text in texts]


KINDS = linemodel.coded([], {"comments": [], "related": [], "legal": []})


def native_rows(text):
    """Lines and features of a text as the native half has them, rules aside."""
    state = Run(split([text], plan(Config(line_model=False, unwrap=False))))
    lines = [line for line, _, _ in state.batch.units(0)]
    names = linemodel.feature_names()
    rows = np.frombuffer(state.batch.features(0, [0.0] * len(lines), None, False, KINDS)[0], "<f4").reshape(-1, len(names))
    return lines, [dict(zip(names, row.tolist(), strict=True)) for row in rows]


@given(st.one_of(PARTS, st.lists(st.text(ASSIGNED, max_size=60), max_size=12).map("\n".join)))
def test_features_are_those_of_the_naive_twin(text):
    """Profiles, windows, blocks and distances are what the naive twin counts."""
    lines, rows = native_rows(text)
    for row, expected in zip(rows, oracle_lines.features(lines), strict=True):
        for name, value in expected.items():
            assert row[name] == pytest.approx(value, rel=1e-5, abs=1e-5), name


@given(st.one_of(PARTS, st.lists(st.text(ASSIGNED, max_size=60), max_size=12).map("\n".join)))
def test_words_say_what_the_naive_twin_hears(text):
    """The hashes of words and pairs, and what they add up to, are the twin's; of long lines none are read."""
    state = Run(split([text], plan(Config(line_model=False, unwrap=False))))
    lines = [line for line, _, _ in state.batch.units(0)]
    weights = [value * 37 % 255 - 127 for value in range(256)]
    hashes, said = state.batch.word_hashes(0), state.batch.says(0, (-0.25, 0.01, weights))
    for line, found, value in zip(lines, hashes, said, strict=True):
        tokens = _native.tokens(line)
        if oracle_lines.count_words(line) > 24:
            assert (found, value) == ([], 2.0)
        else:
            assert sorted(found) == sorted(oracle_lines.word_hashes(tokens))
            assert value == pytest.approx(oracle_lines.says(tokens, -0.25, 0.01, weights), abs=1e-4)


def naive_odds(text):
    """What the model's trees, walked one by one in Python, say of the lines of a text that no rule has taken; and words of each."""
    stored = json.loads(resources.files("textclean").joinpath("model", "lines.json").read_text())
    ready = plan(Config())
    state = Run(split([text], ready))
    for step in pipeline.STEPS[:2]:
        step(state, ready)
    part = stored["first_part"]
    kinds = linemodel.coded(stored["kinds"], stored["kind_groups"])
    said = state.batch.says(0, tuple(stored["words"].values()))
    table = np.frombuffer(state.batch.features(0, said, None, False, kinds)[0], "<f4").reshape(-1, len(stored["features"]))
    first = [oracle_lines.ask(stored["first"], row[:part].tolist()) for row in table]
    table = np.frombuffer(state.batch.features(0, said, first, False, kinds)[0], "<f4").reshape(table.shape)
    odds = {}
    for (line, hit, _), row in zip(state.batch.units(0), table, strict=True):
        if not hit:
            odds[line] = oracle_lines.ask(stored["second"], row.tolist()), oracle_lines.count_words(line)
    return odds


def test_scores_are_those_of_the_naive_forest():
    """The naive twin's answers are the scores that the removals have."""
    odds = naive_odds(page())
    found = [r for r in textclean.explain(page(), repeats=False).removals if r.rule == "line-model"]
    assert len(found) > 8
    same = [math.isclose(r.score, 1 / (1 + math.exp(odds[r.text][0])), abs_tol=2e-4) for r in found]
    # A few may have gone in a later round, when the lines around them had gone.
    assert sum(same) >= 0.9 * len(same)


@pytest.mark.parametrize("effort", EFFORTS)
def test_the_bar_is_where_the_measure_is_greatest(effort):
    """Of a whole page goes what lies below the bar that the naive twin finds, the headline apart."""
    odds = naive_odds(page())
    weight = linemodel.builtin().bar(effort)[-1]
    bar = oracle_lines.bar([odd for odd, _ in odds.values()], [size for _, size in odds.values()], weight)
    below = {line for line, (odd, _) in odds.items() if odd < bar - 1e-3}
    gone = set(removed(page(), page="page", repeats=False, effort=effort))
    assert len(below) > 8
    assert below - {TITLE} <= gone


def test_more_effort_takes_more():
    """What careful reading takes, thorough reading takes too; a number means what the name does that stands there."""
    taken = [set(removed(page(), effort=effort)) for effort in EFFORTS]
    assert taken[0] <= taken[1] <= taken[2]
    assert [set(removed(page(), effort=number)) for number in (0, 0.5, 1.0)] == taken
    assert set(removed(page())) == taken[0]
    bars = [linemodel.builtin().bar(effort)[-1] for effort in (0, 0.25, 0.5, 0.75, 1)]
    assert bars == sorted(bars, reverse=True)
    assert bars[1] == pytest.approx((bars[0] + bars[2]) / 2)


def test_the_file_is_small_and_fits():
    """The model is under a megabyte, and made for the features that the native half has."""
    path = resources.files("textclean").joinpath("model", "lines.json")
    text = path.read_text()
    assert len(text) < 1_000_000
    assert tuple(json.loads(text)["features"]) == linemodel.feature_names()


def test_a_file_for_other_features_is_refused():
    """A model of another version says so, and how to make one; broken trees are no crash."""
    stored = json.loads(resources.files("textclean").joinpath("model", "lines.json").read_text())
    with pytest.raises(ValueError, match="train it again"):
        linemodel.ready(stored | {"features": stored["features"][1:]})
    with pytest.raises(ValueError, match="tree 0: node 0 leads nowhere"):
        linemodel.ready(stored | {"page": [[[0, -1, -1], [0.0, 0.0, 0.0], [0, 0, 0], [0.0, 0.0, 0.0]]]})


def bars(**changed):
    """The same bar for each effort."""
    return dict.fromkeys(EFFORTS, {"article": -4.0, "sure": 1.0, "slope": 1.0, "under": 0.0, "weight": 1.0} | changed)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bars": bars(article=5.0)}, "the bar of articles, 5, is above 4"),
        ({"bars": bars(under=math.nan)}, "the bar of lines under a heading, NaN, is above 4"),
        ({"bars": bars(slope=math.inf)}, "a bar that rises by inf"),
        ({"bars": bars(weight=0.9)}, "the weight of a lost word, 0.9, is not at least 1"),
        ({"bars": {"careful": {"article": 0.0}}}, "KeyError"),
        ({"words": {"bias": 0.0, "scale": 1.0, "weights": [128]}}, "OverflowError"),
        ({"words": {"bias": 0.0, "scale": 1.0, "weights": [1, 2, 3]}}, "3 weights of words"),
        ({"first": 1}, "TypeError"),
        ({"kinds": ["advert", "advert"]}, "counts a kind twice"),
    ],
)
def test_a_broken_model_is_refused(change, message):
    """What its file says wrong is an error that says so."""
    stored = json.loads(resources.files("textclean").joinpath("model", "lines.json").read_text())
    with pytest.raises(ValueError, match=message):
        linemodel.ready(stored | change)


def test_a_text_of_very_many_lines_is_left_to_the_rules():
    """Beyond 65,536 lines there is no page to speak of, and no table of features to fill."""
    text = "\n".join(f"{word} {i}" for i in range(14_000) for word in ("Home", "News", "Sport", "Weather", "Jobs"))
    state = Run(split([text], plan(Config())))
    assert state.batch.units(0) == []
    assert textclean.clean(text) == text


def test_native_errors():
    """What the training script may get wrong is an error, not a crash."""
    state = Run(split([page()], plan(Config())))
    count = len(state.batch.units(0))
    with pytest.raises(ValueError, match="log-odds for"):
        state.batch.features(0, [0.0] * count, [0.0], False, KINDS)
    with pytest.raises(ValueError, match="words of 1 units"):
        state.batch.features(0, [0.0], None, False, KINDS)
    with pytest.raises(ValueError, match="no power of two"):
        state.batch.says(0, (0.0, 1.0, [0] * 3))
    with pytest.raises(ValueError, match="page = "):
        state.batch.judge(linemodel.builtin().native, ("book", linemodel.builtin().bar(0)), (0, 0, 0), False)
    assert _native.feature_names()[1] < len(_native.feature_names()[0])


def test_a_heading_and_its_list_inside_the_story_stay():
    """Lines under a heading that rules know are given back where they are the article."""
    story = STORY.split("\n")
    text = "\n\n".join([TITLE, *story[:3], "Read more:", story[3], *story[4:]])
    assert story[3] in textclean.clean(text)


def test_kind_of_a_menu_is_navigation():
    """A line that stands under nothing that says what it is counts as a menu."""
    found = {r.kind for r in textclean.explain(page()).removals if r.rule == "line-model"}
    assert found == {Kind.NAVIGATION}


def test_what_stands_below_a_comment_form_is_not_given_back():
    """A comment may read like the article: where rules say that all the rest is comments, the model is not asked."""
    comment = (
        "I was on the quay that night, and what the harbour master says is true: we have never seen anything like it before, or since."
    )
    text = "\n\n".join([TITLE, *STORY.split("\n"), "Leave a Reply", "Name", comment])
    assert textclean.clean(text) == "\n\n".join([TITLE, *STORY.split("\n")])
