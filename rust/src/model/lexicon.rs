//! What the words of a line say: a weight for each word and for each two that stand side by side, added up.
//!
//! Words are known by their hashes alone (K. Weinberger et al., *Feature hashing for large scale multitask learning*, 2009), all languages in
//! one small table. It was taught like the trees (`training/words.py`): a logistic regression of whether a line belongs to the article.

use foldhash::HashMap;

use crate::model::features::LineFacts;
use crate::model::profile::Profile;
use crate::text::words::{Tokens, tokenize};

/// Lines of more words than this are not asked: running text is known by its looks, and reading it would take longer than all else.
const LONGEST: f32 = 24.0;
/// What a line has that is not asked for its length, and one that a rule has taken, or that has no words: the trees only need these apart from
/// what most short lines say.
const LONG: f32 = 2.0;
const SILENT: f32 = -3.0;
/// No line says more than this.
const LOUDEST: f32 = 6.0;
/// The hash of what stands before the first word of a line and behind the last.
const EDGE: u32 = 1;

/// Words and their weights.
#[derive(Debug)]
pub struct Lexicon {
    bias: f32,
    scale: f32,
    /// By hash, as many as a power of two.
    weights: Vec<i8>,
}

impl Lexicon {
    /// Takes what a line says that says nothing, what one step of a weight is worth, and the weights.
    ///
    /// # Errors
    ///
    /// If they are not as many as a power of two up to 65,536, or a number is none.
    pub fn new(bias: f32, scale: f32, weights: Vec<i8>) -> Result<Self, String> {
        if !weights.len().is_power_of_two() || weights.len() > 1 << 16 {
            return Err(format!("{} weights of words, which is no power of two up to 65,536", weights.len()));
        }
        if !(bias.is_finite() && scale.is_finite()) {
            return Err(format!("words that say {bias} and {scale}"));
        }
        Ok(Lexicon { bias, scale, weights })
    }

    /// Notes of each line what it says; a line that a rule has taken says what a line without words does. `said` holds what was found before,
    /// by the hash of a text.
    pub fn read<'a>(&self, lines: &mut [LineFacts], texts: impl Iterator<Item = &'a str>, said: &mut HashMap<u64, f32>) {
        let mut tokens = Tokens::default();
        for (line, text) in lines.iter_mut().zip(texts) {
            line.says = match line.hit {
                Some(_) => SILENT,
                None if is_read(&line.profile) => *said.entry(line.hash).or_insert_with(|| self.says(text, &mut tokens)),
                None => LONG,
            };
        }
    }

    /// Returns what a line says: log-odds of its belonging to the article, by its words alone. `tokens` is a buffer.
    fn says(&self, line: &str, tokens: &mut Tokens) -> f32 {
        let (mut sum, mut count) = (0_i32, 0_i32);
        hashes(line, tokens, |hash| {
            sum += i32::from(self.weights[hash as usize & (self.weights.len() - 1)]);
            count += 1;
        });
        if count == 0 { SILENT } else { (self.bias + self.scale * sum as f32 / (count as f32).sqrt()).clamp(-LOUDEST, LOUDEST) }
    }
}

/// Whether a line is asked what it says.
pub fn is_read(profile: &Profile) -> bool {
    profile.words <= LONGEST
}

/// Tells `each` the hashes of the words of a line and of each two side by side, the edges of the line among them; none if it has no words.
pub fn hashes(line: &str, tokens: &mut Tokens, mut each: impl FnMut(u32)) {
    tokenize(line, tokens);
    let mut before = EDGE;
    for i in 0..tokens.len() {
        let word = hash(tokens.run(i, 1));
        each(word);
        each(pair(before, word));
        before = word;
    }
    if !tokens.is_empty() {
        each(pair(before, EDGE));
    }
}

/// FNV-1a (G. Fowler, L. C. Noll and K.-P. Vo), its halves folded, so that a few bits of it are as good as all.
fn hash(word: &[u8]) -> u32 {
    let hash = word.iter().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    hash ^ hash >> 16
}

/// Mixes the hashes of two words, in their order.
fn pair(first: u32, second: u32) -> u32 {
    let mixed = (first.rotate_left(15) ^ second).wrapping_mul(0x9e37_79b1);
    mixed ^ mixed >> 16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::profile::profile;
    use crate::page::label::Kind;

    /// Words and pairs are hashed, with the edges of the line, whatever their case.
    #[test]
    fn words_and_pairs() {
        let of = |line| {
            let mut found = Vec::new();
            hashes(line, &mut Tokens::default(), |hash| found.push(hash));
            found
        };
        let (read, more) = (hash(b"read"), hash(b"more"));
        assert_eq!(of("Read  MORE!"), [read, pair(EDGE, read), more, pair(read, more), pair(more, EDGE)]);
        assert_ne!(pair(read, more), pair(more, read));
        assert_eq!(of(" – "), Vec::<u32>::new());
    }

    /// What is said grows with the weights, and is bounded.
    #[test]
    fn says() {
        let mut weights = vec![0; 64];
        weights[hash(b"more") as usize & 63] = -100;
        let lexicon = Lexicon::new(0.5, 0.1, weights).unwrap();
        let mut lines = ["more", "?", &"word ".repeat(25), "more"].map(|text| LineFacts { profile: profile(text), ..LineFacts::default() });
        lines[3].hit = Kind::new(0);
        lines.iter_mut().zip(0..).for_each(|(line, number)| line.hash = number);
        let mut said = HashMap::default();
        lexicon.read(&mut lines, ["more", "?", "", "more"].into_iter(), &mut said);
        assert!(lines[0].says < -5.0 && lines[0].says >= -LOUDEST);
        assert_eq!([lines[1].says, lines[2].says, lines[3].says], [SILENT, LONG, SILENT]);
        assert_eq!((said.len(), said[&0]), (2, lines[0].says));
        assert!(Lexicon::new(0.5, 0.1, vec![0; 63]).is_err() && Lexicon::new(f32::NAN, 0.1, vec![0; 64]).is_err());
    }
}
