//! What the line model knows of each line: its profile, its neighbours', how dense the text around it is, where it stands beside the main
//! stretch of prose, what the rules said nearby. Nothing here knows a word of any language, but for what `lexicon.rs` makes of a line.
//!
//! In two parts, as the model asks twice. The second part adds what the first answer was for the lines around: an article is one or a
//! few stretches, and most mistakes stand at their ends.

use std::fmt::Arguments;

use crate::model::forest::{FEATURES, Row};
use crate::model::kinds::ModelKinds;
use crate::model::profile::Profile;
use crate::page::label::Kind;

/// What the model is told of a line.
#[derive(Clone, Copy, Debug, Default)]
pub struct LineFacts {
    /// What it looks like.
    pub profile: Profile,
    /// The kind that a rule gave it.
    pub hit: Option<Kind>,
    /// The kind of the heading that it stands below, or of the lines that it stands between.
    pub under: Option<Kind>,
    /// Whether a blank line stands before it.
    pub blank: bool,
    /// How many lines of the page read the same.
    pub again: u16,
    /// The hash of its text.
    pub hash: u64,
    /// What its words say, see `Lexicon::says`.
    pub says: f32,
}

/// Features of lines of a page, a row a line.
#[derive(Default)]
pub struct Rows {
    data: Vec<f32>,
    /// The lines that have a row, by number.
    lines: Vec<usize>,
    width: usize,
    next: usize,
    /// Filled when only the names are wanted.
    names: Option<Vec<String>>,
}

impl Rows {
    /// Returns the lines that have a row, by number, each with its features; behind those stand the features of the next.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Row)> {
        self.lines.iter().enumerate().map(|(at, &line)| (line, self.at(at)))
    }

    /// Returns the features of a line, if it has a row.
    pub fn row(&self, line: usize) -> Option<&Row> {
        Some(self.at(self.lines.binary_search(&line).ok()?))
    }

    fn at(&self, at: usize) -> &Row {
        self.data[at * self.width..].first_chunk().expect("behind the last row there is room for one")
    }

    /// Returns all features, row by row.
    pub fn data(&self) -> &[f32] {
        &self.data[..self.lines.len() * self.width]
    }

    fn column(&mut self, name: Arguments<'_>, value: impl Fn(usize) -> f32) {
        if let Some(names) = &mut self.names {
            names.push(name.to_string());
            return;
        }
        for (row, &line) in self.data.chunks_exact_mut(self.width).zip(&self.lines) {
            row[self.next] = value(line);
        }
        self.next += 1;
    }
}

/// Returns the names of the features, in order; and how many the first part has.
pub fn names() -> (Vec<String>, usize) {
    let mut rows = Rows { names: Some(Vec::new()), ..Rows::default() };
    first(&mut rows, &[], &ModelKinds::default());
    let count = rows.names.as_ref().map_or(0, Vec::len);
    second(&mut rows, &[], &[]);
    (rows.names.unwrap_or_default(), count)
}

/// Returns rows with the first part of the features of those lines that are `wanted`, by number; `width` counts both parts, `kinds` says how the
/// model counts kinds.
pub fn describe(lines: &[LineFacts], wanted: Vec<usize>, width: usize, kinds: &ModelKinds) -> Rows {
    let mut rows = Rows { data: vec![0.0; wanted.len() * width + FEATURES], lines: wanted, width, ..Rows::default() };
    first(&mut rows, lines, kinds);
    rows
}

/// How far to look, in lines.
const STEPS: [i32; 4] = [-1, 1, -2, 2];
const WINDOWS: [(i32, i32); 6] = [(-4, -1), (1, 4), (-12, -1), (1, 12), (-30, -1), (1, 30)];
/// A distance to what is not there.
const FAR: f32 = 999.0;

/// Returns the line so many lines from line `i`, if one of `count` lines stands there.
fn stepped(i: usize, step: i32, count: usize) -> Option<usize> {
    i.checked_add_signed(step as isize).filter(|&at| at < count)
}

