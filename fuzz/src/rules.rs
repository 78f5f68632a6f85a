//! Rules: any pattern is read or refused, and what the search for candidates and the small programs say is what the pattern says.

use arbitrary::{Result, Unstructured};
use regex::{Regex, RegexBuilder};
use textclean_native::rules::candidates::{Candidate, MatchScratch, Proof, Rule, RuleMatcher};
use textclean_native::rules::fold;
use textclean_native::rules::literals::{Anchors, literals, parse};
use textclean_native::rules::pattern::{Memory, Pattern, has_open};

/// Pieces that patterns are made of beside any text.
const PIECES: [&str; 40] = [
    "share",
    "comments?",
    "leave a ",
    "(reply|comment)",
    "[0-9]{1,4}",
    r"\p{L}",
    r"[\p{L} ]{2,30}",
    ".{0,40}",
    ".{1,5}",
    "(",
    ")",
    "|",
    "?",
    "*",
    "+",
    "{2}",
    "[a-z]",
    "[^a]",
    r"\.",
    r"\s",
    r"\d+",
    "by ",
    r"\p{Lu}[\p{L}'-]+",
    "…",
    "ß",
    "İ",
    "日本",
    "é",
    "$",
    "^",
    "(?:",
    "(?=x)",
    "(?i)",
    "x{1,3}",
    r"\b",
    "--",
    "&&",
    "]",
    "[",
    "'",
];
const LINES: [&str; 16] = [
    "share",
    "Share this",
    "12 Comments",
    "Leave a Reply",
    "leave a comment.",
    "By Ann Smith",
    "by ann",
    "…share…",
    "ＳＨＡＲＥ：",
    "» share →",
    "İ ß é",
    "日本語",
    "a",
    "x",
    " ",
    "(share) 'x'",
];
/// A pattern that the twin compiles to more bytes than this is left out: that is not what is asked here.
const PROGRAM: usize = 1 << 16;

/// Patterns and lines made of the bytes: the verdict of the rules is that of the patterns.
pub fn check(data: &[u8]) {
    // Bytes that run out end what is made, they are no failure.
    let _ = try_check(&mut Unstructured::new(data));
}

fn try_check(bytes: &mut Unstructured<'_>) -> Result<()> {
    let count = usize::from(bytes.arbitrary::<u8>()?) % 3 + 1;
    let mut rules = Vec::new();
    for _ in 0..count {
        rules.push(rule(bytes)?);
    }
    let mut lines = Vec::new();
    while !bytes.is_empty() && lines.len() < 8 {
        lines.push(words(bytes, &LINES, 4)?);
    }
    let twins: Vec<Option<Regex>> = rules.iter().map(|rule| twin(&rule.pattern)).collect();
    rules.iter().zip(&twins).for_each(|(rule, twin)| check_pattern(rule, twin.as_ref(), &lines));
    check_candidates(rules, &twins, &lines);
    lines.iter().for_each(|line| check_fold(line));
    Ok(())
}

/// Makes a text of a few pieces, or of bytes as they are.
fn words(bytes: &mut Unstructured<'_>, pieces: &[&str], most: u8) -> Result<String> {
    let mut text = String::new();
    for _ in 0..=bytes.arbitrary::<u8>()? % most {
        let number = bytes.arbitrary::<u8>()?;
        if usize::from(number) < 6 * pieces.len() {
            text.push_str(pieces[usize::from(number) % pieces.len()]);
        } else {
            let length = usize::from(number % 8) + 1;
            text.push_str(&String::from_utf8_lossy(bytes.bytes(length.min(bytes.len()))?));
        }
    }
    Ok(text)
}

fn rule(bytes: &mut Unstructured<'_>) -> Result<Rule> {
    let pattern = words(bytes, &PIECES, 10)?;
    let options = bytes.arbitrary::<u8>()?;
    let anchors = literals(&pattern, &[]);
    Ok(Rule { pattern, anchors, case: options & 1 != 0, max_chars: [8, 30, 120, 1000][usize::from(options >> 6)], proof: Proof::None })
}

/// The pattern as another engine reads it; `None` where that would take long, or does not read it.
fn twin(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(PROGRAM).build().ok()
}

