//! Tags: what is one, and whether a line has tags or talks of them.
//!
//! `Vec<u>`, "the grapheme <a>" and "put it between <b> and </b>" are text, and so is whatever an author wrote as an entity so that it be read as
//! text. A line is judged as a whole, and by nothing but itself: either all its tags go or none does, so that what stays is judged the
//! same when it is read again.

use foldhash::{HashMap, HashMapExt};

/// What a stretch between `<` and `>` is.
#[derive(PartialEq, Eq, Debug, Clone, Copy)]
pub enum Tag {
    /// None.
    No,
    /// It stood inside a run of text.
    Inline,
    /// It stood between blocks.
    Block,
}

/// Elements whose tags stood between blocks: what they parted stays parted.
const BLOCK: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "button",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "iframe",
    "input",
    "label",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "picture",
    "pre",
    "script",
    "section",
    "select",
    "source",
    "style",
    "svg",
    "table",
    "tbody",
    "td",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
    "video",
];
/// Elements whose tags stood inside a run of text.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "audio", "b", "big", "cite", "code", "del", "dfn", "em", "embed", "font", "i", "img", "ins", "kbd", "link",
    "mark", "meta", "noscript", "object", "param", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
    "var", "wbr",
];
/// A longer stretch between `<` and `>` is no tag anyone meant.
const MAX_TAG_BYTES: usize = 4096;

/// A tag, as it is written.
struct Written<'a> {
    name: &'a str,
    kind: Tag,
    closing: bool,
    /// It has attributes, or closes itself: nobody writes that to name an element.
    elaborate: bool,
}

/// Returns what `text`, which begins with `<` and ends with the first `>` after it, is.
pub fn tag(text: &str) -> Tag {
    read(text).map_or(Tag::No, |tag| tag.kind)
}

fn read(text: &str) -> Option<Written<'_>> {
    if text.len() > MAX_TAG_BYTES {
        return None;
    }
    let inner = &text[1..text.len() - 1];
    if inner.starts_with("!--") && inner.ends_with("--") || inner.get(..8).is_some_and(|head| head.eq_ignore_ascii_case("!doctype")) {
        return Some(Written { name: "!", kind: Tag::Block, closing: false, elaborate: true });
    }
    let (inner, closing) = inner.strip_prefix('/').map_or((inner, false), |rest| (rest, true));
    let (inner, alone) = inner.strip_suffix('/').map_or((inner, false), |rest| (rest, true));
    let end = inner.bytes().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(inner.len());
    let name = inner[..end].to_ascii_lowercase();
    let kind = if is_block(&name)? { Tag::Block } else { Tag::Inline };
    let elaborate = alone || !inner[end..].trim().is_empty();
    attributes(&inner[end..]).then_some(Written { name: &inner[..end], kind, closing, elaborate })
}

/// Whether `text` is a run of `name="value"`, as after an element's name; `<b and c>` is not markup.
fn attributes(text: &str) -> bool {
    let mut rest = text;
    loop {
        let trimmed = rest.trim_start();
        if trimmed.is_empty() {
            return true;
        }
        if trimmed.len() == rest.len() {
            return false;
        }
        let name = trimmed.bytes().take_while(|b| b.is_ascii_alphanumeric() || b"-_:@.".contains(b)).count();
        let Some(value) = trimmed[name..].trim_start().strip_prefix('=').filter(|_| name > 0) else { return false };
        let value = value.trim_start();
        rest = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => match value[1..].find(quote) {
                Some(end) => &value[end + 2..],
                None => return false,
            },
            _ => &value[value.find(char::is_whitespace).unwrap_or(value.len())..],
        };
    }
}

/// Elements that no one takes for a word of prose or the name of a type: their tags mark up wherever they touch a word or stand at an end of the line.
const NO_WORDS: &[&str] = &[
    "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "tbody", "td", "tfoot", "th", "thead", "tr",
    "ul",
];

/// A tag in a line: its bytes, and how it is written.
struct Found<'a> {
    start: usize,
    end: usize,
    tag: Written<'a>,
    /// The tag that opens or closes what this one closes or opens, by place in the list.
    partner: Option<usize>,
}