/// Sums of the first `i` numbers, for each `i`. They are whole or nearly so, and stay exact enough in 64 bits.
struct Sums(Vec<f64>);

impl Sums {
    fn of(values: impl Iterator<Item = f32>) -> Self {
        let mut sums = vec![0.0];
        sums.extend(values.scan(0.0, |sum, value| {
            *sum += f64::from(value);
            Some(*sum)
        }));
        Sums(sums)
    }

    fn total(&self) -> f64 {
        self.0[self.0.len() - 1]
    }

    /// Sum and number of the values in a window around `i`.
    fn window(&self, i: usize, (low, high): (i32, i32)) -> (f32, f32) {
        let clamp = |at: i64| at.clamp(0, self.0.len() as i64 - 1) as usize;
        let (from, to) = (clamp(i as i64 + i64::from(low)), clamp(i as i64 + i64::from(high) + 1));
        ((self.0[to] - self.0[from]) as f32, to.saturating_sub(from) as f32)
    }

    fn mean(&self, i: usize, window: (i32, i32)) -> f32 {
        let (sum, count) = self.window(i, window);
        sum / count.max(1.0)
    }
}

fn first(rows: &mut Rows, lines: &[LineFacts], kinds: &ModelKinds) {
    let prose: Vec<bool> = lines.iter().map(|line| line.profile.is_prose()).collect();
    itself(rows, lines);
    neighbours(rows, lines, kinds);
    density(rows, lines, &prose);
    place(rows, lines, &prose);
    rules(rows, lines, kinds);
    let all: f64 = lines.iter().zip(&prose).filter(|(_, p)| **p).map(|(line, _)| f64::from(line.profile.words)).sum();
    for cost in [6.0, 20.0] {
        let worth = |i: usize| if prose[i] { lines[i].profile.words - cost } else { -cost };
        let block = densest(lines.len(), worth);
        let mass: f64 = (block.0..block.1).filter(|&i| prose[i]).map(|i| f64::from(lines[i].profile.words)).sum();
        beside(rows, block, format_args!("prose block {cost}"));
        rows.column(format_args!("prose block {cost}: share"), |_| (mass / all.max(1.0)) as f32);
        rows.column(format_args!("prose block {cost}: lines"), |_| (block.1 - block.0) as f32);
    }
}

/// The line itself.
fn itself(rows: &mut Rows, lines: &[LineFacts]) {
    let of = |i: usize| lines[i].profile;
    rows.column(format_args!("words"), |i| of(i).words);
    rows.column(format_args!("characters"), |i| of(i).chars);
    rows.column(format_args!("word length"), |i| of(i).word_length);
    rows.column(format_args!("end"), |i| of(i).end);
    rows.column(format_args!("start"), |i| of(i).start);
    rows.column(format_args!("commas"), |i| of(i).commas);
    rows.column(format_args!("sentences"), |i| of(i).stops);
    rows.column(format_args!("capitals"), |i| of(i).capitals);
    rows.column(format_args!("small words"), |i| of(i).small);
    rows.column(format_args!("digits"), |i| of(i).digits);
    rows.column(format_args!("layout marks"), |i| of(i).symbols);
    rows.column(format_args!("quotes"), |i| of(i).quotes);
    rows.column(format_args!("address"), |i| of(i).address);
    rows.column(format_args!("said again"), |i| f32::from(lines[i].again));
    rows.column(format_args!("after a blank line"), |i| f32::from(lines[i].blank));
}