fn check_pattern(rule: &Rule, twin: Option<&Regex>, lines: &[String]) {
    let Some((hir, alike)) = parse(&rule.pattern) else { return };
    let mut memory = Memory::default();
    let (Some(pattern), Some(begun)) = (Pattern::new(&rule.pattern, false), Pattern::new(&rule.pattern, true)) else { return };
    assert!(alike, "{:?} is read though it may mean another thing elsewhere", rule.pattern);
    let closed = Pattern::closed(&rule.pattern, false);
    for line in lines.iter().map(|line| fold::fold(fold::strip(line), rule.case)) {
        let found = pattern.matches(&line, 0, &mut memory);
        assert_eq!(begun.matches(&line, 1, &mut memory), found, "{:?} on {line:?}, from the other end", rule.pattern);
        if let Some(twin) = twin {
            assert_eq!(twin.is_match(&line), found, "{:?} on {line:?}", rule.pattern);
        }
        if let Some(closed) = &closed {
            let without = closed.matches(&line, 2, &mut memory);
            assert!(!without || found, "{:?} matches {line:?} only without its open stretches", rule.pattern);
            assert!(has_open(&hir) || without == found, "{:?} has no open stretch", rule.pattern);
        }
    }
}

/// A rule is a candidate if its pattern matches by itself; one that is read here only then.
fn check_candidates(rules: Vec<Rule>, twins: &[Option<Regex>], lines: &[String]) {
    let matcher = RuleMatcher::new(rules.clone());
    let (undecided, mut scratch) = (matcher.undecided(), MatchScratch::default());
    let patterns: Vec<Option<Pattern>> = rules.iter().map(|rule| Pattern::new(&rule.pattern, false)).collect();
    let mut memory = Memory::default();
    for line in lines.iter().chain(lines) {
        let found = matcher.candidates(line, &mut scratch).to_vec();
        assert!(found.is_sorted_by_key(|candidate| candidate.rule()), "{found:?}");
        let stripped = fold::strip(line);
        for (number, rule) in (0u16..).zip(&rules) {
            let folded = fold::fold(stripped, rule.case);
            let short = folded_length(stripped) <= rule.max_chars as usize && !stripped.is_empty();
            let here = found.iter().find(|candidate| candidate.rule() == number);
            let place = usize::from(number);
            match &patterns[place] {
                Some(pattern) => {
                    let alone = short && pattern.matches(&folded, place, &mut memory);
                    assert_eq!(here, alone.then_some(&Candidate::Match(number)), "{:?} on {line:?}, {:?}", rule.pattern, rule.anchors);
                }
                None => {
                    assert!(undecided.contains(&number) && here.is_none_or(|here| *here == Candidate::Possible(number)));
                    let alone = short && twins[place].as_ref().is_some_and(|twin| twin.is_match(&folded));
                    assert!(!alone || here.is_some(), "{:?} matches {line:?} and is no candidate, {:?}", rule.pattern, rule.anchors);
                }
            }
        }
    }
}

/// The code points of a folded line: an ellipsis folds to three.
fn folded_length(stripped: &str) -> usize {
    stripped.chars().map(|c| if c == '…' { 3 } else { 1 }).sum()
}

fn check_fold(line: &str) {
    let stripped = fold::strip(line);
    assert_eq!(fold::strip(stripped), stripped);
    let (whole, mut part) = (fold::fold(stripped, false), String::new());
    assert!(!whole.contains(|c: char| c.is_ascii_uppercase()));
    for bytes in [0, 1, 3, 8, 200] {
        fold::fold_head(stripped, bytes, &mut part);
        assert!(whole.starts_with(&part) && part.len() >= bytes.min(whole.len()), "{bytes} bytes of the head of {line:?}");
        fold::fold_tail(stripped, bytes, &mut part);
        assert!(whole.ends_with(&part) && part.len() >= bytes.min(whole.len()), "{bytes} bytes of the tail of {line:?}");
    }
    let Anchors { head, tail, inner } = literals(&regex::escape(&whole), &[]);
    assert!(head.iter().all(|head| whole.starts_with(&**head)) && tail.iter().chain(&inner).all(|part| whole.contains(&**part)));
}
