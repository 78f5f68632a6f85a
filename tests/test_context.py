"""Kinds of text in which short lines are what matters, and pages in which lines of the same shape are furniture."""

from __future__ import annotations

import pytest

import textclean

# All of these stay whole: what goes is listed with the rule that took it.
STAYS = {
    "interview-en": """\
Seven questions to the bell founder

She has cast bells for forty years in the yard behind the station, and she would rather listen than talk. We asked, and she answered.

Were you ever tired of it?

No

Did your father teach you?

Yes

Would you do it all again?

Maybe

Is there a bell that you would like to hear once more?

Home

She showed us out through the foundry, where the last mould of the week stood cooling, and rang a small bell for us as we left the yard.""",
    "interview-de": """\
Fünf Fragen an den Fährmann

Er fährt seit dreißig Jahren über den Fluss und kennt jeden, der auf der anderen Seite wohnt. Viel redet er nicht, aber er hat geantwortet.

Haben Sie Angst vor Hochwasser?

Nein

Fährt Ihr Sohn auch?

Ja

Was fehlt Ihnen im Winter?

Sport

Dann legte er ab, weil drüben eine Frau mit zwei Ziegen stand und winkte, und wir sahen ihm nach, bis der Nebel ihn verschluckte.""",
    "transcript-en": """\
A talk in the weather station

ANNA

We have measured the wind here since the spring of 1961, and in all that time the mast has come down only twice, once because of a cow.

BEN

And the cow was not hurt, I hope, since everybody in the valley still tells that story as if it had happened a week ago.

ANNA

She lived to be nineteen. The mast was put up again within a day, and the gap in the record is three hours and some minutes long.

BEN

Then it is one of the longest records in the country, and nobody outside of this valley has ever looked at it, which is a pity.

NEWS

That was the talk in the weather station, and next week we will be at the lock, if the ice lets us get there before it is dark.""",
    "transcript-fr": """\
Entretien au moulin

Claire

Le moulin tourne depuis trois siècles, et la roue a été refaite quatre fois, la dernière par mon oncle, qui n'avait jamais vu une roue.

Marc

Et elle tourne encore, ce qui prouve qu'il avait compris quelque chose que les ingénieurs de la ville n'avaient pas compris.

Claire

Il disait toujours que l'eau sait mieux que nous par où elle veut passer, et qu'il suffit de la regarder pendant une saison entière.

Culture

Nous sommes restés jusqu'au soir, puis la roue s'est arrêtée, parce que le meunier avait fermé la vanne pour aller dîner.""",
    "flat-table-en": """\
Three tents in the rain

We slept in three tents for a week, on a meadow that is known for its rain, and wrote down each morning what was wet and what was not.

Feature
Tent A
Tent B
Dry floor
Yes
No
Light
No
Yes
Weight
2 kg
3 kg
Made in
Leeds
Lyon

We would take the first one again. The second one is lighter to carry and heavier to bear, as one of us said on the fourth morning.""",
    "flat-table-es": """\
Dos bicicletas para la ciudad

Probamos dos bicicletas durante un mes, una barata y una cara, por las mismas calles y con la misma lluvia, y apuntamos lo que vimos.

Marca
Norte
Sur
Luz
Sí
No
Peso
12 kg
15 kg
Inicio
Enero
Marzo

Al final compraríamos la barata y gastaríamos el resto en un buen candado, que en esta ciudad hace más falta que una bicicleta.""",
    "match-report": """\
Mill Lane 3 Castle Rangers 2

It took a goal in the last minute to part the two, and nobody who had come through the snow wanted to go home before they had seen it again.

Mill Lane
Home
3
Castle Rangers
Away
2

Shots
11
9
Corners
5
6
Others
1
0

The trainer said that he had never been so cold or so happy, and that the snow would be cleared from the pitch by the players.""",
    "menu-de": """\
Mittag in der alten Schmiede

Seit dem Frühjahr kocht in der Schmiede die Tochter des Schmieds, und sie kocht, was der Garten hergibt. Wir waren an einem Dienstag dort.

Menü

Suppe vom Tag
Forelle mit Mandeln
Kartoffeln
Käse vom Hof
Apfelkuchen
Kaffee

Die Forelle kam aus dem Teich hinter dem Haus, der Kuchen war noch warm, und zum Kaffee setzte sich die Köchin zu uns an den Tisch.""",
    "menu-it": """\
A pranzo dal mugnaio

Il mulino è una trattoria da pochi mesi, e il nipote del mugnaio cucina quello che trova la mattina al mercato. Ci siamo andati di martedì.

Menu

Zuppa del giorno
Trota alle mandorle
Patate
Formaggio
Torta di mele
Caffè

La trota veniva dallo stagno dietro la casa, e la torta era ancora tiepida quando il nipote la portò in tavola insieme al caffè.""",
    "reading-list": """\
What to read about lighthouses

There are more books about lighthouses than there are lighthouses, and most of them are about the same one. These four are about others.

Further reading

The Lamp and the Rock is the best of the old books, and the only one that has a map of all the reefs on the western coast.
A Keeper's Year, 2nd edition
Oil, Wick and Glass

What to read next

If you have read all of them, go and see one. Most can be seen from the road, and three of them can be climbed on Sundays in summer.""",
    "recipe": """\
Barley soup

This is the soup that my aunt cooked when the threshing was done, and it feeds eight who have worked or twelve who have watched them.

Ingredients

500 g barley
2 onions
1 carrot
Salt

Method

Soak the barley over night. Cut the onions and the carrot, fry them until they smell, add the barley and three litres of water.

More

A spoon of vinegar in each plate makes it better. My aunt would never say so, but she always had the bottle near her on the table.""",
    "tour-dates": """\
The Mill Street Band goes on tour

The band has not left the valley for eleven years, and now it will play in six towns within two weeks, most of which it has never seen.

3 May 2019
Leeds

5 May 2019
Hull

8 May 2019
York

9 May 2019
Home

All concerts begin when it is dark. Those who bring an instrument get in for nothing, and those who can play it get a beer as well.""",
    "list-of-people": """\
Who runs the harbour

The harbour is run by five people, four of whom are related to each other. They meet on the first Monday of the month in the customs house.

Ann Example

Ann has been the harbour master since 2004. Before that she was a pilot, and before that she sold fish on the quay with her mother.

Ben Sample

Ben looks after the cranes. He is the only one of the five who was not born in the town, and he has been told so every day since.

Politics

The council may send a member to the meetings, but it has not done so since the meeting at which the roof came down.""",
    "documentation": """\
How the pump is controlled

The pump has a box with three buttons and a wheel. This page says what each of them does, and what to do if none of them does anything.

Settings

The wheel sets the pressure. Do not turn it beyond the red mark unless somebody stands at the valve and can hear you from there.

Language

The display knows four languages. Hold the left button for five seconds to change it, and again if it is not the one that you wanted.

Help

If nothing moves, look whether the plug is in. Then look whether it is the plug of the pump, since there are two and both are black.

Search

The right button looks for a pump nearby. It takes a minute, and it finds the same one each time, unless the neighbours have one too.""",
    "terms-of-sale": """\
Terms of sale of the brick works

These terms hold for all bricks that leave our yard. They do not hold for broken bricks, which anybody may take who brings a cart.

Payment

Bricks are paid for when they are loaded. Those who are known to the yard may pay within a month, and those who are not may not.

Privacy

We write down who bought which bricks, since the colours differ from year to year and somebody may want more of the same one day.

Contact

Complaints are heard on Fridays. Please bring the brick along, as we have heard of bricks that nobody could show us afterwards.""",
    "forum-thread": """\
Which lamp for an old bicycle?

3 May 2019
I have a bicycle from the fifties and the lamp is gone. Does anybody know where I could find one that would fit the old holder?

4 May 2019
There is a man on the market in Leeds who has a box of them. He is there on Saturdays, but only if it does not rain, so call first.

6 May 2019
I bought one from him last year and it still works. You will have to bend the holder a little, which is best done when it is warm.""",
    "sections-ja": """\
古い灯台を訪ねて

岬の先に立つ灯台は、百年以上も前に建てられ、今では灯台守もおらず、週に一度だけ役場の人が掃除に来るという。

ニュース

去年の台風で窓が三枚割れたが、漁師たちが板を打ち付けて直し、冬になる前に新しいガラスが島の外から届いたそうだ。

お問い合わせ

見学したい人は、朝のうちに港の食堂で鍵を借りればよい。鍵を借りる人は昼ご飯も食べていくのが、この島の習わしである。""",
    "sections-ru": """\
Старый мост через реку

Мост построили в тот год, когда вода поднялась до второго этажа мельницы, и с тех пор он ни разу не уходил под воду.

Спорт

Каждую весну под мостом проходят гонки на плотах, и победитель получает пирог, который пекут всей улицей за день до гонок.

Контакты

Сторож живёт в доме у моста и открывает ворота каждому, кто постучит, если только не идёт дождь и не кричат гуси.""",
}