/// The lines next to it.
fn neighbours(rows: &mut Rows, lines: &[LineFacts], kinds: &ModelKinds) {
    for step in STEPS {
        let there = |i: usize| stepped(i, step, lines.len()).map(|i| &lines[i]);
        let of = |i: usize, value: fn(&LineFacts) -> f32| there(i).map_or(-1.0, value);
        let kind = |i: usize| there(i).map_or(-1.0, |line| kinds.number(line.hit));
        rows.column(format_args!("words {step:+}"), |i| of(i, |line| line.profile.words));
        rows.column(format_args!("end {step:+}"), |i| of(i, |line| line.profile.end));
        rows.column(format_args!("rule {step:+}"), kind);
        if step.abs() == 1 {
            rows.column(format_args!("capitals {step:+}"), |i| of(i, |line| line.profile.capitals));
            rows.column(format_args!("small words {step:+}"), |i| of(i, |line| line.profile.small));
            rows.column(format_args!("start {step:+}"), |i| of(i, |line| line.profile.start));
            rows.column(format_args!("layout marks {step:+}"), |i| of(i, |line| line.profile.symbols));
        }
    }
}

/// How much text, prose and furniture stands around it, and on the whole page.
fn density(rows: &mut Rows, lines: &[LineFacts], prose: &[bool]) {
    let words = Sums::of(lines.iter().map(|line| line.profile.words));
    let running = Sums::of(prose.iter().map(|&p| f32::from(p)));
    let hits = Sums::of(lines.iter().map(|line| f32::from(line.hit.is_some())));
    for window in WINDOWS {
        let (low, high) = window;
        rows.column(format_args!("words {low:+} to {high:+}"), |i| words.mean(i, window));
        rows.column(format_args!("prose {low:+} to {high:+}"), |i| running.mean(i, window));
        rows.column(format_args!("rules {low:+} to {high:+}"), |i| hits.mean(i, window));
    }
    let count = lines.len().max(1) as f64;
    let mass: f64 = lines.iter().zip(prose).filter(|(_, p)| **p).map(|(line, _)| f64::from(line.profile.words)).sum();
    let mut sizes: Vec<f32> = lines.iter().map(|line| line.profile.words).collect();
    let middle = sizes.len() / 2;
    let median = if sizes.is_empty() { 0.0 } else { *sizes.select_nth_unstable_by(middle, f32::total_cmp).1 };
    rows.column(format_args!("page: lines"), |_| count as f32);
    rows.column(format_args!("page: words"), |_| words.total() as f32);
    rows.column(format_args!("page: words a line"), |_| (words.total() / count) as f32);
    rows.column(format_args!("page: median words"), |_| median);
    rows.column(format_args!("page: prose by words"), |_| (mass / words.total().max(1.0)) as f32);
    rows.column(format_args!("page: prose by lines"), |_| (running.total() / count) as f32);
    rows.column(format_args!("page: rules"), |_| (hits.total() / count) as f32);
}

/// Where on the page it stands.
fn place(rows: &mut Rows, lines: &[LineFacts], prose: &[bool]) {
    let count = lines.len();
    let mass = Sums::of(lines.iter().zip(prose).map(|(line, &p)| if p { line.profile.words } else { 0.0 }));
    let all = mass.total().max(1.0);
    rows.column(format_args!("place"), |i| i as f32 / (count.max(2) - 1) as f32);
    rows.column(format_args!("lines above"), |i| i as f32);
    rows.column(format_args!("lines below"), |i| (count - 1 - i) as f32);
    rows.column(format_args!("prose above"), |i| (mass.0[i] / all) as f32);
    rows.column(format_args!("prose below"), |i| ((mass.total() - mass.0[i + 1]) / all) as f32);
    rows.column(format_args!("words of prose above"), |i| mass.0[i] as f32);
    rows.column(format_args!("words of prose below"), |i| (mass.total() - mass.0[i + 1]) as f32);
    let (above, below) = nearest(prose);
    rows.column(format_args!("prose is above"), |i| above[i]);
    rows.column(format_args!("prose is below"), |i| below[i]);
}

