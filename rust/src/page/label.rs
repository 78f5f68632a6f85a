//! What units are found to be, as data: kinds, causes, labels. Which unit gets which is the business of the steps.

use crate::text::lines::Span;

/// A kind of line, by the number that it has in this process.
///
/// Only Python knows what kinds there are and gives them numbers when it starts, so a number means nothing in another process: whatever is
/// stored names its kinds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kind(u8);

impl Kind {
    /// So many kinds have a place in a [`KindSet`].
    pub const MOST: u8 = 64;

    /// Returns the kind with this number; `None` if it is not below [`Kind::MOST`].
    pub fn new(number: u8) -> Option<Self> {
        (number < Self::MOST).then_some(Kind(number))
    }

    /// Returns its number.
    pub fn number(self) -> u8 {
        self.0
    }
}

/// Some kinds: a bit for each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct KindSet(u64);

impl KindSet {
    /// Takes a mask with a bit for each kind: bit `n` for the kind with number `n`.
    pub fn new(mask: u64) -> Self {
        KindSet(mask)
    }

    /// Whether a kind is among them.
    pub fn contains(self, kind: Kind) -> bool {
        self.0 >> kind.0 & 1 != 0
    }
}

/// Why a unit has its label.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// A rule matches it, by number.
    Rule(u16),
    /// It is a template of the page's source, by number.
    Template(u16),
    /// It stands in the list below a heading.
    Under,
    /// It stands below a heading that takes all the rest.
    Rest,
    /// It stands between two lines that go.
    Between,
    /// It repeats a unit verbatim.
    Exact,
    /// It repeats the headline.
    Headline,
    /// It is nearly another unit.
    Near,
    /// Others cover it.
    Contained,
    /// The line model takes it for page furniture.
    Model,
    /// It is the headline: it stands above the first paragraph, or says again what stands there.
    AboveArticle,
}

impl Cause {
    /// The causes that are neither a rule nor a template, with the names that people read.
    pub const NAMED: [(Cause, &'static str); 9] = [
        (Cause::Under, "under-heading"),
        (Cause::Rest, "under-heading"),
        (Cause::Between, "between"),
        (Cause::Exact, "verbatim"),
        (Cause::Headline, "headline"),
        (Cause::Near, "near"),
        (Cause::Contained, "covered"),
        (Cause::Model, "line-model"),
        (Cause::AboveArticle, "above-article"),
    ];
    /// The number of the first template; the others follow.
    pub const FIRST_TEMPLATE: u32 = 1 << 16;
    const FIRST_NAMED: u32 = 1 << 17;

    /// Returns a number that no other cause has, for accounts: rules have their own, templates and the others those above.
    pub fn number(self) -> u32 {
        match self {
            Cause::Rule(number) => number.into(),
            Cause::Template(number) => Self::FIRST_TEMPLATE + u32::from(number),
            named => {
                let place = Self::NAMED.iter().position(|(cause, _)| *cause == named).expect("each other cause has a name");
                Self::FIRST_NAMED + place as u32
            }
        }
    }

    /// Whether the label came only from where the unit stands beside others: a closer look may take it back.
    pub fn is_soft(self) -> bool {
        matches!(self, Cause::Under | Cause::Between)
    }
}

/// What a unit was found to be.
#[derive(Debug, Clone)]
pub struct Label {
    /// The unit, by its first line.
    pub unit: u32,
    /// What it is.
    pub kind: Kind,
    /// What found it.
    pub cause: Cause,
    /// Confidence: 1 for a rule, the measured share for a repeat.
    pub score: f32,
    /// Where the kept units stand that a repeat repeats.
    pub witness: Vec<Span>,
}

impl Label {
    /// Makes a label that needs no measure and no witness.
    pub fn certain(unit: u32, kind: Kind, cause: Cause) -> Self {
        Label { unit, kind, cause, score: 1.0, witness: Vec::new() }
    }
}

/// Reasons that are kept of a judgement.
pub const REASONS: usize = 3;

/// Why a line was judged as it was: numbers of features, and their values, the strongest first.
pub type Reasons = [(u16, f32); REASONS];

#[cfg(test)]
mod tests {
    use super::*;

    /// No two causes share a number, however many rules and templates there are.
    #[test]
    fn causes_have_numbers_of_their_own() {
        let ends = [0, u16::MAX].into_iter().flat_map(|i| [Cause::Rule(i), Cause::Template(i)]);
        let mut numbers: Vec<u32> = ends.chain(Cause::NAMED.map(|(cause, _)| cause)).map(Cause::number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 4 + Cause::NAMED.len());
    }

    /// A kind has a bit of its own up to the last, and there is none beyond.
    #[test]
    fn kinds_have_bits() {
        let last = Kind::new(63).unwrap();
        assert!(KindSet::new(1 << 63).contains(last) && !KindSet::new(!(1 << 63)).contains(last));
        assert_eq!(Kind::new(64), None);
    }
}
