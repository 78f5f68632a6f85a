//! Kinds of line as the model counts them.
//!
//! The model was taught with numbers for kinds, in an order of its own, which its file names. A process numbers its kinds as it likes, so
//! each feature that is a kind, or counts some, goes through here.

use crate::page::label::{Kind, KindSet};

/// The groups of kinds that features count, in the order of those features.
pub const GROUPS: [&str; 3] = ["comments", "related", "legal"];

/// What the model calls the kinds of this process.
#[derive(Clone, Debug)]
pub struct ModelKinds {
    numbers: [f32; Kind::MOST as usize],
    groups: [KindSet; GROUPS.len()],
}

impl Default for ModelKinds {
    /// Knows no kind: all have one number, beyond any that a model gives.
    fn default() -> Self {
        ModelKinds { numbers: [f32::from(u8::MAX); Kind::MOST as usize], groups: Default::default() }
    }
}

impl ModelKinds {
    /// Takes the model's number of each kind of this process, by the kind's number here (1 for the first kind that the model was taught
    /// with, and so on; one that it does not know has a number that it gave to none); and each group of [`GROUPS`], by name.
    ///
    /// # Errors
    ///
    /// What is wrong: too many kinds, 0 as a number, which says that no rule took a line, or a group that is missing.
    pub fn new(numbers: &[u8], groups: &[(String, KindSet)]) -> Result<Self, String> {
        if numbers.len() > usize::from(Kind::MOST) || numbers.contains(&0) {
            return Err(format!("{} kinds, numbered {numbers:?}", numbers.len()));
        }
        let mut found = ModelKinds::default();
        found.numbers.iter_mut().zip(numbers).for_each(|(place, number)| *place = f32::from(*number));
        for (set, name) in found.groups.iter_mut().zip(GROUPS) {
            let (_, kinds) = groups.iter().find(|(other, _)| other == name).ok_or_else(|| format!("no group of kinds {name:?}"))?;
            *set = *kinds;
        }
        Ok(found)
    }

    /// Returns the model's number of what a rule made of a line: 0 for a line that none took.
    pub fn number(&self, kind: Option<Kind>) -> f32 {
        kind.map_or(0.0, |kind| self.numbers[usize::from(kind.number())])
    }

    /// Lists the groups with their names.
    pub fn groups(&self) -> impl Iterator<Item = (&'static str, KindSet)> {
        GROUPS.into_iter().zip(self.groups)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A kind has the number that the model gave it, wherever it stands here; no rule is 0.
    #[test]
    fn numbers_are_the_models() {
        let groups = GROUPS.map(|name| (name.to_owned(), KindSet::new(0b10)));
        let kinds = ModelKinds::new(&[9, 1, 2], &groups).unwrap();
        let of = |number| kinds.number(Kind::new(number));
        assert_eq!((kinds.number(None), of(0), of(1), of(2)), (0.0, 9.0, 1.0, 2.0));
        assert!(kinds.groups().all(|(_, set)| set.contains(Kind::new(1).unwrap()) && !set.contains(Kind::new(0).unwrap())));
    }

    /// Numbers that mean something else, and missing groups, are refused.
    #[test]
    fn broken() {
        let groups = GROUPS.map(|name| (name.to_owned(), KindSet::default()));
        assert!(ModelKinds::new(&[0], &groups).is_err() && ModelKinds::new(&[1; 65], &groups).is_err());
        assert_eq!(ModelKinds::new(&[1], &groups[1..]).unwrap_err(), "no group of kinds \"comments\"");
    }
}