/// What rules said of the lines around.
fn rules(rows: &mut Rows, lines: &[LineFacts], kinds: &ModelKinds) {
    let hit: Vec<bool> = lines.iter().map(|line| line.hit.is_some()).collect();
    let (above, below) = nearest(&hit);
    rows.column(format_args!("a rule above"), |i| above[i]);
    rows.column(format_args!("a rule below"), |i| below[i]);
    let kind = |at: usize, distance: f32| if distance < FAR { kinds.number(lines[at].hit) } else { 0.0 };
    rows.column(format_args!("kind above"), |i| kind(i.saturating_sub(above[i] as usize), above[i]));
    rows.column(format_args!("kind below"), |i| kind((i + below[i] as usize).min(lines.len() - 1), below[i]));
    rows.column(format_args!("under a heading"), |i| kinds.number(lines[i].under));
    for (name, group) in kinds.groups() {
        let sums = Sums::of(lines.iter().map(|line| f32::from(line.hit.is_some_and(|kind| group.contains(kind)))));
        rows.column(format_args!("{name} above"), |i| sums.0[i] as f32);
    }
}

/// In a text with this share of prose, a line of prose amid prose is not in question.
pub const ARTICLE: f64 = 0.85;
/// But the lines this near to either end are.
const ENDS: usize = 2;

/// Returns the lines that belong to the article whatever else is found: the model need not be asked about them, and an article costs little.
pub fn certain(lines: &[LineFacts]) -> Vec<bool> {
    let prose: Vec<bool> = lines.iter().map(|line| line.profile.is_prose()).collect();
    let words =
        |some: fn(&LineFacts) -> bool| -> f64 { lines.iter().filter(|line| some(line)).map(|line| f64::from(line.profile.words)).sum() };
    let article = words(|line| line.hit.is_none() && line.profile.is_prose()) >= ARTICLE * words(|line| line.hit.is_none());
    let block = densest(lines.len(), |i| if prose[i] { lines[i].profile.words - 6.0 } else { -6.0 });
    let inside = |i: usize| block.0 <= i && i < block.1 && i >= ENDS && i + ENDS < lines.len();
    (0..lines.len()).map(|i| article && prose[i] && lines[i].hit.is_none() && lines[i].under.is_none() && inside(i)).collect()
}

/// For each line, how far above and below it the nearest other line stands for which `is` holds.
fn nearest(is: &[bool]) -> (Vec<f32>, Vec<f32>) {
    let (mut above, mut below) = (vec![FAR; is.len()], vec![FAR; is.len()]);
    for i in 1..is.len() {
        above[i] = if is[i - 1] { 1.0 } else { (above[i - 1] + 1.0).min(FAR) };
    }
    for i in (0..is.len().saturating_sub(1)).rev() {
        below[i] = if is[i + 1] { 1.0 } else { (below[i + 1] + 1.0).min(FAR) };
    }
    (above, below)
}

/// The run of lines of the greatest total worth (J. Kadane's scan; for text and tags of a page: A. Finn, N. Kushmerick and B. Smyth, *Fact
/// or fiction: content classification for digital libraries*, 2001).
fn densest(count: usize, worth: impl Fn(usize) -> f32) -> (usize, usize) {
    let (mut best, mut block, mut sum, mut from) = (0.0, (0, 0), 0.0, 0);
    for i in 0..count {
        sum += worth(i);
        if sum > best {
            (best, block) = (sum, (from, i + 1));
        }
        if sum <= 0.0 {
            (sum, from) = (0.0, i + 1);
        }
    }
    block
}

/// Where a line stands beside a block of lines.
fn beside(rows: &mut Rows, (from, to): (usize, usize), name: Arguments<'_>) {
    rows.column(format_args!("in {name}"), |i| f32::from(from <= i && i < to));
    rows.column(format_args!("after the start of {name}"), |i| i as f32 - from as f32);
    rows.column(format_args!("before the end of {name}"), |i| to as f32 - 1.0 - i as f32);
}

