//! Rules, ready to find their lines.

use std::collections::HashMap;
use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::values::kind;
use crate::page::label::KindSet;
use crate::rules::candidates::{Candidate, Proof, Rule};
use crate::rules::literals::Anchors;
use crate::rules::names::Names;
use crate::rules::ruleset::Ruleset;
use crate::rules::traits::{RuleKinds, Takes, Trait, Where};
use crate::rules::voice::{Voice, Words};

/// Adds this file's class to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Rules>()
}

/// Rules by number.
#[pyclass(frozen)]
pub struct Rules {
    pub ruleset: Ruleset,
}

/// One rule: pattern, longest line, case, number of its kind, place, takes, its literals (see `rule_literals`), and what it needs besides:
/// `""`, or `notice`, `title` or `names`, with the number of the language.
type RuleRow = (String, u32, bool, u8, String, String, LiteralRow, (String, usize));
/// One language: the lists of its voice, the lists of its names, and whether it writes spaces, and capitals for names alone.
type LanguageRow = (HashMap<String, Vec<String>>, HashMap<String, Vec<String>>, bool, bool);
/// Literals that lines begin with, end with, hold.
type LiteralRow = (Vec<String>, Vec<String>, Vec<String>);

#[pymethods]
impl Rules {
    /// Takes the rules in the order of their numbers, masks of kinds (see [`RuleKinds`]), and the languages that rules name.
    #[new]
    fn new(rows: Vec<RuleRow>, kinds: (u64, u64, u64, u64), languages: Vec<LanguageRow>) -> PyResult<Self> {
        let languages: Vec<_> = languages.into_iter().map(language).collect();
        let rules = rows.into_iter().map(|row| rule(row, &languages)).collect::<PyResult<_>>()?;
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

fn language((mut voice, mut names, spaced, capitals): LanguageRow) -> (Arc<Voice>, Arc<Names>) {
    let mut said = |key: &str| voice.remove(key).unwrap_or_default();
    let voice = Voice {
        spaced,
        capitals,
        speaks: Words::new(&said("speaks")),
        tells: Words::new(&said("tells")),
        sure: said("sure"),
        known: said("known").into_iter().collect(),
    };
    let mut named = |key: &str| names.remove(key).unwrap_or_default();
    let names = Names {
        after: named("after").into_iter().collect(),
        given: named("given").into_iter().collect(),
        joins: named("joins").into_iter().collect(),
        ends: Words::new(&named("ends")),
        never: Words::new(&named("never")),
        alone: Words::new(&named("alone")),
        roles: Words::new(&named("roles")),
    };
    (Arc::new(voice), Arc::new(names))
}

fn rule(row: RuleRow, languages: &[(Arc<Voice>, Arc<Names>)]) -> PyResult<(Rule, Trait)> {
    let (pattern, max_chars, case, number, place, takes, (head, tail, inner), (needs, language)) = row;
    let words = languages.get(language);
    let proof = match (needs.as_str(), words) {
        ("notice", Some((voice, _))) => Proof::Notice(voice.clone()),
        ("title", Some((voice, _))) => Proof::Title(voice.clone()),
        ("names", Some((_, names))) => Proof::Name(names.clone()),
        _ => Proof::None,
    };
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
    let rule = Rule { pattern, anchors: Anchors { head, tail, inner }, case, max_chars, proof };
    Ok((rule, Trait { kind: kind(number)?, place, takes }))
}
