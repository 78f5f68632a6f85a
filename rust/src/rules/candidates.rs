//! Which rules match a line.
//!
//! A rule's pattern must match a whole folded line. From each pattern the literals are taken that every match begins with, or ends
//! with, whichever says more (`regex-syntax` does the taking). A line that begins and ends with none of them is no rule's business
//! (`tiers`); for the few others the pattern is tried, here by engines that never backtrack (`pattern`). A rule whose pattern these don't
//! read is a possible candidate, on which another engine must decide.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use crate::rules::fold;
use crate::rules::literals::Anchors;
use crate::rules::names::Names;
use crate::rules::pattern::{Memory, Pattern};
use crate::rules::seen::Seen;
use crate::rules::tiers::{TIERS, Tier};
use crate::rules::voice::Voice;

/// What this side needs to know of a rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The pattern; one that `regex-syntax` cannot read is not tried here.
    pub pattern: String,
    /// Its literals (see [`crate::rules::literals::literals`]); none: every line is its candidate.
    pub anchors: Anchors,
    /// Whether the pattern sees capitals.
    pub case: bool,
    /// Longest line it judges, in code points.
    pub max_chars: u32,
    /// What a line must show besides.
    pub proof: Proof,
}

/// What a line must show besides matching the pattern.
#[derive(Clone, Debug, Default)]
pub enum Proof {
    /// Nothing.
    #[default]
    None,
    /// Where an open stretch of the pattern is needed to match it: the voice of a notice.
    Notice(Arc<Voice>),
    /// That it is no sentence of prose.
    Title(Arc<Voice>),
    /// Somebody's name.
    Name(Arc<Names>),
}

impl Proof {
    fn is_needed(&self) -> bool {
        !matches!(self, Proof::None)
    }
}

/// A rule that is a line's business, by its number. A rule that is no candidate of a line does not match it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidate {
    /// Its pattern was tried, and matches the line.
    Match(u16),
    /// Its pattern is not for the engines here: it may match the line, and another engine must say so.
    Possible(u16),
}

impl Candidate {
    /// Returns the number of the rule.
    pub fn rule(self) -> u16 {
        match self {
            Candidate::Match(rule) | Candidate::Possible(rule) => rule,
        }
    }
}

/// Finds the candidates of lines.
pub struct RuleMatcher {
    rules: Vec<Rule>,
    /// The patterns, compiled when first tried; `None`: not for this engine.
    patterns: Vec<OnceLock<Option<Pattern>>>,
    /// The same without their open stretches.
    closed: Vec<OnceLock<Option<Pattern>>>,
    tiers: Vec<Tier>,
    always: Vec<u16>,
}

/// What [`RuleMatcher::candidates`] keeps from line to line. It belongs to one matcher.
#[derive(Default)]
pub struct MatchScratch {
    text: String,
    /// The line as rules see it: without case, with case.
    folded: [String; 2],
    memory: Memory,
    seen: Seen<Candidate>,
    /// Rules whose literals stand in the line.
    anchored: Vec<u16>,
    found: Vec<Candidate>,
}

impl RuleMatcher {
    /// Puts the literals in order; at most 65,536 rules.
    pub fn new(rules: Vec<Rule>) -> Self {
        let starts = [0].into_iter().chain(TIERS);
        let anchors = || rules.iter().map(|rule| (&rule.anchors, rule.max_chars));
        let tiers: Vec<Tier> = starts.zip(TIERS).map(|(over, longest)| Tier::new(over, longest, anchors())).collect();
        RuleMatcher {
            patterns: rules.iter().map(|_| OnceLock::new()).collect(),
            closed: rules.iter().map(|_| OnceLock::new()).collect(),
            always: tiers.iter().flat_map(|tier| tier.always.iter().copied()).collect::<BTreeSet<_>>().into_iter().collect(),
            tiers,
            rules,
        }
    }

