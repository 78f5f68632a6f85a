//! Cleaning as a whole, natively: the contracts of accounted removal, of idempotence, and of the same answer in any company.

use std::collections::HashMap;
use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use textclean_native::cleaning::batch::PageBatch;
use textclean_native::model::bar::Mode;
use textclean_native::model::judge::{JudgedKinds, Reading};
use textclean_native::page::account::{Account, account};
use textclean_native::page::label::{Kind, KindSet};
use textclean_native::repeats::units::{Matching, RepeatSettings};
use textclean_native::rules::candidates::{Proof, Rule};
use textclean_native::rules::literals::literals;
use textclean_native::rules::ruleset::Ruleset;
use textclean_native::rules::traits::{RuleKinds, Takes, Trait, Where};
use textclean_native::sites::find::{AllowedZones, SiteMatcher};
use textclean_native::sites::key::Mask;

use crate::{model, pages, settle};

/// Rules of each kind of place and of taking: kind, pattern, whether it sees capitals.
const RULES: [(u8, &str, bool, Where, Takes); 10] = [
    (0, "share( this)?", false, Where::Any, Takes::Line),
    (1, "advertisement", false, Where::Any, Takes::Line),
    (2, "leave a (reply|comment)", false, Where::Bottom, Takes::Rest),
    (3, "[0-9]{1,4} comments?", false, Where::Edges, Takes::Line),
    (4, r"By \p{Lu}[\p{L} .'-]{2,40}", true, Where::Edges, Takes::Line),
    (5, "related articles", false, Where::Any, Takes::List),
    (6, "(home|news|weather)", false, Where::Edges, Takes::Line),
    (7, "© .{0,80}", false, Where::Bottom, Takes::Line),
    (8, "(march|april) [0-9]{1,2}, [0-9]{4}", false, Where::Top, Takes::Line),
    // Only another engine reads it, which here says yes.
    (9, "tags(?=:): .{0,60}", false, Where::Bottom, Takes::Line),
];
const EXACT: u8 = 10;
const TEMPLATE: u8 = 13;

static RULESET: LazyLock<Ruleset> = LazyLock::new(|| {
    let rule = |&(kind, pattern, case, place, takes): &(u8, &str, bool, Where, Takes)| {
        let rule = Rule { pattern: pattern.to_owned(), anchors: literals(pattern, &[]), case, max_chars: 120, proof: Proof::None };
        (rule, Trait { kind: kind_of(kind), place, takes })
    };
    let set = KindSet::new;
    let kinds = RuleKinds { furniture: set(0b10_1100_1111), words: set(0b110_0011), labels: set(0b100_0000), marks: set(0b1_0001_0000) };
    Ruleset::new(RULES.iter().map(rule).collect(), kinds)
});

/// Returns the kind with a number.
pub fn kind_of(number: u8) -> Kind {
    Kind::new(number).expect("a kind")
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// Whether lines are put together.
    pub unwrap: bool,
    /// How a page is read; `None`: no model.
    pub mode: Option<Mode>,
    /// Whether repeats are looked for, and how.
    pub matching: Option<Matching>,
    /// Whether the site is known.
    pub templates: bool,
    /// Kinds that go, as a mask.
    pub drop: u64,
}

impl Choice {
    fn of(bytes: &mut Unstructured<'_>) -> Result<Self> {
        let (options, drop) = (bytes.arbitrary::<u8>()?, bytes.arbitrary::<u16>()?);
        Ok(Choice {
            unwrap: options & 1 == 0,
            mode: [Some(Mode::Auto), Some(Mode::Article), Some(Mode::Page), None][usize::from(options >> 1 & 3)],
            matching: [Some(Matching::Strict), Some(Matching::Loose), Some(Matching::Strict), None][usize::from(options >> 3 & 3)],
            templates: options & 32 != 0,
            drop: if options & 64 == 0 { u64::MAX } else { u64::from(drop) },
        })
    }
}

/// Contracts 1, 4 and 5 of pages made of the bytes.
pub fn check(data: &[u8]) {
    // Bytes that run out end what is made, they are no failure.
    let _ = try_check(&mut Unstructured::new(data));
}

