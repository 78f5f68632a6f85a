//! Lines that stand together are judged together: the cells of a table, the answers of an interview, the items of a list.
//!
//! A model that judges line by line takes some cells and leaves others, and half a table is worse than all of it or none. So inside the
//! article, between two paragraphs that stay, a run of short lines goes whole or not at all, and a short line that stands alone there is
//! a heading, or says who speaks.

use std::ops::Range;

use crate::model::features::LineFacts;

/// Of the lines of a group this share must be below the bar of a whole page for the group to be furniture.
const NEARLY_ALL: f32 = 0.9;

/// Takes back from `goes`, which says of each line whether it goes, the lines of groups that stay. `odds` are the log-odds of the lines,
/// `page` is
/// the bar of a whole page, `bar` the one in use.
pub fn spare(lines: &[LineFacts], odds: &[f32], bar: f32, page: f32, goes: &mut [bool]) {
    let stays: Vec<usize> = (0..lines.len()).filter(|&i| lines[i].hit.is_none() && lines[i].profile.is_prose() && !goes[i]).collect();
    for pair in stays.windows(2) {
        let run = pair[0] + 1..pair[1];
        if !run.clone().any(|i| goes[i]) {
            continue;
        }
        for group in groups(lines, run) {
            let open: Vec<usize> = group.filter(|&i| lines[i].hit.is_none()).collect();
            let low = open.iter().filter(|&&i| odds[i] < page).count() as f32;
            let mean = open.iter().map(|&i| odds[i]).sum::<f32>() / open.len().max(1) as f32;
            let heading = open.len() == 1 && alone(pair, open[0]);
            if heading || low < NEARLY_ALL * open.len() as f32 || mean >= bar {
                open.iter().for_each(|&i| goes[i] = false);
            }
        }
    }
}

/// Whether the line stands alone between two paragraphs.
fn alone(pair: &[usize], line: usize) -> bool {
    pair[0] + 1 == line && line + 1 == pair[1]
}

/// Parts a run of lines between prose where rules know a line: what stands on both sides of a button need not be one list. The last line
/// may be the heading of the prose below, and is judged by itself.
fn groups(lines: &[LineFacts], run: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = run.start;
    for i in run.clone() {
        if lines[i].hit.is_some() {
            found.push(from..i);
            from = i + 1;
        }
    }
    if run.end - from > 1 {
        found.push(from..run.end - 1);
        from = run.end - 1;
    }
    found.push(from..run.end);
    found.retain(|group| !group.is_empty());
    found
}
