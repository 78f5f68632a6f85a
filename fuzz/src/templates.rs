//! Templates of sites: what is learned is what was there, for each site as if it were alone, and what is found is what was looked for.

use std::collections::HashMap;

use arbitrary::{Result, Unstructured};
use textclean_native::page::document::Page;
use textclean_native::page::label::{Cause, Kind};
use textclean_native::sites::find::{AllowedZones, SiteMatcher};
use textclean_native::sites::key::Mask;
use textclean_native::sites::learn::Learner;
use textclean_native::sites::site::{Found, Site};
use textclean_native::sites::state::{self, Refusal};

use crate::{pages, settle};

const SITES: [&str; 2] = ["a.example", "b.example"];

/// Learning counts what is there; finding finds it.
pub fn check(data: &[u8]) {
    // Bytes that run out end what is made, they are no failure.
    let _ = try_check(&mut Unstructured::new(data));
}

fn try_check(bytes: &mut Unstructured<'_>) -> Result<()> {
    let options = bytes.arbitrary::<u8>()?;
    let mut made: Vec<(usize, Option<String>, String)> = Vec::new();
    // Without a site of their own, pages that are a part of the bytes each.
    while !bytes.is_empty() && made.len() < 24 {
        let head = bytes.arbitrary::<u8>()?;
        let length = usize::from(bytes.arbitrary::<u8>()?) % 96 + 4;
        let part = bytes.bytes(length.min(bytes.len()))?;
        let text = pages::page(&mut Unstructured::new(part))?;
        let date = (head & 2 != 0).then(|| format!("2019-03-{:02}", head >> 2 & 31));
        made.push((usize::from(head & 1), date, text));
    }
    let texts: Vec<&str> = made.iter().map(|(_, _, text)| text.as_str()).collect();
    let batch = settle::batch(&texts, true);
    let most = if options & 1 != 0 { 4000 } else { usize::MAX };
    let learned = learn(&made, batch.pages(), most, |_| true);
    check_counts(&made, batch.pages(), &learned, most);
    if most == usize::MAX {
        for (number, site) in SITES.iter().enumerate() {
            let alone = learn(&made, batch.pages(), most, |other| other == number);
            assert_eq!(told(learned.sites.get(*site)), told(alone.sites.get(*site)), "{site} is learned otherwise beside another");
        }
    }
    check_state(&made, batch.pages(), most, &learned);
    check_found(&texts, options);
    Ok(())
}

fn learn(made: &[(usize, Option<String>, String)], pages: &[Page], most: usize, some: impl Fn(usize) -> bool) -> Learner {
    let mut learner = Learner::new(most);
    for ((site, date, _), page) in made.iter().zip(pages) {
        // Others count as pages, so that numbers are the same.
        learner.add(page, some(*site).then_some(SITES[*site]), date.as_deref());
    }
    learner
}

/// What is found of a line, as data.
type Told = (u32, (u64, u64), Option<(Box<str>, Box<str>)>, Vec<Box<str>>, [u32; 3], [Option<usize>; 2]);

fn told(site: Option<&Site>) -> Vec<Told> {
    let row = |found: Found<'_>| {
        let entry = found.entry;
        (entry.documents, entry.seen, entry.dates.clone(), entry.samples.clone(), found.profile, found.beside)
    };
    site.map_or(Vec::new(), |site| site.found().into_iter().map(row).collect())
}