fn try_check(bytes: &mut Unstructured<'_>) -> Result<()> {
    let choice = Choice::of(bytes)?;
    let half = bytes.len() / 2;
    let (one, other) = (pages::page(&mut Unstructured::new(bytes.bytes(half)?))?, pages::page(bytes)?);
    let together = cleaned(&[&one, &other], choice);
    for (source, (text, account)) in [&one, &other].into_iter().zip(&together) {
        assert_accounted(source, text, account, choice);
        let again = cleaned(&[text], choice);
        assert_eq!(&again[0].0, text, "cleaning again changes the result of {source:?}, {choice:?}");
        assert!(again[0].1.0.is_empty());
        let alone = cleaned(&[source], choice);
        assert_eq!(&alone[0], &(text.clone(), account.clone()), "cleaned alone it is another");
    }
    Ok(())
}

/// Takes texts through all steps; returns each with its account.
pub fn cleaned(texts: &[&str], choice: Choice) -> Vec<(String, Account)> {
    let batch = rest(texts, choice, |_| ());
    batch.pages().iter().map(|page| (page.render(), account(page))).collect()
}

/// Takes texts through all steps until they are at rest; `seen` sees the batch with its labels in each round.
pub fn rest(texts: &[&str], choice: Choice, mut seen: impl FnMut(&PageBatch)) -> PageBatch {
    let mut batch = settle::batch(texts, choice.unwrap);
    let site = site();
    loop {
        settle::settle(&mut batch);
        let questions = batch.ask(&RULESET);
        let yes = (0u32..).zip(&questions).filter(|(_, (_, line))| line.starts_with("tags:")).map(|(number, _)| number);
        batch.answer(&yes.collect::<Vec<_>>()).expect("answers to what was asked");
        batch.label(&RULESET);
        if choice.templates {
            batch.templates(texts.iter().map(|_| Some(&site)), kind_of(TEMPLATE));
        }
        if let Some(mode) = choice.mode {
            let kinds = JudgedKinds { menu: kind_of(6), furniture: KindSet::new(0b1111_1111), drop: KindSet::new(choice.drop) };
            batch.judge(model::builtin(), Reading { mode, bar: model::careful() }, kinds, true);
        }
        if let Some(matching) = choice.matching {
            let (exact, near, contained) = (kind_of(EXACT), kind_of(EXACT + 1), kind_of(EXACT + 2));
            batch.repeats(RepeatSettings { exact, near, contained, min_tokens: 8, threshold: 0.8, matching });
        }
        seen(&batch);
        if !batch.cut(KindSet::new(choice.drop)) {
            return batch;
        }
    }
}

fn site() -> SiteMatcher {
    let (mut matcher, mut mask) = (SiteMatcher::default(), Mask::default());
    for (number, (line, zones)) in (0u16..).zip([
        ("Updated March 6, 2019 at 10:30", AllowedZones { top: true, bottom: false, inside: false }),
        ("Subscribe to our newsletter", AllowedZones { top: true, bottom: true, inside: true }),
        ("Follow @example on www.example.org/7", AllowedZones { top: false, bottom: true, inside: false }),
    ]) {
        matcher.add(line, number, zones, 1.0, &mut mask);
    }
    matcher
}

/// Removals are sorted, disjoint, of kinds that go, with witnesses that stay; the source without them, normalized, is the text.
pub fn assert_accounted(source: &str, text: &str, account: &Account, choice: Choice) {
    let (removals, noted, _) = account;
    let points: Vec<char> = source.chars().collect();
    let (mut left, mut at) = (String::new(), 0);
    for (start, end, kind, _, score, ..) in removals {
        assert!(at <= *start && start < end && *end <= points.len(), "{start}..{end} behind {at} of {}", points.len());
        assert!(choice.drop >> kind & 1 != 0 && (0.0..=1.0).contains(score), "kind {kind}, score {score}");
        left.extend(&points[at..*start]);
        at = *end;
    }
    left.extend(&points[at..]);
    assert_eq!(settle::normalized(&left, choice.unwrap), text, "the text is not {source:?} without what was removed, {choice:?}");
    let stays = |start: usize, end: usize| {
        assert!(start < end && end <= points.len());
        removals.iter().all(|row| row.1 <= start || end <= row.0)
    };
    for (start, end) in removals.iter().flat_map(|row| &row.5) {
        assert!(stays(*start, *end), "the witness {start}..{end} was removed, {choice:?}");
    }
    for (start, end, kind) in noted {
        assert!(stays(*start, *end), "{start}..{end}, noted as {kind}, was removed, {choice:?}");
    }
    let starts: HashMap<usize, usize> = removals.iter().map(|row| (row.0, row.1)).collect();
    assert_eq!(starts.len(), removals.len());
}