/// Lists what reads as tags in a line, by their ends; those of a pair know each other.
fn found(line: &str) -> Vec<Found<'_>> {
    let (mut open, mut tags) = (Vec::new(), Vec::<Found<'_>>::new());
    let mut waiting: HashMap<String, Vec<usize>> = HashMap::new();
    for at in memchr::memchr2_iter(b'<', b'>', line.as_bytes()) {
        if line.as_bytes()[at] == b'<' {
            open.push(at);
            continue;
        }
        let Some(start) = open.pop() else { continue };
        let Some(tag) = read(&line[start..=at]) else { continue };
        let (here, name) = (tags.len(), tag.name.to_ascii_lowercase());
        let mut partner = None;
        if !tag.closing {
            waiting.entry(name).or_default().push(here);
        } else if let Some(opening) = waiting.get_mut(&name).and_then(Vec::pop) {
            partner = Some(opening);
            tags[opening].partner = Some(here);
        }
        tags.push(Found { start, end: at + 1, tag, partner });
    }
    tags
}

/// Whether the tags of a line, white space folded, are markup that was left in it rather than what the line talks of. False without tags.
pub fn is_markup(line: &str) -> bool {
    speaks_of_markup(line, &found(line))
}

fn speaks_of_markup(line: &str, tags: &[Found<'_>]) -> bool {
    if tags.len() > 1 && is_empty(line, tags) {
        return true;
    }
    let (mut markup, mut mention) = (0, 0);
    for tag in tags {
        match weigh(line, tags, tag) {
            Weight::Markup => markup += 1,
            Weight::Mention => mention += 3,
            Weight::Spaced => mention += 2,
            Weight::Perhaps => mention += 1,
        }
    }
    markup > 0 && markup >= mention
}

/// Whether nothing stands in a line but tags.
fn is_empty(line: &str, tags: &[Found<'_>]) -> bool {
    let mut at = 0;
    for tag in tags {
        if tag.start < at {
            continue;
        }
        if !line[at..tag.start].trim().is_empty() {
            return false;
        }
        at = tag.end;
    }
    line[at..].trim().is_empty()
}

/// What a tag says of the tags of its line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Weight {
    /// They mark up.
    Markup,
    /// They are what the line talks of.
    Mention,
    /// Likely so: one of a pair, with spaces around it.
    Spaced,
    /// They may be: an element without content stands between two words.
    Perhaps,
}

fn weigh(line: &str, tags: &[Found<'_>], found: &Found<'_>) -> Weight {
    if found.tag.elaborate {
        return Weight::Markup;
    }
    let (before, after) = (line[..found.start].chars().next_back(), line[found.end..].chars().next());
    let no_word = NO_WORDS.binary_search(&found.tag.name.to_ascii_lowercase().as_str()).is_ok();
    match found.partner {
        Some(partner) => paired(line, found, &tags[partner], no_word),
        None if no_word => empty(line, found, before, after),
        None => lone(found, before, after),
    }
}

/// A tag and the one that it belongs to: markup touches what it marks, or has the whole line between.
fn paired(line: &str, one: &Found<'_>, other: &Found<'_>, no_word: bool) -> Weight {
    let (open, close) = if one.start < other.start { (one, other) } else { (other, one) };
    let inside = &line[open.end..close.start];
    let touches = !inside.starts_with(' ') && !inside.ends_with(' ');
    let whole = open.start == 0 && close.end == line.len();
    if open.tag.elaborate || touches || whole || no_word { Weight::Markup } else { Weight::Spaced }
}

/// `<br>`, `<p>` and the like without a partner: between two words, or as in "<p>, <br> and <hr>", perhaps what the line talks of.
fn empty(line: &str, found: &Found<'_>, before: Option<char>, after: Option<char>) -> Weight {
    let begins_sentence = |rest: &str| rest.chars().find(|c| c.is_alphabetic()).is_none_or(|c| !c.is_lowercase());
    let markup = match (before, after) {
        (_, None) => true,
        (None, Some(' ')) => found.tag.closing || begins_sentence(&line[found.end..]),
        (None, _) => true,
        (Some(before), Some(after)) => ends_text(before) || starts_text(after) || before == '>' || after == '<',
    };
    if markup { Weight::Markup } else { Weight::Perhaps }
}

/// Any other tag without a partner: it marks up if it touches the text that it belongs to, and no word before that it could be the parameter of.
fn lone(found: &Found<'_>, before: Option<char>, after: Option<char>) -> Weight {
    let alone = before.is_none() && after.is_none();
    let markup = if alone {
        found.tag.closing || found.tag.kind == Tag::Block
    } else if found.tag.closing {
        before.is_some_and(|c| ends_text(c) || c == '>')
    } else {
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '.')) && after.is_some_and(|c| starts_text(c) || c == '<')
    };
    if markup { Weight::Markup } else { Weight::Mention }
}

