//! Real-looking pages made of bytes: each few bytes are one line, so that a small change of the bytes is a small change of the page.

use arbitrary::{Result, Unstructured};

/// Prose, of which the lines share words, names and numbers.
const SENTENCES: [&str; 14] = [
    "The harbour was closed on Monday after the storm broke two of the three cranes on the northern quay, officials said.",
    "In the morning nobody knew what had happened, and the ferries stayed where they were until the wind had dropped.",
    "The ferries will run again from Thursday, the company said, if the divers find nothing on the bottom of the basin.",
    "Repairs will cost 1.4 million euros, of which the insurers are expected to pay at least 60 percent by the end of 2019.",
    "Repairs will cost 1.5 million euros, of which the insurers are expected to pay at least 60 percent by the end of 2019.",
    "\u{201c}We have never seen a night like this one,\u{201d} said Ann Smith, who has worked in the port for thirty years.",
    "HAMBURG, March 5 (Reuters) - The harbour was closed on Monday after the storm broke two of the three cranes on the northern quay.",
    "Nobody was hurt.",
    "Die Fähren fahren nach Angaben der Reederei erst am Donnerstag wieder, weil das Hafenbecken noch untersucht werden muss.",
    "Les réparations dureront plusieurs semaines, a indiqué la mairie, et la circulation sera détournée par la rive gauche du fleuve.",
    "港口星期一因暴风雨关闭，两台起重机损坏，官员表示没有人受伤。渡轮将于星期四恢复运行。",
    "The committee met on Tuesday to discuss the new proposals for the harbour, which had been delayed since the spring.",
    "She did not say whether the crane that fell had been inspected last year, as the rules of the port authority require.",
    "In the afternoon the members of the board walked along the old quay and looked at the sheds that will be pulled down.",
];

/// Lines that stand around articles.
const FURNITURE: [&str; 24] = [
    "Home",
    "News",
    "Weather",
    "Share this",
    "Advertisement",
    "Leave a Reply",
    "12 Comments",
    "By Ann Smith",
    "March 5, 2019",
    "Related articles",
    "Subscribe to our newsletter",
    "© 2019 Example News. All rights reserved.",
    "We use cookies to give you the best experience.",
    "Read more",
    "Storm closes the harbour of the town",
    "Storm closes the harbour of the town | Example News",
    "* * *",
    "Posts: 386",
    "→ Next",
    "Photo: Ann Smith",
    "Updated March 6, 2019 at 10:30",
    "Follow @example on www.example.org/7",
    "Your email address will not be published.",
    "Tags: harbour, storm",
];

/// What is no prose and no furniture: code, tags, entities, mojibake, characters that nobody sees.
const ODD: [&str; 24] = [
    "def wrapped(block, margin=72):",
    "    return [line for line in block]",
    "{\"a\": 1, \"b\": [2, 3]}",
    "<p>One <b>two</b> three.</p>",
    "<br/>",
    "<html>",
    "</div><div class='x'>",
    "R&amp;D &lt;b&gt;",
    "sch\u{c3}\u{b6}n \u{e2}\u{20ac}\u{2122}",
    "a\u{200b}b\u{ad}c",
    "| a | b |",
    "+ added line",
    "- removed line",
    "put it between <b> and </b>",
    "&amp;amp;lt;i&amp;gt;",
    ", and so on",
    "infor-",
    "mation",
    "\u{fb01}n\u{0301}",
    "--- a/file",
    "x = y + 1;",
    "```",
    "Vor- und",
    "<!-- note -->",
];

const ENDS: [&str; 8] = ["\n", "\n\n", "\r\n", "\r", "\n \t\n", "\u{2028}", "\r\n\r\n", " "];
const WORDS: [&str; 8] = ["not", "7", "harbour", "Smith", "fünf", "never", "the", "12.5"];

/// Lines of a page at most: what many lines find, few do too.
const LINES: usize = 48;

/// Makes a page of bytes, until they are used up.
pub fn page(bytes: &mut Unstructured<'_>) -> Result<String> {
    let (mut lines, mut text): (Vec<String>, String) = (Vec::new(), String::new());
    while !bytes.is_empty() && lines.len() < LINES {
        let line = line(bytes, &lines)?;
        text.push_str(&line);
        // Mostly a plain line end.
        let end = bytes.arbitrary::<u8>()?;
        text.push_str(if end < 128 { ["\n", "\n\n"][usize::from(end / 64)] } else { ENDS[usize::from(end) % ENDS.len()] });
        lines.push(line);
    }
    Ok(text)
}

fn pick<T: Copy>(bytes: &mut Unstructured<'_>, all: &[T]) -> Result<T> {
    Ok(all[usize::from(bytes.arbitrary::<u8>()?) % all.len()])
}

fn line(bytes: &mut Unstructured<'_>, lines: &[String]) -> Result<String> {
    let earlier = |bytes: &mut Unstructured<'_>| -> Result<String> {
        let number = usize::from(bytes.arbitrary::<u8>()?);
        Ok(if lines.is_empty() { SENTENCES[0].to_owned() } else { lines[number % lines.len()].clone() })
    };
    Ok(match bytes.arbitrary::<u8>()? % 12 {
        0 | 1 => pick(bytes, &SENTENCES)?.to_owned(),
        2 => format!("{} {}", pick(bytes, &SENTENCES)?, pick(bytes, &SENTENCES)?),
        3 => format!("{} {} {}", pick(bytes, &SENTENCES)?, pick(bytes, &SENTENCES)?, pick(bytes, &SENTENCES)?),
        4 | 5 => pick(bytes, &FURNITURE)?.to_owned(),
        6 => earlier(bytes)?,
        7 => {
            let line = earlier(bytes)?;
            changed(bytes, &line)?
        }
        8 => format!("{} {}", earlier(bytes)?, earlier(bytes)?),
        9 => {
            let width = 40 + usize::from(bytes.arbitrary::<u8>()?) % 60;
            filled(&format!("{} {}", earlier(bytes)?, pick(bytes, &SENTENCES)?), width)
        }
        10 => pick(bytes, &ODD)?.to_owned(),
        _ => {
            let length = usize::from(bytes.arbitrary::<u8>()?) % 64;
            String::from_utf8_lossy(bytes.bytes(length.min(bytes.len()))?).into_owned()
        }
    })
}

/// A line with one change, as editors and scrapers make them.
fn changed(bytes: &mut Unstructured<'_>, line: &str) -> Result<String> {
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    let at = usize::from(bytes.arbitrary::<u8>()?) % words.len();
    match bytes.arbitrary::<u8>()? % 10 {
        0 => drop(words.remove(at)),
        1 => words[at] = pick(bytes, &WORDS)?.to_owned(),
        2 => words.insert(at, pick(bytes, &WORDS)?.to_owned()),
        3 => words.truncate(at + 1),
        4 => {
            words.truncate(at + 1);
            words[at].push('…');
        }
        5 => drop(words.drain(..at)),
        6 => words.insert(0, "BERLIN (dpa) -".to_owned()),
        7 => words[at] = words[at].to_uppercase(),
        8 => {
            let half = words[at].char_indices().nth(words[at].chars().count() / 2).map_or(0, |(half, _)| half);
            words.truncate(at + 1);
            words[at].truncate(half);
        }
        _ => words[at] = words[at].replace(['e', '1'], "é"),
    }
    Ok(words.join(" "))
}

/// A text over lines of this width, as programs fill it.
fn filled(text: &str, width: usize) -> String {
    let (mut out, mut column) = (String::with_capacity(text.len()), 0);
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}