@pytest.mark.parametrize("name", STAYS)
def test_texts_of_short_lines_stay_whole(name):
    """Nothing goes from a text whose short lines are headings, answers, cells, speakers, dishes, dates or names."""
    assert [(r.rule, r.text) for r in textclean.explain(STAYS[name]).removals] == []


STORY = [
    "The old lock at the end of the canal was opened on Monday for the first time in nineteen years, and a crowd had come to see it.",
    "It took four men to turn the wheels, and for a while it looked as if the gates would not move at all, said one who had helped.",
    "“My grandfather was the last keeper, and he told me that it would never open again,” said a woman who had come from the hills.",
    "The council has paid for the new beams, which were cut from oaks that stood in the park until the storm of the year before last.",
    "Boats may pass from Saturday, at high water only, and those that are longer than twelve metres have to wait until the summer.",
    "A feast is planned for the end of the month, if the weather lets the band sit outside, as it did when the lock was first built.",
]
TEASERS = [
    *("Ferry company cuts winter timetable", "Five walks for a long weekend", "Who will run the market hall?", "Swans back on the pond"),
    *("Council tax: what changes", "Lifeboat crew wins award", "Seven things to do in the rain", "How the pier lost its clock"),
]
PLACES = [
    *(
        "Mill Lane",
        "Castle Hill",
        "North Quay",
        "Old Town",
        "Upper Valley",
        "Islands",
        "Lower Town",
        "Station Yard",
        "Harbour",
        "Market Hall",
    ),
    *("Rowing", "Chess", "Gardens", "Choirs", "Tides and sunrise"),
]
MENUS = {
    "en": (
        ["Home", "News", "Sport", "Weather", "Culture", "Travel", "Opinion", "Jobs", "Video"],
        ["Contact", "Privacy policy", "About us", "Jobs"],
    ),
    "de": (
        ["Startseite", "Politik", "Sport", "Wetter", "Kultur", "Reise", "Meinung", "Jobs"],
        ["Kontakt", "Impressum", "Datenschutz", "AGB"],
    ),
    "fr": (
        ["Accueil", "Politique", "Sport", "Météo", "Culture", "Voyage", "Opinion"],
        ["Contact", "Mentions légales", "Qui sommes-nous ?"],
    ),
    "es": (["Inicio", "Política", "Deportes", "Cultura", "Viajes", "Opinión"], ["Contacto", "Aviso legal", "Quiénes somos"]),
    "it": (["Home", "Politica", "Sport", "Cultura", "Viaggi", "Opinioni"], ["Contatti", "Privacy", "Chi siamo"]),
    "ru": (["Главная", "Политика", "Спорт", "Культура", "Погода"], ["Контакты", "Реклама", "О нас"]),
}
# What stood as content above, as furniture of a page: in the menu, between teasers, in a list that alternates with dates, in the footer.
FURNITURE = {
    "answers-in-a-menu": ["Yes", "No", "Search", "Log in"],
    "table-of-teasers": [line for teaser, day in zip(TEASERS, range(1, 9), strict=True) for line in (teaser, f"{day} May 2019")],
    "names-of-authors": [line for teaser, name in zip(TEASERS, "ABCDEFGH", strict=True) for line in (teaser, f"By Ann {name}. Example")],
    "scores": ["Rovers", "2", "United", "1", "City", "0", "Town", "3"],
    "headings": ["Politics", "Statistics", "Weather", "Privacy", "Contact", "Help"],
}