fn ends_text(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '…' | '。' | '！' | '？')
}

fn starts_text(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '“' | '„' | '«' | '¿' | '¡')
}

/// Returns a line that held no markup before its entities were decoded, with those of its `<` and `>` written as entities again that would now be
/// taken for tags.
pub fn escape(line: &str) -> Option<String> {
    let tags = found(line);
    if !speaks_of_markup(line, &tags) {
        return None;
    }
    let mut ends: Vec<usize> = tags.iter().flat_map(|tag| [tag.start, tag.end - 1]).collect();
    ends.sort_unstable();
    let (mut out, mut at) = (String::with_capacity(line.len() + ends.len() * 3), 0);
    for end in ends {
        out.push_str(&line[at..end]);
        out.push_str(if line.as_bytes()[end] == b'<' { "&lt;" } else { "&gt;" });
        at = end + 1;
    }
    out.push_str(&line[at..]);
    Some(out)
}

/// Counts the tags in a line between which text stands on lines of its own, if its tags are markup; and says whether it holds a tag that belongs to a whole
/// page alone (`<html>`, `<body>`, a doctype), markup or not.
pub fn count_blocks(line: &str) -> (usize, bool) {
    let tags = found(line);
    let of_page = |found: &Found<'_>| {
        let name = found.tag.name;
        name.eq_ignore_ascii_case("html") || name.eq_ignore_ascii_case("body") || (name == "!" && !line[found.start..].starts_with("<!--"))
    };
    let page = tags.iter().any(of_page);
    if !speaks_of_markup(line, &tags) {
        return (0, page);
    }
    (tags.iter().filter(|found| found.tag.kind == Tag::Block && found.tag.name != "!").count(), page)
}

/// Whether the tags of an element, its name in lower case, stand between blocks; `None` if there is no such element.
pub fn is_block(name: &str) -> Option<bool> {
    match (BLOCK.binary_search(&name), INLINE.binary_search(&name)) {
        (Ok(_), _) => Some(true),
        (_, Ok(_)) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Tags that mark up, and lines that talk of tags, types, graphemes.
    #[test]
    fn markup_and_mentions() {
        for (line, markup) in [
            ("one<br/>two <b>three</b>four", true),
            ("<p>para</p><p class=\"x y\">next</p>", true),
            ("see <a href=\"u\">here</a> <br> and there", true),
            ("<p> Text in a paragraph. </p>", true),
            ("The end of it.</div>", true),
            ("<strong>Note: it goes on in the next line", true),
            ("<div>", true),
            ("</b>", true),
            ("Put it between <b> and </b>, as in <b>this</b>.", false),
            ("Use <br> to break a line.", false),
            ("Elements like <p>, <br> and <hr> need no end.", false),
            ("A Vec<u> or a Box<i>, std::vector<object> v;", false),
            ("Le graphème <a> note /a/, et <i> note /i/.", false),
            ("<time> is what we lack, and <button> what we press", false),
            ("The <title> element names the page, and <meta charset=\"utf-8\"> says how it is written.", false),
            ("if a <b and b> c", false),
            ("<unknown>kept</unknown>", false),
        ] {
            assert_eq!(is_markup(line), markup, "{line}");
        }
    }

    /// What would be a tag is escaped; what is not stays as it is.
    #[test]
    fn escaped_again() {
        assert_eq!(escape("write <b>this</b>").as_deref(), Some("write &lt;b&gt;this&lt;/b&gt;"));
        assert_eq!(escape("use <b> for it"), None);
    }

    /// The lists are searched by halves.
    #[test]
    fn element_names_are_sorted() {
        assert!(BLOCK.is_sorted() && INLINE.is_sorted() && NO_WORDS.is_sorted());
    }

    proptest! {
        /// An escaped line holds no markup.
        #[test]
        fn escaping_leaves_no_markup(line in "([ab <>/\"=pi.x]|<b>|</b>|<br/>|<p>|<a href=u>){0,20}") {
            if let Some(escaped) = escape(&line) {
                prop_assert!(!is_markup(&escaped), "{}", escaped);
            }
        }
    }
}
