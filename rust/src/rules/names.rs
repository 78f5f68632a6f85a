//! Whether the line that a byline rule matches names somebody.
//!
//! "By Ann Smith" and "By Popular Demand" have one form. So a byline has to show more than capitals: a first name that is known, an initial,
//! two full names, a role, a handle, a date or a label with a colon; and none of the words that stand in titles.

use foldhash::HashSet;

use crate::rules::voice::Words;

/// The words of a language by which names are known.
#[derive(Debug, Default)]
pub struct Names {
    /// Words after which a name stands: by, von, par.
    pub after: HashSet<String>,
    /// Words that end a name where a date follows: on, at.
    pub ends: Words,
    /// First names.
    pub given: HashSet<String>,
    /// Words that stand between two names.
    pub joins: HashSet<String>,
    /// Words that no name has: articles, prepositions, nouns of titles.
    pub never: Words,
    /// Words that are no name by themselves: weekdays, months, feasts.
    pub alone: Words,
    /// What people are called that write: reporter, agency names.
    pub roles: Words,
}

/// Words before which the word after which a name stands has to stand.
const OPENING: usize = 5;
/// The most words of one name.
const NAME: usize = 6;
/// What stands small inside a name.
const PARTICLES: &[&str] = &[
    "van", "von", "vom", "zu", "de", "del", "della", "dello", "der", "den", "di", "da", "das", "do", "dos", "du", "la", "le", "lo", "los",
    "las", "el", "al", "bin", "ibn", "ben", "ter", "ten", "af", "av",
];

impl Names {
    /// Whether `line`, folded with its capitals, names somebody.
    pub fn is_byline(&self, line: &str) -> bool {
        let words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
        let Some(by) = words.iter().take(OPENING).position(|word| self.after.contains(&bare(word))) else { return true };
        let labelled =
            by > 0 || words[by].ends_with([':', '|', '/']) || words.get(by + 1).is_some_and(|word| matches!(*word, ":" | "|" | "/" | "-"));
        let rest = &words[by + 1..];
        let name = self.name(rest);
        if name.is_empty() || name.len() > NAME {
            return labelled || self.has_role(rest);
        }
        if self.is_refuted(name) {
            return false;
        }
        labelled
            || (name.len() > 1 && self.is_given(name[0]))
            || name.iter().any(|word| is_initial(word))
            || self.has_role(rest)
            || self.has_second(&rest[name.len()..])
            || has_year(&rest[name.len()..])
    }

    /// Whether a word of the name is none, or all of it is a day or a month.
    fn is_refuted(&self, name: &[&str]) -> bool {
        let known = self.is_given(name[0]);
        let never = |word: &&str| self.never.has(&bare(word)) && !(known && PARTICLES.contains(&bare(word).as_str()));
        name.iter().any(never) || name.iter().all(|word| self.alone.has(&bare(word)))
    }

    fn is_given(&self, word: &str) -> bool {
        let word = bare(word);
        self.given.contains(&word) || word.split('-').next().is_some_and(|first| self.given.contains(first))
    }

    /// The words up to the first mark, digit or word that joins or ends a name.
    fn name<'a>(&self, words: &'a [&'a str]) -> &'a [&'a str] {
        for (at, word) in words.iter().enumerate() {
            let next = words.get(at + 1).is_some_and(|next| next.starts_with(|c: char| c.is_numeric()) || self.alone.has(&bare(next)));
            let ends = self.ends.has(&word.to_lowercase()) && (next || at > 1 && self.is_given(words[0]));
            if ends || word.starts_with(|c: char| !c.is_alphabetic()) || self.joins.contains(&word.to_lowercase()) {
                return &words[..at];
            }
            if word.ends_with([',', ';', ':', '|', '/']) {
                return &words[..=at];
            }
        }
        words
    }

    /// Whether a second name of two words or more follows, of which one is known if no word joins them.
    fn has_second(&self, words: &[&str]) -> bool {
        let Some((join, rest)) = words.split_first() else { return false };
        let joined = self.joins.contains(&join.to_lowercase());
        let name = self.name(if joined { rest } else { words });
        let capitals = name.iter().filter(|word| word.starts_with(char::is_uppercase)).count();
        capitals > 1 && !self.is_refuted(name) && (joined || self.is_given(name[0]))
    }

    fn has_role(&self, words: &[&str]) -> bool {
        words.iter().any(|word| word.contains('@') || word.split('/').any(|part| self.roles.has(&trim(part).to_lowercase())))
    }
}

fn trim(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

fn bare(word: &str) -> String {
    trim(word).to_lowercase()
}

/// Whether a year or a time stands among the words.
fn has_year(words: &[&str]) -> bool {
    words.iter().any(|word| word.chars().filter(char::is_ascii_digit).count() >= 4)
}

/// Whether a word is an initial with its dot, or two of them.
fn is_initial(word: &str) -> bool {
    let mut letters = word.split('.').filter(|part| !part.is_empty()).peekable();
    word.ends_with('.') && letters.peek().is_some() && letters.all(|part| part.chars().count() == 1 && part.chars().all(char::is_uppercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn english() -> Names {
        let set = |words: &str| words.split(' ').map(str::to_owned).collect::<HashSet<_>>();
        let list = |words: &str| Words::new(&words.split(' ').map(str::to_owned).collect::<Vec<_>>());
        Names {
            after: set("by"),
            given: set("ann jean"),
            joins: set("and &"),
            ends: list("on for"),
            never: list("any other demand the"),
            alone: list("monday may june easter"),
            roles: list("reporter reuters"),
        }
    }

    /// Each proof of a name will do.
    #[test]
    fn bylines() {
        let names = english();
        let all = [
            "By Ann Smith",
            "By Jean-Luc Smith",
            "By Xo Q. Zed",
            "By Xo Zed, Reporter",
            "By Xo Zed and Yi Wu",
            "By: Xo Zed",
            "BY ANN SMITH",
            "By Ann van der Zed for The Paper",
            "By Xo Zed on May 3, 2018",
        ];
        for line in all {
            assert!(names.is_byline(line), "{line}");
        }
    }

    /// Titles and deadlines have the same form and no proof, or a word that no name has.
    #[test]
    fn titles() {
        let names = english();
        for line in
            ["By Any Other Name", "By Monday, June 2, 2025", "By Easter Monday", "By Popular Demand", "By Land and Sea", "By Xo Zed"]
        {
            assert!(!names.is_byline(line), "{line}");
        }
    }
}
