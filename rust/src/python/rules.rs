//! Rules, ready to find their lines.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::values::kind;
use crate::page::label::KindSet;
use crate::rules::candidates::{Candidate, Rule};
use crate::rules::literals::Anchors;
use crate::rules::ruleset::Ruleset;
use crate::rules::traits::{RuleKinds, Takes, Trait, Where};

/// Adds this file's class to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Rules>()
}

/// Rules by number.
#[pyclass(frozen)]
pub struct Rules {
    pub ruleset: Ruleset,
}

/// One rule: pattern, longest line, case, number of its kind, place, takes, and its literals (see `rule_literals`).
type RuleRow = (String, u32, bool, u8, String, String, LiteralRow);
/// Literals that lines begin with, end with, hold.
type LiteralRow = (Vec<String>, Vec<String>, Vec<String>);

#[pymethods]
impl Rules {
    /// Takes the rules in the order of their numbers, and masks of kinds: see [`RuleKinds`].
    #[new]
    fn new(rows: Vec<RuleRow>, kinds: (u64, u64, u64, u64)) -> PyResult<Self> {
        let rules = rows.into_iter().map(rule).collect::<PyResult<_>>()?;
        let (furniture, words, labels, marks) = kinds;
        let set = KindSet::new;
        let kinds = RuleKinds { furniture: set(furniture), words: set(words), labels: set(labels), marks: set(marks) };
        Ok(Rules { ruleset: Ruleset::new(rules, kinds) })
    }

    /// Lists the rules that have no literal to be found by: each line is their candidate.
    fn unanchored(&self) -> Vec<u16> {
        self.ruleset.matcher().unanchored().to_vec()
    }

    /// Lists the rules whose candidates Python has to decide on.
    fn undecided(&self) -> Vec<u16> {
        self.ruleset.matcher().undecided()
    }

    /// Lists the rules that match `line`, or could if they are undecided.
    fn candidates(&self, line: &str) -> Vec<u16> {
        let rules = |found: &[Candidate]| found.iter().map(|candidate| candidate.rule()).collect();
        self.ruleset.with_scratch(|scratch| rules(self.ruleset.matcher().candidates(line, scratch)))
    }
}

fn rule((pattern, max_chars, case, number, place, takes, (head, tail, inner)): RuleRow) -> PyResult<(Rule, Trait)> {
    let place = match place.as_str() {
        "any" => Where::Any,
        "top" => Where::Top,
        "bottom" => Where::Bottom,
        "edges" => Where::Edges,
        other => return Err(PyValueError::new_err(format!("where = {other:?}"))),
    };
    let takes = match takes.as_str() {
        "line" => Takes::Line,
        "list" => Takes::List,
        "rest" => Takes::Rest,
        other => return Err(PyValueError::new_err(format!("takes = {other:?}"))),
    };
    let rule = Rule { pattern, anchors: Anchors { head, tail, inner }, case, max_chars };
    Ok((rule, Trait { kind: kind(number)?, place, takes }))
}