def page(language, extra):
    """The text of a whole page with these lines below its teasers."""
    menu, footer = MENUS[language]
    return "\n".join(
        ["The old lock opens again - The Canal Post", *menu, *PLACES, "The old lock opens again", *STORY, *TEASERS, *extra, *footer]
    )


@pytest.mark.parametrize("language", MENUS)
@pytest.mark.parametrize("name", FURNITURE)
@pytest.mark.parametrize(("effort", "most"), [("careful", 1 / 2), ("thorough", 2 / 5)])
def test_pages_lose_lines_of_the_same_shape(language, name, effort, most):
    """Of a whole page the story stays, and at least half of the short lines around it go, more with more effort, whatever they are."""
    text = page(language, FURNITURE[name])
    left = textclean.clean(text, effort=effort).split("\n")
    assert [line for line in left if line in STORY] == STORY
    around = len(text.split("\n")) - len(STORY)
    assert len(left) - len(STORY) <= most * around, left


@pytest.mark.parametrize("language", MENUS)
def test_a_menu_goes_whole(language):
    """No line of a menu above the headline is left, be it a word that could be a heading."""
    menu, _ = MENUS[language]
    assert not set(menu) & set(textclean.clean(page(language, [])).split("\n"))


@pytest.mark.parametrize(
    "line", ["Share this article", "Advertisement", "Leave a Reply", "Subscribe to our newsletter", "Anzeige", "Publicité"]
)
@pytest.mark.parametrize("place", [2, 4, 6])
def test_lines_that_say_what_they_are_still_go(line, place):
    """A line that a rule knows anywhere goes from between two paragraphs."""
    lines = ["The old lock opens again", *STORY]
    lines.insert(place, line)
    assert line not in textclean.clean("\n\n".join(lines)).split("\n")