/// Returns a number between 0 and 1 that grows with the log-odds `x`, by operations that give the same everywhere.
pub fn squash(x: f32) -> f32 {
    0.5 + 0.5 * x / (1.0 + x.abs())
}

/// Adds the second part: the first answers (log-odds; a line that a rule took has none) around each line.
pub fn second(rows: &mut Rows, lines: &[LineFacts], odds: &[f32]) {
    let article = |i: usize| if lines[i].hit.is_some() { 0.0 } else { squash(odds[i]) };
    let words = |i: usize| lines[i].profile.words;
    let count = lines.len();
    rows.column(format_args!("first answer"), article);
    for step in STEPS {
        rows.column(format_args!("answer {step:+}"), |i| stepped(i, step, count).map_or(0.0, article));
    }
    let answers = Sums::of((0..count).map(article));
    let mass = Sums::of((0..count).map(|i| article(i) * words(i)));
    let sizes = Sums::of((0..count).map(words));
    for window in [(-5, -1), (1, 5), (-15, -1), (1, 15)] {
        let (low, high) = window;
        rows.column(format_args!("answers {low:+} to {high:+}"), |i| answers.mean(i, window));
        rows.column(format_args!("answers by words {low:+} to {high:+}"), |i| {
            mass.window(i, window).0 / sizes.window(i, window).0.max(1.0)
        });
    }
    let all = mass.total().max(1.0);
    rows.column(format_args!("article above"), |i| (mass.0[i] / all) as f32);
    rows.column(format_args!("article below"), |i| ((mass.total() - mass.0[i + 1]) / all) as f32);
    rows.column(format_args!("page: article"), |_| (mass.total() / sizes.total().max(1.0)) as f32);
    for offset in [1.5, 0.0, -1.0] {
        let worth = |i: usize| (if lines[i].hit.is_some() { -4.0 } else { odds[i] } + offset) * words(i).sqrt();
        beside(rows, densest(count, worth), format_args!("article block {offset}"));
    }
    self::words(rows, lines);
}

/// What the words of the line say, and those of the lines around it.
fn words(rows: &mut Rows, lines: &[LineFacts]) {
    let size = |line: &LineFacts| (line.profile.words + 1.0).sqrt();
    let sizes = Sums::of(lines.iter().map(size));
    let said = Sums::of(lines.iter().map(|line| line.says * size(line)));
    rows.column(format_args!("words say"), |i| lines[i].says);
    for step in [-1, 1] {
        rows.column(format_args!("words say {step:+}"), |i| stepped(i, step, lines.len()).map_or(0.0, |i| lines[i].says));
    }
    for window in [(-4, -1), (1, 4), (-15, -1), (1, 15)] {
        let (low, high) = window;
        rows.column(format_args!("words say {low:+} to {high:+}"), |i| said.window(i, window).0 / sizes.window(i, window).0.max(1.0));
    }
    rows.column(format_args!("page: words say"), |_| (said.total() / sizes.total().max(1.0)) as f32);
}

/// So many lines at either end of a text are asked whether rules know them: a page has its menu above and its footer below.
const RIM: usize = 12;

/// Numbers that [`page`] gives.
pub const PAGE_WIDTH: usize = 23;