fn check_counts(made: &[(usize, Option<String>, String)], pages: &[Page], learned: &Learner, most: usize) {
    let mut mask = Mask::default();
    for (number, name) in SITES.iter().enumerate() {
        let Some(site) = learned.sites.get(*name) else { continue };
        let mut having: HashMap<u64, u32> = HashMap::new();
        let mine = made.iter().zip(pages).filter(|((site, ..), _)| *site == number);
        assert_eq!(mine.clone().count() as u64, site.documents);
        for (_, page) in mine {
            let mut keys: Vec<u64> = page.units().filter_map(|unit| mask.key(page.text(unit))).collect();
            keys.sort_unstable();
            keys.dedup();
            keys.into_iter().for_each(|key| *having.entry(key).or_default() += 1);
        }
        for found in site.found() {
            let entry = found.entry;
            let key = mask.key(&entry.samples[0]).expect("a sample has a key");
            assert!(entry.samples.iter().all(|sample| mask.key(sample) == Some(key)), "{:?}", entry.samples);
            assert!(
                2 <= entry.documents && entry.documents <= having.get(&key).copied().unwrap_or(0),
                "{:?} {:?}",
                entry.samples,
                entry.documents
            );
            assert!(entry.seen.0 < entry.seen.1 && entry.seen.1 < pages.len() as u64);
            assert!(entry.dates.as_ref().is_none_or(|(first, last)| first <= last));
            assert!(found.profile.iter().sum::<u32>() <= entry.documents);
            assert!(most < usize::MAX || site.short == 0);
        }
    }
    assert!(most == usize::MAX || learned.bytes() <= most + 40_000, "{} bytes of {most}", learned.bytes());
}

/// A learner that was stored on the way goes on as if it had not been; what is damaged is refused, or does no harm.
fn check_state(made: &[(usize, Option<String>, String)], pages: &[Page], most: usize, whole: &Learner) {
    let half = pages.len() / 2;
    let mut learner =
        read(&written(&learn(&made[..half], &pages[..half], most, |_| true)), half as u64, most).expect("it was just written");
    for ((site, date, _), page) in made.iter().zip(pages).skip(half) {
        learner.add(page, Some(SITES[*site]), date.as_deref());
    }
    let stored = written(whole);
    assert_eq!(written(&learner), stored, "it goes on otherwise than it would have");
    // The texts choose where it is damaged, and with what.
    for (i, (_, _, text)) in made.iter().enumerate() {
        let mut damaged = stored.clone();
        if let (Some(byte), false) = (text.as_bytes().first(), damaged.is_empty()) {
            let at = (text.len() * 7919 + i * 104_729) % damaged.len();
            damaged[at] = if damaged[at].is_ascii_digit() { b'0' + byte % 10 } else { *byte };
        }
        if let Ok(mut learner) = read(&damaged, pages.len() as u64, most) {
            for page in pages {
                learner.add(page, Some(SITES[0]), None);
            }
            learner.sites.values().for_each(|site| drop(site.found()));
        }
    }
}

fn written(learner: &Learner) -> Vec<u8> {
    let mut all = Vec::new();
    let done = state::write(learner, |piece| {
        all.extend_from_slice(piece);
        Ok::<_, ()>(())
    });
    assert_eq!(done, Ok(()));
    all
}

fn read(stored: &[u8], pages: u64, most: usize) -> Result<Learner, Refusal> {
    let mut reader = state::Reader::new(pages, most, 1 << 30)?;
    reader.push(stored)?;
    reader.finish()
}

/// With templates that may stand anywhere, each line with the key of one is labelled, and no other.
fn check_found(texts: &[&str], options: u8) {
    let (Some(first), Some(kind)) = (texts.first(), Kind::new(options & 63)) else { return };
    let (mut matcher, mut mask, mut numbers) = (SiteMatcher::default(), Mask::default(), HashMap::new());
    let zones = AllowedZones { top: true, inside: true, bottom: true };
    for (number, line) in (0u16..).zip(first.lines().filter(|line| !line.trim().is_empty()).step_by(2)) {
        matcher.add(line, number, zones, 1.0, &mut mask);
        if let Some(key) = mask.key(line) {
            numbers.insert(key, number);
        }
    }
    for text in texts {
        let mut batch = settle::batch(&[text], options & 64 != 0);
        batch.templates([Some(&matcher)].into_iter(), kind);
        let page = &batch.pages()[0];
        for unit in page.units().filter(|unit| !page.is_code(*unit)) {
            let label = page.labels.iter().find(|label| label.unit == unit);
            let wanted = mask.key(page.text(unit)).and_then(|key| numbers.get(&key));
            let found = label.map(|label| match label.cause {
                Cause::Template(number) => number,
                other => panic!("{other:?} is no template"),
            });
            assert_eq!(found.as_ref(), wanted, "{:?}", page.text(unit));
        }
    }
}
