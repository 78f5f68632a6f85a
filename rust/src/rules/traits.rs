//! What context needs to know of a rule: its kind, where its line may stand, what that takes along; and the groups that kinds are in.

use crate::page::label::{Kind, KindSet};

/// Where a rule's line may stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Where {
    /// Anywhere: the line gives itself away.
    Any,
    /// Near the top: `prose.rs` says how much prose may stand above it.
    Top,
    /// Near the bottom.
    Bottom,
    /// Either.
    Edges,
}

/// What goes with a rule's line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Takes {
    /// Nothing.
    Line,
    /// The lines below it that are not prose.
    List,
    /// All that is below it, if more of the prose stands above; else as `List`.
    Rest,
}

/// What labelling needs to know of a rule.
#[derive(Clone, Copy, Debug)]
pub struct Trait {
    /// Its kind.
    pub kind: Kind,
    /// Where its line may stand.
    pub place: Where,
    /// What its line takes along.
    pub takes: Takes,
}

/// Groups of kinds that decide what a line is from where it stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct RuleKinds {
    /// Page furniture: a short line between two such lines is furniture too. (A headline stands between a section label and a byline,
    /// which are none.)
    pub furniture: KindSet,
    /// Kinds whose lines are words that an article may have for a heading, a cell or an answer. (A byline says who wrote it, a date line
    /// when; these are themselves wherever they stand.)
    pub words: KindSet,
    /// Those of them whose lines are such words even where their rule allows them anywhere. (A button to share something is none.)
    pub labels: KindSet,
    /// Kinds of which an article has a line or two: who wrote it, and when.
    pub marks: KindSet,
}