/// Returns what the page looks like after the second answers, for the question whether it is a whole page or an article.
pub fn page(lines: &[LineFacts], odds: &[f32], kinds: &ModelKinds) -> Vec<f32> {
    let count = lines.len().max(1) as f32;
    let article: Vec<f32> = lines.iter().zip(odds).map(|(line, &odds)| if line.hit.is_some() { 0.0 } else { squash(odds) }).collect();
    let words: f64 = lines.iter().map(|line| f64::from(line.profile.words)).sum();
    let mass: f64 = lines.iter().zip(&article).map(|(line, &a)| f64::from(line.profile.words * a)).sum();
    let furniture = |some: &[f32]| 1.0 - some.iter().sum::<f32>() / some.len().max(1) as f32;
    let (top, bottom) = (furniture(&article[..article.len().min(8)]), furniture(&article[article.len().saturating_sub(8)..]));
    let low = article.iter().filter(|&&a| a < 0.25).count() as f32;
    let hits = lines.iter().filter(|line| line.hit.is_some()).count() as f32;
    let mut found = vec![
        1.0 - (mass / words.max(1.0)) as f32,
        top,
        bottom,
        top.min(bottom),
        count,
        low,
        low / count,
        hits,
        hits / count,
        words as f32,
        (words as f32) / count,
        article.first().copied().unwrap_or(0.0),
        article.last().copied().unwrap_or(0.0),
    ];
    found.extend(frame(lines, words, kinds));
    found
}

/// What a page has around its article and an article has not, whatever the lines say: a menu above the prose and a footer below it, lines
/// that rules know at both ends, links said twice. A table, a price list or a transcript is as poor in prose as a page is, and has no frame.
fn frame(lines: &[LineFacts], words: f64, kinds: &ModelKinds) -> [f32; 10] {
    let share =
        |some: &[LineFacts], is: fn(&LineFacts) -> bool| some.iter().filter(|line| is(line)).count() as f32 / some.len().max(1) as f32;
    let hit = |line: &LineFacts| line.hit.is_some();
    let (top, bottom) = (share(&lines[..lines.len().min(RIM)], hit), share(&lines[lines.len().saturating_sub(RIM)..], hit));
    let prose: f64 = lines.iter().filter(|line| line.profile.is_prose()).map(|line| f64::from(line.profile.words)).sum();
    let above = lines.iter().position(|line| line.profile.is_prose()).unwrap_or(lines.len());
    let below = lines.iter().rev().position(|line| line.profile.is_prose()).unwrap_or(lines.len());
    let mut groups =
        kinds.groups().map(|(_, group)| lines.iter().filter(|line| line.hit.is_some_and(|kind| group.contains(kind))).count() as f32);
    let mut group = || groups.next().unwrap_or(0.0);
    [
        top,
        bottom,
        top.min(bottom),
        (prose / words.max(1.0)) as f32,
        above as f32,
        below as f32,
        share(lines, |line| line.again > 0),
        group(),
        group(),
        group(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::profile::profile;

    fn lines(texts: &[&str]) -> Vec<LineFacts> {
        texts.iter().map(|text| LineFacts { profile: profile(text), ..LineFacts::default() }).collect()
    }

    /// Each column has a name, and the first part comes first.
    #[test]
    fn columns_and_names() {
        let (names, part) = names();
        let lines = lines(&["Home", "The harbour was closed on Monday after a storm, officials in the town said.", "Share"]);
        let mut rows = describe(&lines, (0..lines.len()).collect(), names.len(), &ModelKinds::default());
        assert_eq!(rows.next, part);
        second(&mut rows, &lines, &[-2.0, 3.0, -2.0]);
        assert_eq!(rows.next, names.len());
        let of = |i: usize, name: &str| rows.row(i).unwrap()[names.iter().position(|n| n == name).unwrap()];
        assert_eq!((of(0, "prose is below"), of(1, "prose is below"), of(2, "prose is above")), (1.0, FAR, 1.0));
        assert_eq!((of(0, "in prose block 6"), of(1, "in prose block 6"), of(2, "lines above")), (0.0, 1.0, 2.0));
        assert_eq!((of(0, "answer +1"), of(1, "in article block 0")), (squash(3.0), 1.0));
    }

    /// A page without lines has no rows, and no sum is out of bounds.
    #[test]
    fn empty() {
        let width = names().0.len();
        let mut rows = describe(&[], Vec::new(), width, &ModelKinds::default());
        second(&mut rows, &[], &[]);
        assert!(rows.data().is_empty() && page(&[], &[], &ModelKinds::default()).len() == PAGE_WIDTH);
    }
}
