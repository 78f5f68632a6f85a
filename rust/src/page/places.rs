//! What is left of a text, and where it stood.

use crate::text::lines::Span;

/// Where what is left of a text stood in it, in bytes.
#[derive(Default)]
pub struct Places {
    /// Where something was taken out: at which byte of what is left, and how many bytes are gone up to there.
    gaps: Vec<(u32, u32)>,
}

impl Places {
    /// Takes stretches out of a text, in its order and apart from each other. Returns what is left.
    pub fn without(source: &str, gone: &[Span]) -> (String, Places) {
        let (mut left, mut gaps, mut at, mut missing) = (String::with_capacity(source.len()), Vec::new(), 0, 0);
        for span in gone {
            left.push_str(&source[at..span.start as usize]);
            at = span.range().end;
            missing += span.len;
            gaps.push((left.len() as u32, missing));
        }
        left.push_str(&source[at..]);
        (left, Places { gaps })
    }

    /// Lists the stretches of the source of which a stretch of what is left consists.
    pub fn pieces(&self, span: Span) -> Vec<Span> {
        let (mut start, end) = (span.start, span.start + span.len);
        let mut next = self.gaps.partition_point(|(at, _)| *at <= start);
        let mut missing = if next == 0 { 0 } else { self.gaps[next - 1].1 };
        let mut pieces = Vec::new();
        while let Some(&(at, gone)) = self.gaps.get(next).filter(|(at, _)| *at < end) {
            pieces.push(Span { start: start + missing, len: at - start });
            (start, missing, next) = (at, gone, next + 1);
        }
        pieces.push(Span { start: start + missing, len: end - start });
        pieces
    }

    /// Returns where a stretch of what is left stood, with what was taken out of it.
    pub fn span(&self, span: Span) -> Span {
        let pieces = self.pieces(span);
        Span::new(pieces[0].start as usize, pieces[pieces.len() - 1].range().end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The pieces of a stretch of what is left read as it does, and no piece has anything that was taken out.
        #[test]
        fn pieces_read_as_what_is_left(source in "[ab\u{e9}]{0,30}", cuts in prop::collection::vec(0..30usize, 0..8), ends in (0..30usize, 0..30usize)) {
            let places: Vec<usize> = source.char_indices().map(|(at, _)| at).chain([source.len()]).collect();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|i| places[i % places.len()]).collect();
            cuts.sort_unstable();
            cuts.dedup();
            let gone: Vec<Span> = cuts.chunks_exact(2).map(|two| Span::new(two[0], two[1])).collect();
            let (left, map) = Places::without(&source, &gone);
            let places: Vec<usize> = left.char_indices().map(|(at, _)| at).chain([left.len()]).collect();
            let (one, other) = (places[ends.0 % places.len()], places[ends.1 % places.len()]);
            let span = Span::new(one.min(other), one.max(other));
            let pieces = map.pieces(span);
            let read: String = pieces.iter().map(|piece| &source[piece.range()]).collect();
            prop_assert_eq!(&read, &left[span.range()]);
            for piece in &pieces {
                prop_assert!(gone.iter().all(|g| g.range().end <= piece.start as usize || piece.range().end <= g.start as usize));
            }
            let whole = map.span(span);
            prop_assert!(whole.start == pieces[0].start && whole.range().end == pieces[pieces.len() - 1].range().end);
        }
    }
}
