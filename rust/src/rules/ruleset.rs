//! Rules made ready for many threads: the matcher, where the lines of each rule may stand, and scratch spaces.

use std::sync::{Mutex, PoisonError};

use crate::page::document::Page;
use crate::rules::candidates::{MatchScratch, Rule, RuleMatcher};
use crate::rules::context;
use crate::rules::traits::{RuleKinds, Trait};

/// See the module's head.
pub struct Ruleset {
    matcher: RuleMatcher,
    traits: Vec<Trait>,
    kinds: RuleKinds,
    /// What threads that are not at work have left, for the next.
    idle: Mutex<Vec<MatchScratch>>,
}

impl Ruleset {
    /// Takes the rules, at most 65,536, and the groups of kinds that they are judged by.
    pub fn new(rules: Vec<(Rule, Trait)>, kinds: RuleKinds) -> Self {
        let (rules, traits) = rules.into_iter().unzip();
        Ruleset { matcher: RuleMatcher::new(rules), traits, kinds, idle: Mutex::default() }
    }

    /// Returns the matcher.
    pub fn matcher(&self) -> &RuleMatcher {
        &self.matcher
    }

    /// Runs `work` with a scratch space that belongs to the matcher.
    pub fn with_scratch<T>(&self, work: impl FnOnce(&mut MatchScratch) -> T) -> T {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = idle().pop().unwrap_or_default();
        let result = work(&mut scratch);
        idle().push(scratch);
        result
    }

    /// Labels the units of `page` from the rules that matched them.
    pub fn label(&self, page: &mut Page) {
        context::label(page, &self.traits, self.kinds);
    }
}
