//! How likely a line must be part of the article to stay.
//!
//! On a page where the model is sure of every line, a line that is probably none of the article is a line too many. On a page where it is
//! sure of few, nearly all of what belongs is only likely, and the same bar would take it. So the bar is found for each page: at the bar, the
//! F-measure that is to be expected is greatest (Z. C. Lipton, C. Elkan and B. Naryanaswamy, *Optimal thresholding of classifiers to maximize F1
//! measure*, 2014), with a weight that says how much worse a lost word is than a word too many (C. J. van Rijsbergen, *Information
//! retrieval*, 1979).

use std::cmp::Ordering;

/// Log-odds of a line that is not in question.
pub const CERTAIN: f32 = 4.0;

/// How a text is to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// As the model finds it.
    Auto,
    /// As an article, whatever it looks like.
    Article,
    /// As the text of a whole page.
    Page,
}

/// How much goes.
#[derive(Clone, Copy, Debug)]
pub struct Bar {
    article: f32,
    sure: f32,
    slope: f32,
    under: f32,
    weight: f32,
}

/// The bar of one page, in log-odds.
#[derive(Clone, Copy, Debug)]
pub struct PageBar {
    /// What a line must reach to stay.
    pub line: f32,
    /// What it would have to reach if the text were surely a whole page.
    pub page: f32,
    /// What a line must reach that stands under a heading, or between two lines that go, or that a rule would take were it not for its place.
    pub under: f32,
    /// Whether the text is surely a whole page.
    pub is_page: bool,
}

impl Bar {
    /// Takes the bar of articles; the log-odds of being a whole page from which a text surely is one; by how much the bar sinks for each unit
    /// of log-odds below that; the bar of a line under a heading in a page; and the weight of a lost word beside that of a word too many.
    ///
    /// # Errors
    ///
    /// If a line that is not in question could go, or the weight is below one.
    pub fn new(article: f32, sure: f32, slope: f32, under: f32, weight: f32) -> Result<Self, String> {
        for (name, value) in [("articles", article), ("lines under a heading", under)] {
            if value.partial_cmp(&CERTAIN).is_none_or(Ordering::is_gt) {
                return Err(format!("the bar of {name}, {value}, is above {CERTAIN}, what a line has that is not in question"));
            }
        }
        if !(slope.is_finite() && sure.is_finite()) {
            return Err(format!("a bar that rises by {slope} up to {sure}"));
        }
        // From one on, no line goes that belongs more likely than not.
        if !(weight >= 1.0 && weight.is_finite()) {
            return Err(format!("the weight of a lost word, {weight}, is not at least 1"));
        }
        Ok(Bar { article, sure, slope, under, weight })
    }

    /// Returns the bar of a page, from the log-odds of its being a whole page, and from the log-odds and words of its lines.
    pub fn of(&self, mode: Mode, page: f32, lines: impl Iterator<Item = (f32, f32)>) -> PageBar {
        let highest = self.best(lines).max(self.article);
        let (line, is_page) = match mode {
            Mode::Auto => ((highest + self.slope * (page - self.sure)).clamp(self.article, highest), page >= self.sure),
            Mode::Article => (self.article, false),
            Mode::Page => (highest, true),
        };
        PageBar { line, page: highest, under: line + (self.under - highest), is_page }
    }

    /// The log-odds of the least likely line that stays where the F-measure to be expected is greatest.
    fn best(&self, lines: impl Iterator<Item = (f32, f32)>) -> f32 {
        let mut lines: Vec<(f32, f64, f64)> =
            lines.map(|(odds, words)| (odds, f64::from(words), f64::from(words) * f64::from(probability(odds)))).collect();
        lines.sort_by(|one, other| f32::total_cmp(&other.0, &one.0));
        let all: f64 = lines.iter().map(|line| line.2).sum();
        let (mut kept, mut gained, mut best) = (0.0, 0.0, (0.0, 0.0));
        for (odds, words, expected) in lines {
            kept += words;
            gained += expected;
            let measure = gained / (kept + f64::from(self.weight) * all).max(f64::MIN_POSITIVE);
            if measure > best.0 {
                best = (measure, odds);
            }
        }
        best.1.min(0.0)
    }
}

/// Returns the probability of these log-odds. Sums, products, quotients and rounding alone, in one order: every machine gives the same answer.
pub fn probability(odds: f32) -> f32 {
    1.0 / (1.0 + exp(-odds))
}

/// The exponential function, to six digits: a power of two times that of a number near zero, by Taylor's series.
fn exp(x: f32) -> f32 {
    let x = x.clamp(-80.0, 80.0);
    let whole = (x * std::f32::consts::LOG2_E).round();
    let rest = x - whole * std::f32::consts::LN_2;
    let series = [720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0].into_iter().fold(0.0, |sum: f32, factorial| sum * rest + 1.0 / factorial);
    series * f32::from_bits(((whole as i32 + 127) as u32) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(weight: f32) -> Bar {
        Bar::new(-4.2, 1.1, 1.0, 0.0, weight).unwrap()
    }

    /// The exponential function is what it is elsewhere.
    #[test]
    fn probabilities() {
        for step in -2000..2000 {
            let odds = step as f32 / 100.0;
            let expected = 1.0 / (1.0 + (-f64::from(odds)).exp());
            assert!((f64::from(probability(odds)) / expected - 1.0).abs() < 1e-5, "{odds}");
        }
        assert_eq!((probability(f32::INFINITY), probability(0.0)), (1.0, 0.5));
        assert!(probability(f32::NEG_INFINITY) < 1e-30 && probability(f32::NAN).is_nan());
    }

    /// Where all is clear, what is doubtful goes; where all is doubtful, it stays.
    #[test]
    fn the_surer_the_page_the_higher_the_bar() {
        let (clear, doubtful) = ([(4.0, 100.0), (-1.2, 10.0), (-5.0, 90.0)], [(-1.0, 100.0), (-1.2, 10.0), (-5.0, 90.0)]);
        let of = |weight, lines: [(f32, f32); 3]| bar(weight).of(Mode::Page, 0.0, lines.into_iter()).line;
        assert_eq!((of(1.0, clear), of(1.0, doubtful)), (0.0, -1.2));
        assert_eq!(of(6.0, clear), -1.2);
    }

    /// An article has its own bar, and what is neither lies between.
    #[test]
    fn articles() {
        let of = |mode, page| bar(1.0).of(mode, page, [(2.0, 50.0)].into_iter());
        assert_eq!((of(Mode::Article, 9.0).line, of(Mode::Auto, -9.0).line, of(Mode::Auto, 9.0).line), (-4.2, -4.2, 0.0));
        assert!((of(Mode::Auto, 0.1).line - -1.0).abs() < 1e-6 && !of(Mode::Auto, 0.1).is_page && of(Mode::Auto, 1.1).is_page);
        assert_eq!(bar(1.0).of(Mode::Page, 0.0, std::iter::empty()).line, 0.0);
    }
}