    /// Returns the candidates of `line`, each rule once, in the order of their numbers.
    pub fn candidates<'s>(&self, line: &str, scratch: &'s mut MatchScratch) -> &'s [Candidate] {
        scratch.found.clear();
        let place = Seen::<Candidate>::place(line);
        if let Some(found) = place.and_then(|place| scratch.seen.find(place, line)) {
            scratch.found.extend_from_slice(found);
            return &scratch.found;
        }
        self.find(line, scratch);
        if let Some(place) = place {
            scratch.seen.keep(place, line, &scratch.found);
        }
        &scratch.found
    }

    fn find(&self, line: &str, scratch: &mut MatchScratch) {
        let stripped = fold::strip(line);
        if stripped.is_empty() {
            return;
        }
        let chars = stripped.chars().count();
        let tier = self.tiers.iter().find(|tier| chars <= tier.longest).expect("the last tier has no limit");
        scratch.anchored.clear();
        tier.find(stripped, &mut scratch.text, &mut scratch.anchored);
        if !scratch.anchored.is_empty() {
            self.narrow(stripped, chars, scratch);
        }
    }

    /// Fills `scratch.found` with the anchored rules that judge lines of this length and whose patterns match it, or are not read
    /// here.
    fn narrow(&self, stripped: &str, chars: usize, scratch: &mut MatchScratch) {
        // An ellipsis folds to three dots.
        let chars = if stripped.is_ascii() { chars } else { chars + 2 * stripped.matches('…').count() };
        let rule = |i: &u16| &self.rules[*i as usize];
        scratch.anchored.retain(|i| chars <= rule(i).max_chars as usize);
        scratch.anchored.sort_unstable();
        scratch.anchored.dedup();
        for case in [false, true] {
            if scratch.anchored.iter().any(|i| rule(i).case == case || case && rule(i).proof.is_needed()) {
                fold::fold_to(stripped, case, &mut scratch.folded[usize::from(case)]);
            }
        }
        let MatchScratch { folded, anchored, found, memory, .. } = scratch;
        found.extend(anchored.iter().filter_map(|&i| {
            let line = &folded[usize::from(rule(&i).case)];
            let candidate = match self.pattern(i) {
                Some(pattern) => pattern.matches(line, i.into(), memory).then_some(Candidate::Match(i)),
                None => Some(Candidate::Possible(i)),
            };
            candidate.filter(|_| self.is_proved(i, line, &folded[1], memory))
        }));
    }

    /// Whether a line that a rule matches shows what it must show besides. `line` is the line as the rule sees it, `cased` with capitals.
    fn is_proved(&self, rule: u16, line: &str, cased: &str, memory: &mut Memory) -> bool {
        match &self.rules[usize::from(rule)].proof {
            Proof::None => true,
            Proof::Name(names) => names.is_byline(cased),
            Proof::Notice(voice) => self.is_closed(rule, line, memory) || voice.is_notice(cased),
            Proof::Title(voice) => voice.is_title(cased),
        }
    }

    /// Whether a rule matches a line without its open stretches.
    fn is_closed(&self, rule: u16, line: &str, memory: &mut Memory) -> bool {
        let number = usize::from(rule);
        let Rule { pattern, anchors, .. } = &self.rules[number];
        let closed = self.closed[number].get_or_init(|| Pattern::closed(pattern, !anchors.head.is_empty()));
        closed.as_ref().is_some_and(|closed| closed.matches(line, self.rules.len() + number, memory))
    }

    fn pattern(&self, rule: u16) -> Option<&Pattern> {
        let number = usize::from(rule);
        self.patterns[number]
            .get_or_init(|| Pattern::new(&self.rules[number].pattern, !self.rules[number].anchors.head.is_empty()))
            .as_ref()
    }

    /// Lists the rules whose patterns are not for the engines here: all their candidates are only possible ones.
    pub fn undecided(&self) -> Vec<u16> {
        (0..self.rules.len()).map(|rule| rule as u16).filter(|rule| self.pattern(*rule).is_none()).collect()
    }

    /// Returns a line as a rule sees it.
    pub fn folded(&self, rule: u16, line: &str) -> String {
        fold::fold(fold::strip(line), self.rules[usize::from(rule)].case)
    }

    /// Lists the rules that have no literal to find them by: each line is their candidate.
    pub fn unanchored(&self) -> &[u16] {
        &self.always
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::literals::literals;

    fn matcher(patterns: &[&str]) -> RuleMatcher {
        RuleMatcher::new(
            patterns
                .iter()
                .map(|p| Rule {
                    pattern: (*p).to_owned(),
                    anchors: literals(p, &[]),
                    case: p.contains(r"\p{Lu}"),
                    max_chars: 120,
                    proof: Proof::None,
                })
                .collect(),
        )
    }

    fn candidates(matcher: &RuleMatcher, line: &str) -> Vec<u16> {
        matcher.candidates(line, &mut MatchScratch::default()).iter().map(|candidate| candidate.rule()).collect()
    }

    /// Rules are found by how their lines begin, or end, in any case and behind decoration.
    #[test]
    fn found_by_either_end() {
        let rules = matcher(&["(leave|post) a (reply|comment)", "[0-9]{1,4} comments?", r"By \p{Lu}[\p{L} ]{2,30}", "ünïcode (à|é)"]);
        assert_eq!(candidates(&rules, "» LEAVE a Reply"), [0]);
        assert_eq!(candidates(&rules, "12 Comments"), [1]);
        assert_eq!(candidates(&rules, "By Ann Smith"), [2]);
        assert_eq!(candidates(&rules, "ÜNÏCODE É"), [3]);
        assert!(candidates(&rules, "Nothing of the kind").is_empty());
        assert!(candidates(&rules, &"leave a reply ".repeat(20)).is_empty());
        assert!(rules.unanchored().is_empty());
    }

    /// A pattern that neither begins nor ends with literals judges every line.
    #[test]
    fn without_literals_every_line_is_a_candidate() {
        let rules = matcher(&[r".{1,20}[0-9].{1,20}", r"(?=x)y"]);
        assert_eq!(rules.unanchored(), [0, 1]);
        assert_eq!(candidates(&rules, "anything"), [1]);
        assert_eq!(candidates(&rules, "a 4 here"), [0, 1]);
    }

    /// A pattern that is read here decides; one that is not makes possible candidates, also when the line was seen before.
    #[test]
    fn who_decides() {
        let (rules, mut scratch) = (matcher(&["leave a reply", "leave a (?=r)reply"]), MatchScratch::default());
        for _ in 0..2 {
            let found = rules.candidates("Leave a reply", &mut scratch);
            assert_eq!(found, [Candidate::Match(0), Candidate::Possible(1)]);
        }
        assert_eq!(rules.undecided(), [1]);
    }
}
