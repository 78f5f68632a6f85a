//! What marks a line, by itself, as one of a program, of data or of a drawing.

/// Whether a line ends as a sentence does.
pub fn ends_sentence(body: &str) -> bool {
    body.trim_end_matches(['"', '\'', ')', '”', '’']).ends_with(['.', '!', '?', '…'])
}

/// Whether a line is an item of a list: what is aligned there is the bullets.
pub fn is_item(body: &str) -> bool {
    let mut chars = body.chars();
    chars.next().is_some_and(|c| matches!(c, '*' | '-' | '+' | '#' | '>') || (!c.is_alphanumeric() && !c.is_ascii()))
        && chars.next() == Some(' ')
}

/// What stands in a line, seen in one pass over its bytes.
#[derive(Default)]
pub struct Marks {
    /// Stretches between spaces.
    pub words: usize,
    /// `=`, `<`, `>`, `&`, `|`, `:` or `-` beside another of them: perhaps an operator.
    operator: bool,
    equals: bool,
    /// A bracket right behind a name.
    call: bool,
    /// Two spaces, or a tab, inside.
    pub gap: bool,
    letters: usize,
    art: usize,
    spaces: usize,
}

/// Whether a byte counts as a letter where drawings are told from text.
pub const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

const LETTER: u8 = 1;
/// What drawings are made of.
const ART: u8 = 2;
/// It says something by what stands before it.
const TELLS: u8 = 4;

/// What each byte is.
static LOOKS: [u8; 256] = {
    let (mut table, mut b) = ([0; 256], 0);
    while b < 256 {
        let byte = b as u8;
        table[b] |= if is_letter(byte) { LETTER } else { 0 };
        table[b] |= if matches!(byte, b' ' | b'\t' | b'=' | b'>' | b'&' | b'|' | b':' | b'(') { TELLS } else { 0 };
        b += 1;
    }
    let (art, mut i) = (b"/\\_|-+=<>()[]*#'`^~", 0);
    while i < art.len() {
        table[art[i] as usize] |= ART;
        i += 1;
    }
    table
};

impl Marks {
    /// Looks through a line without the white space at its start.
    pub fn of(body: &str) -> Marks {
        let mut marks = Marks { words: 1, ..Marks::default() };
        let mut before = 0u8;
        for b in body.bytes() {
            let looks = LOOKS[usize::from(b)];
            marks.letters += usize::from(looks & LETTER);
            marks.art += usize::from(looks >> 1 & 1);
            match b {
                _ if looks & TELLS == 0 => {}
                b' ' => {
                    marks.spaces += 1;
                    marks.words += 1;
                    marks.gap |= before == b' ';
                }
                b'\t' => (marks.gap, marks.words) = (true, marks.words + 1),
                b'=' => (marks.equals, marks.operator) = (true, marks.operator || b"=!:+<>-*/".contains(&before)),
                b'>' => marks.operator |= before == b'-' || before == b'=',
                b'&' | b'|' => marks.operator |= before == b,
                b':' => marks.operator |= before == b':',
                b'(' => marks.call |= before.is_ascii_alphanumeric() || before == b'_',
                _ => {}
            }
            before = b;
        }
        marks
    }
}

/// Whether a line by itself bears a mark of code.
pub fn marked(body: &str, marks: &Marks) -> bool {
    let last = body.as_bytes()[body.len() - 1];
    let statement = match last {
        b'{' => marks.words <= 12,
        b'}' | b']' => !body.contains('[') || marks.words <= 4,
        b';' => marks.equals || marks.call || marks.operator || body.starts_with(['}', ')']) || (marks.words <= 2 && !body.contains('&')),
        b':' => marks.words <= 14 && opens_block(body),
        b')' => marks.call && marks.words <= 8 && !body.ends_with("(s)") && is_call(body),
        b',' => body.starts_with(['"', '\'', '{', '[']) && marks.words <= 8 && !body.ends_with(",\""),
        b'\\' => true,
        _ => false,
    };
    statement || assigns(body, marks) || starts_statement(body, marks) || is_art(body, marks) || is_record(body)
}

/// Whether what stands in the last brackets reads as arguments: nothing, one word, or more with marks that programs need.
fn is_call(body: &str) -> bool {
    let inner = body.rsplit_once('(').map_or(body, |(_, inner)| inner);
    if is_item(body) || inner.trim_end_matches(')').bytes().all(|b| b.is_ascii_digit()) && !inner.starts_with(')') {
        // "Archive(21)" counts its pages.
        return false;
    }
    !inner.contains(' ') || inner.contains(['"', '\'', '=', ',', '_', '['])
}

/// `name = value`, with or without spaces, and other operators that prose has no use for.
fn assigns(body: &str, marks: &Marks) -> bool {
    if marks.words > 16 || (!marks.equals && !marks.operator) {
        return false;
    }
    let name = body.bytes().take_while(|b| b.is_ascii_alphanumeric() || b"_.-[]$*".contains(b)).count();
    let rest = body[name..].trim_start();
    marks.operator || (name > 0 && rest.starts_with('=')) || (body.contains(" = ") && (marks.call || marks.words <= 8))
}

/// A line that ends in a colon and begins as a block of a program does.
fn opens_block(body: &str) -> bool {
    let word = body.split([' ', ':', '(']).next().unwrap_or("");
    match word {
        "def" | "class" | "elif" | "except" | "lambda" | "async" => true,
        "if" | "for" | "while" | "with" | "match" | "case" | "switch" => {
            body.contains(['(', '[', '"', '\'', '_', '=', '.', '<', '>'])
                || body.contains(" in ")
                || body.contains(" not ")
                || body.split(' ').count() <= 2
        }
        "else" | "try" | "finally" | "default" => body.len() <= word.len() + 1,
        _ => false,
    }
}

fn starts_statement(body: &str, marks: &Marks) -> bool {
    const HEADS: [&str; 17] =
        ["#include", "#define", "#!/", "//", "/*", "*/", ">>> ", "$ ", "<?php", "@@ ", "import {", "});", "})", "};", "},", "];", "}"];
    const WORDS: [&str; 13] =
        ["import", "from", "return", "print", "echo", "const", "let", "var", "func", "fn", "package", "#pragma", "sudo"];
    if HEADS.iter().any(|head| body.starts_with(head)) {
        return true;
    }
    let mut words = body.split(' ');
    let (word, count) = (words.next().unwrap_or(""), marks.words);
    match word {
        "from" => words.nth(1) == Some("import"),
        "import" | "return" | "package" => count <= 3 && !ends_sentence(body) && body[word.len()..].is_ascii() && !body.ends_with(','),
        "pass" | "break" | "continue" => count == 1,
        _ => WORDS.contains(&word) && (marks.call || marks.equals || body.ends_with(';')),
    }
}

/// A drawing or a frame of characters.
fn is_art(body: &str, marks: &Marks) -> bool {
    let ink = body.len() - marks.spaces;
    let rule = body.bytes().all(|b| b"-=|: ".contains(&b));
    if rule && !body.starts_with('|') {
        return false;
    }
    (ink >= 3 || (ink == 2 && marks.art == 2))
        && marks.art * 10 >= ink * 6
        && marks.letters * 3 <= ink
        && body.contains(['/', '\\', '|', '_', '+'])
        && !body.starts_with("http")
}

/// A member of a JSON object, or a row of a table between bars.
fn is_record(body: &str) -> bool {
    let member = body.starts_with('"') && (body.contains("\": ") || body.contains("\":"));
    member || (body.starts_with('|') && body.ends_with('|') && body.contains(char::is_alphanumeric))
}