@pytest.mark.parametrize(
    "word", ["Performance", "Statistics", "Menu", "Privacy", "Contact", "Sport", "Kultur", "Kontakt", "Contacto", "Спорт", "More"]
)
@pytest.mark.parametrize("place", range(2, 7))
def test_one_word_between_paragraphs_stays(word, place):
    """A heading is one whatever its word and wherever it stands in the article."""
    lines = ["The old lock opens again", *STORY]
    lines.insert(place, word)
    text = "\n\n".join(lines)
    assert textclean.clean(text) == text


LUNCH = [
    "A lunch at the old mill",
    "The old mill has been a restaurant since the spring, and the miller's grandson cooks what the valley has to offer.",
    "The trout came out of the pond behind the house and was as fresh as a trout can be, and the cake was still warm.",
]


@pytest.mark.parametrize(
    ("heading", "end"),
    [
        ("Contact", ["The Old Mill, Mill Lane 1, open from Tuesday to Sunday"]),
        ("Kontakt", ["Mühlenweg 1, Dienstag bis Sonntag", "Ruhetag ist der Montag"]),
        ("About", ["Anna Example cooks in Leeds", "Ben Example bakes in York"]),
        ("Events", ["A walk along the river", "A night in the hayloft", "An egg hunt"]),
    ],
)
def test_a_heading_of_the_lines_that_end_a_text_stays(heading, end):
    """What rules take for a menu's word is a heading where lines that no rule knows stand below it; where nothing does, it goes."""
    text = "\n\n".join([*LUNCH, heading, *end])
    assert textclean.clean(text) == text
    assert textclean.clean("\n\n".join([*LUNCH, heading])) == "\n\n".join(LUNCH)


@pytest.mark.parametrize("line", ["Share your story", "Tell us your story", "Send us your experiences"])
def test_a_call_for_stories_between_paragraphs_is_a_heading(line):
    """It goes at the end of an article and stays above what readers wrote."""
    letter = (
        "Mrs. Brown of Mill Lane writes that she was born in the lighthouse, during a storm, and that her father rowed to fetch the doctor."
    )
    text = "\n\n".join([*LUNCH, line, letter])
    assert textclean.clean(text) == text
    assert textclean.clean("\n\n".join([*LUNCH, letter, line])) == "\n\n".join([*LUNCH, letter])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Posted March 19, 2024", "Posted March 20, 2024"),
        ("30th March 2025, 16:26", "2nd April 2025, 13:59"),
        ("2025-11-01 15:14:37", "2025-11-02 06:23:21"),
        ("12. Mai 2024", "13. Mai 2024"),
    ],
)
def test_dates_of_posts_stay(first, second):
    """A date below the name of who posts belongs to the post, in a thread of two as well; the date of an article goes."""
    question = "Does anybody know what the two holes in the back of the stove are for? The manual says nothing about them at all."
    answer = "The upper one takes the pipe that goes to the boiler. I have never seen anybody use the lower one in all these years."
    text = "\n\n".join(["rabbit7", first, question, "stovepipe", second, answer])
    assert textclean.clean(text) == text
    article = "\n\n".join(["The two holes of a stove", first, question, answer])
    assert textclean.clean(article) == "\n\n".join(["The two holes of a stove", question, answer])


@pytest.mark.parametrize("count", [3, 5])
def test_tags_of_entries_stay(count):
    """A row of hashtags below each entry of a list belongs to the entry; one row, at the edge of an article, goes."""
    rows = ["#mills #rivers #eels", "#bread #ovens #salt", "#ferries #fog #quays", "#bells #towers #rope", "#goats #cheese #hay"][:count]
    entries = [line for number, row in enumerate(rows, 1) for line in (f"The {number} best stories about it", row)]
    text = "\n\n".join([*LUNCH, *entries])
    assert textclean.clean(text) == text
    assert textclean.clean("\n\n".join([*LUNCH, rows[0]])) == "\n\n".join(LUNCH)


@pytest.mark.parametrize("line", ["ENDS", "With agency inputs"])
def test_the_first_line_of_a_short_text_is_near_its_end(line):
    """In a text of two paragraphs all lines are near both edges, the very first too; so what a cut leaves reads as it did before."""
    two = "\n".join(STORY[:2])
    assert textclean.clean(f"{line}\n{two}") == textclean.clean(f"Home\n{line}\n{two}") == two
